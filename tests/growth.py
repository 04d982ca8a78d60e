"""A check that work grows in proportion to what it is given, on a machine that is as busy as it likes."""

import time
from collections.abc import Callable

HOSTILE_UNITS = (
    ".", "!", ".\"", "\"", "'", "(", ")", "[", "]", "{", "[[", "{\"a\":", "<", "</", "<p>a", "*", "**", "**1",
    "#", "# ", "`", "```\n", "-", "- ", "•", "_", "|", "/", "\\", "&", "=", ":", ":\n", ": ", ",", ";", "+",
    "1", "1.", "1:\n", "1/", "a", "a ", "a.", "a-", "A.", "Mr.", "is ", "the ", " ", "\t", "\n", " \n", "\r",
    "\n\n", "\u0000", "\u2028", "\u3000", "。", "：", "，", "1美", "在", "“", "é", "\u0301", "\U0001f600", "this ",
    "hi ", "as ", "assistant ", "answer ", "score:", "1: 8", "8, ", "YES", "yes ", "I am ", "...", "…", "http:",
    "charset=", "&#", "<a b='", "<!--", "10 ",
)  # fmt: skip
"""What texts are made of that were written to be slow."""

_CHARACTERS = 16_000
_QUICK_SECONDS = 0.03
"""Work with every pair of so many characters takes seconds, however cheap a pair is."""


def assert_grows_in_proportion(work: Callable[[str], object], unit: str, before: str = "", after: str = "x") -> None:
    """Fail when eight times a text takes far more than eight times the processor time."""

    def seconds(characters: int) -> float:
        text = before + unit * (characters // len(unit)) + after
        started = time.process_time()
        work(text)
        return time.process_time() - started

    if seconds(_CHARACTERS) < _QUICK_SECONDS:
        return
    short, long = (min(seconds(characters) for _ in range(3)) for characters in (_CHARACTERS // 8, _CHARACTERS))
    # In proportion it is 8, for every pair of characters 64.
    assert long < 24 * short, f"{before!r} {unit!r} {after!r}: {short:.3f} s, eight times as much {long:.3f} s"
