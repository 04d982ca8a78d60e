"""Ids that were seen: 16 hexadecimal digits each, in 11 to 22 bytes instead of the 100 of a set of texts."""

from array import array

_FULLEST = 0.7
_EMPTY = 0


class SeenIds:
    """A set of ids that only grows.

    >>> seen = SeenIds()
    >>> seen.add("00000000000000ff"), seen.add("00000000000000ff")
    (True, False)
    """

    def __init__(self) -> None:
        self._table = array("Q", bytes(8 << 10))
        self._count = 0

    def add(self, record_id: str) -> bool:
        """Add an id of 16 hexadecimal digits; False where it is there already."""
        key = int(record_id, 16) or 1  # 0 marks an empty place
        place = self._place(key)
        if self._table[place] == key:
            return False
        self._table[place] = key
        self._count += 1
        if self._count > _FULLEST * len(self._table):
            self._grow()
        return True

    def __len__(self) -> int:
        return self._count

    def _place(self, key: int) -> int:
        """Place of a key, or the one where it would go: the table has a power of two places, and keys are hashes."""
        last = len(self._table) - 1
        place = key & last
        while (there := self._table[place]) != _EMPTY and there != key:
            place = place + 1 & last
        return place

    def _grow(self) -> None:
        former = self._table
        self._table = array("Q", bytes(16 * len(former)))
        for key in former:
            if key:
                self._table[self._place(key)] = key
