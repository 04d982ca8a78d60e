"""Decontamination: which rows of training data hold text of an evaluation pack.

A row is compared by runs of words, so punctuation, case and line breaks hide nothing. An item shorter than a run is
its own single run.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from quintain.text.words import words

Run = tuple[str, ...]


class Leak(NamedTuple):
    """Overlap of a row with an evaluation item."""

    item: str
    """Key of the item that the row holds most of."""
    share: float
    """Share of the item's runs that the row holds, in (0, 1]."""


def find_leaks(
    rows: Iterable[Sequence[str]], held_out: Mapping[str, str], *, ngram_words: int = 13, item_share: float = 0.0
) -> list[Leak | None]:
    """Find the rows that hold text of an evaluation pack.

    One run in common is enough where texts are written freely. Where evaluation and training data are written from the
    same templates, a run in common says little, and `item_share` asks for a share of the item's runs instead.

    Args:
        rows: The texts of each row, such as user turn and response; no run goes over from one to the next.
        held_out: Key → text of the evaluation items.
        ngram_words: Words per run, at least 1.
        item_share: Least share of an item's runs that a row must hold, in [0, 1]; 0: one run is enough.

    Returns:
        Per row the item it holds most of, or None.

    Raises:
        ValueError: ngram_words or item_share is out of range.

    >>> find_leaks([["He asked me: name the RIVER of Ystad?"], ["Name a river."]],
    ...            {"q1": "Name the river of Ystad."}, ngram_words=8)
    [Leak(item='q1', share=1.0), None]
    """
    if ngram_words < 1:
        raise ValueError(f"ngram_words must be at least 1, got {ngram_words}")
    if not 0 <= item_share <= 1:
        raise ValueError(f"item_share must be in [0, 1], got {item_share}")
    runs_of = {key: _runs(words(text), ngram_words) for key, text in held_out.items()}
    items_of: dict[Run, list[str]] = defaultdict(list)
    for key, runs in runs_of.items():
        for run in runs:
            items_of[run].append(key)
    lengths = sorted({len(run) for run in items_of})
    return [_leak(row, items_of, runs_of, lengths, item_share) for row in rows]


def _leak(
    row: Sequence[str],
    items_of: Mapping[Run, list[str]],
    runs_of: Mapping[str, set[Run]],
    lengths: Sequence[int],
    item_share: float,
) -> Leak | None:
    held: dict[str, int] = defaultdict(int)
    texts = [words(text) for text in row]
    for run in {run for length in lengths for text in texts if len(text) >= length for run in _runs(text, length)}:
        for key in items_of.get(run, ()):
            held[key] += 1
    if not held:
        return None
    item = max(held, key=lambda key: held[key] / len(runs_of[key]))
    share = held[item] / len(runs_of[item])
    return Leak(item, share) if share >= item_share else None


def _runs(tokens: Sequence[str], length: int) -> set[Run]:
    """All runs of so many words; a shorter text is one run, an empty one has none."""
    if not tokens:
        return set()
    return {tuple(tokens[i : i + length]) for i in range(max(1, len(tokens) - length + 1))}
