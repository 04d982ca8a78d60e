"""Continuous batches: rows that end leave, waiting ones join, and memory is bounded by tokens.

Source: iteration-level scheduling, Orca (Yu et al., OSDI 2022).
"""

import inspect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch

from quintain.models.decoders import PREFILL_TOKENS, Take
from quintain.models.interrupts import Interrupts
from quintain.models.row_batch import RowBatch
from quintain.models.row_cache import Block, Part, RowCache
from quintain.models.rows import Row, draw_tokens

_KEPT_TOKENS = 512
"""Most tokens of a prompt that are kept for the prompts after it."""
_LEAST_SHARED_TOKENS = 16
"""A shorter beginning is read again: that is as fast as a copy."""


class ContinuousDecoder:
    """Completes rows with a network, as many at a time as their tokens allow.

    Prompts of one length are read together, so no prompt is ever padded; equal prompts are read once, and what a prompt
    begins with like one before it, such as a system turn, is not read again.

    Args:
        network: A causal language model for which `obstacle` finds nothing.
        interrupts: Ends its work when nobody waits.
        most_rows: Rows at a time.
        most_tokens: Tokens of prompts and completions that are held in memory; a longer row is completed alone.
    """

    def __init__(self, network: Any, interrupts: Interrupts, most_rows: int, most_tokens: int) -> None:
        self._network = network
        self._interrupts = interrupts
        self.most_rows = most_rows
        self.most_tokens = most_tokens
        takes = inspect.signature(network.forward).parameters
        self._takes_positions = "position_ids" in takes
        # The last token by its index: of a slice, which has gaps between its rows, torch multiplies weights that nobody
        # trains as a batch, with a copy of them for each row (torch 2.13: 140 instead of 7 ms a prompt of SmolLM2).
        last = torch.tensor([-1], device=network.device)
        self._options = {"logits_to_keep": last} if "logits_to_keep" in takes else {}
        self._beginning = _Beginning()

    def decode(self, take: Take) -> Iterator[int]:
        """Complete all rows that there are; rows say themselves when they end.

        Args:
            take: Asked for the next row whenever there is room.

        Yields:
            Tokens that a step wrote.

        Raises:
            ModelError: All work was halted.
        """
        waiting = _Waiting(take)
        batch = RowBatch(RowCache(self._network.config), self.most_rows, self.most_tokens)
        joining = True
        while batch.rows or waiting.next is not None:
            before = batch.written
            with torch.inference_mode():
                if joining or batch.has_room:
                    joining = self._join(batch, waiting)
                if batch.rows:
                    self._step(batch)
            yield batch.written - before

    def _join(self, batch: RowBatch, waiting: "_Waiting") -> bool:
        """Let rows join; True when more could, once those at work have gone on by a token."""
        joined: list[Row] = []
        tokens = 0
        while (row := waiting.next) is not None and tokens < PREFILL_TOKENS:
            if not batch.make_room(row, joined):
                break
            joined.append(waiting.pop())
            tokens += len(row.prompt)
        by_length: dict[int, list[Row]] = defaultdict(list)
        for row in joined:
            by_length[len(row.prompt)].append(row)
        for length, rows in by_length.items():
            self._read(batch, length, rows)
        return tokens >= PREFILL_TOKENS

    def _read(self, batch: RowBatch, length: int, rows: list[Row]) -> None:
        """Read prompts of one length, and draw the first token of each; between two pieces those at work go on."""
        alike: dict[tuple[int, ...], list[Row]] = defaultdict(list)
        for row in rows:
            alike[tuple(row.prompt)].append(row)
        cache, different = batch.cache, len(alike)
        batch.reach(length)
        first, begin = len(batch.rows), cache.block.end - length
        slots, columns = slice(first, first + different), slice(begin, begin + length)
        known = self._beginning.shared(alike)
        if known:
            self._beginning.put(cache, slots, slice(begin, begin + known))
        ids = torch.tensor(list(alike), device=self._network.device)  # (B, T)
        piece = max(1, PREFILL_TOKENS // different)
        logits = None
        for start in range(known, length, piece):
            if start > known and batch.rows:
                self._step(batch)
            some = ids[:, start : start + piece]
            at_work, cache.block = cache.block, Block(first, different, begin, begin + start)
            try:
                logits = self._forward(cache, rows, some, torch.arange(start, start + some.shape[1]))
            finally:
                cache.block = at_work
            if logits is None:
                break
        if logits is None:
            for row in rows:
                row.give_up()
            return
        if not known:
            self._beginning = _Beginning.of(rows[0].prompt, cache, first, begin)
        batch.reach(length)
        first, end = len(batch.rows), cache.block.end
        cache.move(slots, columns, slice(first, first + different), slice(end - length, end))
        ordered = [group[0] for group in alike.values()]
        source = list(range(different))
        for place, group in enumerate(alike.values()):
            for row in group[1:]:
                cache.copy_row(first + place, first + len(ordered), length)
                ordered.append(row)
                source.append(place)
        batch.add(ordered, draw_tokens(logits[source], [row.draw for row in ordered]))

    def _step(self, batch: RowBatch) -> None:
        """Write the next token of every row."""
        cache = batch.cache
        batch.reach(0)
        lengths = torch.tensor(batch.lengths)[:, None]  # (B, 1)
        width = cache.block.end - cache.block.start + 1
        mask = (torch.arange(width) >= width - 1 - lengths).long()  # (B, T)
        ids = torch.tensor([[row.ids[-1]] for row in batch.rows], device=self._network.device)  # (B, 1)
        logits = self._forward(cache, batch.rows, ids, lengths, mask.to(ids.device))
        if logits is None:
            for row in batch.rows:
                row.give_up()
            batch.drop_ended()
        else:
            batch.go_on(draw_tokens(logits, [row.draw for row in batch.rows]))

    def _forward(
        self,
        cache: RowCache,
        rows: Sequence[Row],
        ids: torch.Tensor,
        positions: torch.Tensor,
        mask: torch.Tensor | None = None,
    ) -> torch.Tensor | None:
        """Logits after the last token of each row, shape (B, V); None when nobody waits for the rows any more."""
        placed = {"position_ids": positions.expand(ids.shape).to(ids.device)} if self._takes_positions else {}
        output = self._interrupts.watch(
            rows,
            lambda: self._network(
                input_ids=ids, attention_mask=mask, past_key_values=cache, use_cache=True, **placed, **self._options
            ),
        )
        return None if output is None else output.logits[:, -1]


class _Beginning:
    """Keys and values of the beginning of a prompt that was read."""

    def __init__(self, ids: Sequence[int] = (), parts: Sequence[Part] = ()) -> None:
        self._ids = ids
        self._parts = list(parts)

    @classmethod
    def of(cls, prompt: Sequence[int], cache: RowCache, slot: int, column: int) -> "_Beginning":
        """Keep the beginning of a prompt, whose first token stands in a column of a slot."""
        ids = prompt[:_KEPT_TOKENS]
        return cls(ids, cache.parts(slot, slice(column, column + len(ids))))

    def shared(self, prompts: Iterable[Sequence[int]]) -> int:
        """Tokens that all prompts begin with too: the last of a prompt is always read, and few are not worth it.

        Args:
            prompts: Tokens of the prompts.

        Returns:
            The number of tokens.
        """
        tokens = min(_shared([*prompt[:-1]], self._ids) for prompt in prompts)
        return tokens if tokens >= _LEAST_SHARED_TOKENS else 0

    def put(self, cache: RowCache, slots: slice, columns: slice) -> None:
        """Write as many tokens as there are columns."""
        cache.put(self._parts, slots, columns)


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    """Length of the longest common beginning."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


class _Waiting:
    """Rows in line; those that nobody waits for leave it."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._head: Row | None = None

    @property
    def next(self) -> Row | None:
        """The row at the head of the line."""
        while self._head is None or self._head.unheard:
            if self._head is not None:
                self._head.give_up()
            self._head = self._take()
            if self._head is None:
                return None
        return self._head

    def pop(self) -> Row:
        """Take the head out of the line."""
        row, self._head = self._head, None
        assert row is not None  # noqa: S101 - asked after `next` gave one
        return row
