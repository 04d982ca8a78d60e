"""Usage that a server reports, believed only as far as the text bears it out.

A budget is as good as the counts it is held to, and the counts come from whoever is at the address. A count that is
missing, no count, or far below what the text must have taken is replaced by a guess from the text; what a total says
beyond its parts is counted too. Nothing makes a call cheaper than its text.
"""

import re
from typing import Any

from quintain.usage import MOST_TOKENS, Usage

_READ = ("prompt_tokens", "input_tokens", "promptTokenCount")
_WRITTEN = ("completion_tokens", "output_tokens", "candidatesTokenCount")
_TOTAL = ("total_tokens", "totalTokenCount")
_NUMBER = re.compile(r"\s*\d{1,18}(\.0*)?\s*", re.ASCII)
_BYTES_PER_TOKEN = 4
# The longest tokens of any vocabulary, runs of blanks or dashes, have about a hundred bytes; no text is all of them.
_MOST_BYTES_PER_TOKEN = 100


def likely_tokens(text_bytes: int) -> int:
    """Tokens of a text by its length in bytes: four bytes each, as in English prose."""
    return -(-text_bytes // _BYTES_PER_TOKEN)


def read_usage(reported: Any, prompt_bytes: int, text_bytes: int) -> tuple[Usage, bool]:
    """Read the usage of one call.

    Args:
        reported: The field `usage` of the reply, whatever it holds.
        prompt_bytes: Length of what was asked.
        text_bytes: Length of what was said.

    Returns:
        The usage, and whether any of it is a guess.

    >>> read_usage({"prompt_tokens": 30, "completion_tokens": 9, "total_tokens": 39}, 100, 40)
    (Usage(calls=1, prompt_tokens=30, completion_tokens=9), False)
    >>> read_usage({"prompt_tokens": -30, "completion_tokens": 0, "total_tokens": 500}, 100, 40)
    (Usage(calls=1, prompt_tokens=25, completion_tokens=475), True)
    """
    counts = reported if isinstance(reported, dict) else {}
    read = _count(_stated(counts, _READ), prompt_bytes)
    written = _count(_stated(counts, _WRITTEN), text_bytes)
    usage = Usage(
        1,
        likely_tokens(prompt_bytes) if read is None else read,
        likely_tokens(text_bytes) if written is None else written,
    )
    stated = _stated(counts, _TOTAL)
    total = _count(stated, 0)
    if total is not None and total > usage.tokens:
        # Some servers leave what a model thought out of the parts: it is paid like what it wrote.
        usage += Usage(0, 0, total - usage.tokens)
    # A total that disagrees with its parts leaves open which of them is right.
    agrees = stated is None or (None not in (read, written) and total == (read or 0) + (written or 0))
    return usage, read is None or written is None or not agrees


def _stated(counts: dict[str, Any], names: tuple[str, ...]) -> Any:
    """The count under the first of several names that is there."""
    return next((counts[name] for name in names if counts.get(name) is not None), None)


def _count(stated: Any, text_bytes: int) -> int | None:
    """A count as stated, written as a number or a text; None when it is none, or none of this text."""
    if isinstance(stated, str) and _NUMBER.fullmatch(stated):
        stated = float(stated)
    if isinstance(stated, float) and stated.is_integer():
        stated = int(stated)
    if type(stated) is not int:  # JSON's true and 1.5 are no counts
        return None
    return stated if -(-text_bytes // _MOST_BYTES_PER_TOKEN) <= stated <= MOST_TOKENS else None
