"""Rows at work on a cache: room for those that join, their next tokens, slots of those that end."""

import math
from collections.abc import Sequence

from quintain.models.row_cache import Block, RowCache
from quintain.models.rows import Row

_SLACK = 1.25
"""Columns per token of the longest row: with some to spare, rows are moved rarely when the last column is reached."""
_JOIN_SHARE = 0.25
"""Share of the slots that has to be free before waiting rows join: together they are read faster than one by one."""


class RowBatch:
    """Rows at work; each has the slot of its place.

    Args:
        cache: Where their keys and values stand.
        most_rows: Rows at a time.
        most_tokens: Slots times columns of the cache; a longer row is at work alone.
    """

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
