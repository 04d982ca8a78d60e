"""Continuous batches: rows that end leave, waiting ones join, and memory is bounded by tokens.

Source: iteration-level scheduling, Orca (Yu et al., OSDI 2022).
"""

import inspect
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import torch

from quintain.models.decoders import PREFILL_TOKENS, Take
from quintain.models.interrupts import Interrupts
from quintain.models.row_cache import Block, RowCache
from quintain.models.rows import Row, draw_tokens

_SLACK = 1.25
"""Columns per token of the longest row: with some to spare, rows are moved rarely when the last column is reached."""
_JOIN_SHARE = 0.25
"""Share of the slots that has to be free before waiting rows join: together they are read faster than one by one."""


class ContinuousDecoder:
    """Completes rows with a network, as many at a time as their tokens allow.

    Prompts of one length are read together, so no prompt is ever padded, and equal prompts once.

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
        self._options = {"logits_to_keep": 1} if "logits_to_keep" in takes else {}

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
        batch = _Batch(RowCache(self._network.config), self.most_rows, self.most_tokens)
        joining = True
        while batch.rows or waiting.next is not None:
            before = batch.written
            if joining or batch.has_room:
                joining = self._join(batch, waiting)
            if batch.rows:
                self._step(batch)
            yield batch.written - before

    @torch.inference_mode()
    def _join(self, batch: "_Batch", waiting: "_Waiting") -> bool:
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

    def _read(self, batch: "_Batch", length: int, rows: list[Row]) -> None:
        """Read prompts of one length, and draw the first token of each."""
        alike: dict[tuple[int, ...], list[Row]] = defaultdict(list)
        for row in rows:
            alike[tuple(row.prompt)].append(row)
        cache, first = batch.cache, len(batch.rows)
        batch.reach(length)
        formerly = cache.block
        begin = formerly.end - length
        ids = torch.tensor(list(alike), device=self._network.device)  # (B, T)
        piece = max(1, PREFILL_TOKENS // len(alike))

        def read() -> torch.Tensor:
            for start in range(0, length, piece):
                cache.block = Block(first, len(alike), begin, begin + start)
                some = ids[:, start : start + piece]
                logits = self._forward(cache, some, torch.arange(start, start + some.shape[1]))
            return logits

        try:
            logits = self._interrupts.watch(rows, read)
        finally:
            cache.block = formerly
        if logits is None:
            for row in rows:
                row.give_up()
            return
        ordered = [group[0] for group in alike.values()]
        source = list(range(len(ordered)))
        for place, group in enumerate(alike.values()):
            for row in group[1:]:
                cache.copy_row(first + place, first + len(ordered), length)
                ordered.append(row)
                source.append(place)
        batch.add(ordered, draw_tokens(logits[source], [row.draw for row in ordered]))

    @torch.inference_mode()
    def _step(self, batch: "_Batch") -> None:
        """Write the next token of every row."""
        cache = batch.cache
        batch.reach(0)
        device = self._network.device
        lengths = torch.tensor(batch.lengths)[:, None]  # (B, 1)
        width = cache.block.end - cache.block.start + 1
        mask = (torch.arange(width) >= width - 1 - lengths).long()  # (B, T)
        ids = torch.tensor([[row.ids[-1]] for row in batch.rows], device=device)  # (B, 1)
        logits = self._interrupts.watch(batch.rows, lambda: self._forward(cache, ids, lengths, mask.to(device)))
        if logits is None:
            for row in batch.rows:
                row.give_up()
            batch.drop_ended()
        else:
            batch.go_on(draw_tokens(logits, [row.draw for row in batch.rows]))

    def _forward(
        self, cache: RowCache, ids: torch.Tensor, positions: torch.Tensor, mask: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Logits after the last token of each row, shape (B, V)."""
        placed = {"position_ids": positions.expand(ids.shape).to(ids.device)} if self._takes_positions else {}
        output = self._network(
            input_ids=ids, attention_mask=mask, past_key_values=cache, use_cache=True, **placed, **self._options
        )
        logits: torch.Tensor = output.logits[:, -1]
        return logits


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


class _Batch:
    """Rows at work; each has the slot of its place."""

    def __init__(self, cache: RowCache, most_rows: int, most_tokens: int) -> None:
        self.cache = cache
        self.rows: list[Row] = []
        self.written = 0
        self._most_rows = most_rows
        self._most_tokens = most_tokens

    @property
    def lengths(self) -> list[int]:
        """Tokens of each row that stand in the cache: all but the newest."""
        return [len(row.prompt) + len(row.ids) - 1 for row in self.rows]

    @property
    def has_room(self) -> bool:
        """True when enough slots are free for waiting rows to join."""
        most = self._slots_of(self.cache.capacity)
        return most - len(self.rows) >= _JOIN_SHARE * most

    def make_room(self, row: Row, joined: Sequence[Row]) -> bool:
        """Make room for a row beside those at work and those that join with it; False when there is none."""
        cache, count = self.cache, len(self.rows) + len(joined) + 1
        longest = max(each.most_tokens for each in (*self.rows, *joined, row))
        if count <= cache.slots and longest * (1 + _SLACK) / 2 <= cache.capacity:
            return True
        capacity = math.ceil(longest * _SLACK)
        slots = min(self._slots_of(capacity), max(count, 2 * cache.slots))
        # Memory is copied when its shape changes: a few slots more are not worth it, unless there is too little.
        if slots < count or (count > cache.slots and slots < cache.slots * _SLACK):
            return False
        cache.lay_out(slots, capacity)
        return True

    def reach(self, column: int) -> None:
        """Move the rows so that they end at a column or after it, with a column for the next token."""
        block = self.cache.block
        if not self.rows:
            self.cache.block = Block(start=column, end=column)
        elif block.end < column:
            self.cache.end_at(column)
        elif block.end == self.cache.capacity:
            self.cache.end_at(max(column, block.end - block.start))

    def add(self, rows: Sequence[Row], tokens: Sequence[int]) -> None:
        """Put rows behind those at work, with the first token of each."""
        self.rows += rows
        self._write(rows, tokens)

    def go_on(self, tokens: Sequence[int]) -> None:
        """Give each row its next token."""
        self.cache.block.end += 1
        self._write(self.rows, tokens)

    def drop_ended(self) -> None:
        """Let rows that have ended go; the last row moves into a slot that becomes free."""
        lengths = self.lengths
        for slot in reversed(range(len(self.rows))):
            if self.rows[slot].finish_reason is None:
                continue
            last = len(self.rows) - 1
            if slot < last:
                self.cache.copy_row(last, slot, lengths[last])
                self.rows[slot], lengths[slot] = self.rows[last], lengths[last]
            self.rows.pop()
            lengths.pop()
        block = self.cache.block
        self.cache.block = Block(0, len(self.rows), block.end - max(lengths, default=0), block.end)

    def _write(self, rows: Sequence[Row], tokens: Sequence[int]) -> None:
        self.written += len(tokens)
        for row, token in zip(rows, tokens, strict=True):
            row.take(token)
        self.drop_ended()

    def _slots_of(self, capacity: int) -> int:
        """Most slots of so many columns."""
        return max(1, min(self._most_rows, self._most_tokens // max(1, capacity)))
