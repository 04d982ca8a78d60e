"""Survey of the rows of a training: what is kept, what is dropped and why, how long they are, and what is learned."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from quintain.doctor.finding import MarkedRow
from quintain.training.row_rendering import RenderedRow
from quintain.training.token_rows import IGNORED

LearnedOf = Callable[[Any, Sequence[RenderedRow]], list[list[int]]]
SHOWN_ROWS = 10
TOO_LONG = "too-long"


class RowSurvey:
    """Counts rows as they come, and keeps some to look at.

    Args:
        max_length: Longest row, in tokens; None where there is no limit.
        tokenizer: The student's tokenizer.
        learned_of: Which tokens of rows carry loss, by the collator of the training.
    """

    def __init__(self, max_length: int | None, tokenizer: Any, learned_of: LearnedOf) -> None:
        self.max_length = max_length
        self.dropped: Counter[str] = Counter()
        self.examples: dict[str, str] = {}
        """Reason → name of the first row that was dropped for it."""
        self._tokenizer = tokenizer
        self._learned_of = learned_of
        self._lengths: list[int] = []
        self._kept_lengths: list[int] = []
        self._learned_tokens = 0
        self._drawn: list[tuple[int, str, RenderedRow]] = []
        self._random = random.Random(0)

    @property
    def kept(self) -> int:
        """Rows that are learned from."""
        return len(self._kept_lengths)

    @property
    def seen(self) -> int:
        """Rows looked at."""
        return self.kept + self.dropped.total()

    @property
    def mean_tokens(self) -> float:
        """Tokens of a kept row, on average."""
        return float(np.mean(self._kept_lengths)) if self._kept_lengths else 0.0

    @property
    def longest(self) -> int:
        """Tokens of the longest kept row."""
        return max(self._kept_lengths, default=0)

    @property
    def reasons(self) -> str:
        """Counts of what was dropped, by reason."""
        return ", ".join(f"{count:,} {reason}" for reason, count in self.dropped.most_common()) or "there is none"

    def drop(self, name: str, reason: str) -> None:
        """Count a row that is none."""
        self.dropped[reason] += 1
        self.examples.setdefault(reason, name)

    def add(self, name: str, row: RenderedRow) -> None:
        """Count a row, and perhaps keep it to look at.

        Args:
            name: Its id, or the number of its line.
            row: The row.
        """
        tokens = len(row.prompt_ids) + len(row.learned_ids)
        if tokens and row.reason in ("", TOO_LONG):
            self._lengths.append(tokens)
        if row.reason:
            self.drop(name, row.reason)
            return
        self._kept_lengths.append(tokens)
        self._learned_tokens += len(row.learned_ids)
        # Each kept row is among those shown with equal chance, however many there are.
        place = self.kept - 1 if self.kept <= SHOWN_ROWS else self._random.randrange(self.kept)
        if place < SHOWN_ROWS:
            self._drawn[place : place + 1] = [(self.kept, name, row)]

    def facts(self) -> list[tuple[str, str]]:
        """Counts and lengths in words, one row a fact."""
        found = [("rows", f"{self.kept:,} of {self.seen:,} are learned from")]
        for reason, count in self.dropped.most_common():
            found.append(("  dropped", f"{count:,} {reason}, the first of them {self.examples[reason]}"))
        if self._lengths:
            middle, high = np.percentile(self._lengths, [50, 95], method="inverted_cdf")
            limit = f"; the limit is {self.max_length:,} (max_length)" if self.max_length else ""
            found.append(
                ("tokens a row", f"median {middle:,}, 95 % up to {high:,}, longest {max(self._lengths):,}{limit}")
            )
        if self.kept:
            share = self._learned_tokens / sum(self._kept_lengths)
            found.append(("learned", f"{share:.0%} of the tokens of kept rows"))
        return found

    def marked_rows(self) -> list[MarkedRow]:
        """Rows as the training's own collator hands them to the model, in the order of the file."""
        drawn = [(name, row) for _, name, row in sorted(self._drawn, key=lambda each: each[0])]
        learned = self._learned_of(self._tokenizer, [row for _, row in drawn])
        return [
            MarkedRow(
                name=name,
                prompt=row.prompt,
                # The text of these very tokens; any others are shown as they are.
                learned=row.learned if ids == list(row.learned_ids) else str(self._tokenizer.decode(ids)),
                tokens=len(row.prompt_ids) + len(row.learned_ids),
            )
            for (name, row), ids in zip(drawn, learned, strict=True)
        ]


def learned_of_pairs(tokenizer: Any, rows: Sequence[RenderedRow]) -> list[list[int]]:
    """Tokens that carry loss in a batch, as TRL's collator lays it out for `SFTTrainer`.

    Args:
        tokenizer: The student's tokenizer.
        rows: Rows that are kept.

    Returns:
        Per row the ids of its learned tokens.
    """
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    if not rows:
        return []
    batch = DataCollatorForLanguageModeling(pad_token_id=tokenizer.pad_token_id)(
        [
            {
                "input_ids": [*row.prompt_ids, *row.learned_ids],
                "labels": [IGNORED] * len(row.prompt_ids) + [*row.learned_ids],
            }
            for row in rows
        ]
    )
    return [labels[labels != IGNORED].tolist() for labels in batch["labels"]]


def learned_of_preferences(tokenizer: Any, rows: Sequence[RenderedRow]) -> list[list[int]]:
    """Tokens whose log-probabilities are compared, as the collator of preference training lays them out.

    Args:
        tokenizer: The student's tokenizer.
        rows: Prompts with one of their responses.

    Returns:
        Per row the ids of its response.
    """
    from quintain.training.preference.trainer import WeightedPreferenceCollator

    if not rows:
        return []
    marks = [[0] * len(row.learned_ids) for row in rows]
    batch = WeightedPreferenceCollator(pad_token_id=tokenizer.pad_token_id)(
        [
            {
                "prompt_ids": list(row.prompt_ids),
                **{f"{side}_ids": list(row.learned_ids) for side in ("chosen", "rejected")},
                **{f"{side}_modified": unmarked for side in ("chosen", "rejected")},
            }
            for row, unmarked in zip(rows, marks, strict=True)
        ]
    )
    chosen = zip(batch["input_ids"][: len(rows)], batch["completion_mask"][: len(rows)], strict=True)
    return [ids[mask == 1].tolist() for ids, mask in chosen]
