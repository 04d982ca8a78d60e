"""Index of the names of edits, whatever their number: subjects, aliases and targets by their words."""

from collections.abc import Iterable

from quintain.methods.lte.edits import Words

_LONGEST = 8
_MOST_HOLDERS = 64


class NameIndex:
    """Names → numbers of those who bear them.

    A name longer than eight words is known by its first eight; one that more than 64 bear names none of them.

    >>> index = NameIndex()
    >>> index.add(("veldmark",), 7)
    >>> sorted(index.named_in(("who", "rules", "veldmark")))
    [7]
    """

    def __init__(self) -> None:
        # Hashes instead of words: a tenth of the memory. A collision proposes an edit that the gate then refuses.
        self._bearers: dict[int, int | list[int]] = {}
        self._first_words: set[int] = set()

    def add(self, name: Words, bearer: int) -> None:
        """Note that a name belongs to a bearer."""
        if not name:
            return
        self._first_words.add(hash(name[0]))
        key = hash(name[:_LONGEST])
        known = self._bearers.setdefault(key, bearer)
        if isinstance(known, list):
            if len(known) <= _MOST_HOLDERS:
                known.append(bearer)
        elif known != bearer:
            self._bearers[key] = [known, bearer]

    def named_in(self, text: Words) -> Iterable[int]:
        """Bearers of the names in a text."""
        found: set[int] = set()
        for start, word in enumerate(text):
            if hash(word) not in self._first_words:
                continue
            for end in range(start + 1, min(start + _LONGEST, len(text)) + 1):
                bearers = self._bearers.get(hash(text[start:end]))
                if isinstance(bearers, int):
                    found.add(bearers)
                elif bearers is not None and len(bearers) <= _MOST_HOLDERS:
                    found.update(bearers)
        return found
