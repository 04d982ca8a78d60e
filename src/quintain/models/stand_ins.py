"""Stand-ins for the characters of content, none of which any tokenizer or template knows."""

from collections.abc import Iterator, Sequence
from itertools import chain

from quintain.errors import ModelError

_LETTERS = range(0x20000, 0x2A6D0)  # ideographs: letters without case that no normalisation changes
_SIGNS = (*range(0xF0000, 0xFFFFE), *range(0x100000, 0x10FFFE))  # private use


class StandIns:
    """One stand-in per character, letters for letters; blanks stay, for templates trim them.

    Args:
        texts: The content.
        taken: Characters that the rest of a rendered chat may hold.

    Raises:
        ModelError: The content has more different characters than there are stand-ins.
    """

    def __init__(self, texts: Sequence[str], taken: str) -> None:
        found = set().union(*texts)
        used = found | set(taken)
        signs = _free(_SIGNS, used)
        letters = chain(_free(_LETTERS, used), signs)
        shown = sorted(char for char in found if not char.isspace())
        pools = (letters if char.isalnum() or char == "_" else signs for char in shown)
        pairs = {char: stand_in for char, pool in zip(shown, pools, strict=True) if (stand_in := next(pool, ""))}
        if len(pairs) < len(shown):
            raise ModelError(f"the chat holds {len(shown)} different characters, more than any text has; shorten it")
        self._hide = str.maketrans(pairs)
        self._show = str.maketrans({stand_in: char for char, stand_in in pairs.items()})

    def hide(self, text: str) -> str:
        """The text in stand-ins."""
        return text.translate(self._hide)

    def show(self, text: str) -> str:
        """A text with its stand-ins taken back."""
        return text.translate(self._show)


def _free(numbers: Sequence[int], used: set[str]) -> Iterator[str]:
    return (char for char in map(chr, numbers) if char not in used)
