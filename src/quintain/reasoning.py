"""Reasoning traces: what a thinking model says before it responds is not its response."""

import re
from collections.abc import Sequence
from typing import NamedTuple

Tags = tuple[str, str]
"""Opening and closing tag of a trace."""

THINK: Tags = ("<think>", "</think>")
"""The tags that most families write; a trace that came in another way is written with these."""
KNOWN_TAGS: tuple[Tags, ...] = (
    THINK,
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|channel>thought", "<channel|>"),
)
"""Tags that are looked for in the text of a model of which nothing is known."""

_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_BLANK = re.compile(r"\s*")
_BEFORE_A_WORD = " \t\"'“”‘’«»`([{/*|–—"
_BEHIND_A_WORD = " \t\n\"'“”‘’«»`)]}/*|–—.,;:!?…"


class Told(NamedTuple):
    """A completion, told apart."""

    response: str
    """Words to the user."""
    reasoning: str
    """Words before those, without tags; empty: none."""
    cut: bool = False
    """True when the reasoning never ended, so that there is no response."""


class _Tag(NamedTuple):
    """A tag in a text."""

    start: int
    end: int
    pair: int
    closes: bool
    quoted: bool
    """True in code."""
    word: bool
    """True where it stands between blanks or marks of a sentence."""


def tell_apart(text: str, tags: Sequence[Tags] = KNOWN_TAGS, *, opened: bool | None = None) -> Told:
    r"""Tell the response of a model from its reasoning.

    A text that talks about a tag does not open or close anything with it: in code, in quotes, or as a word of a
    sentence. A closing tag without an opening one ends a trace that the chat template opened in the prompt.

    >>> tell_apart("<think>two or three?</think>\n\nThree.")
    Told(response='Three.', reasoning='two or three?', cut=False)
    >>> tell_apart("Use the </think> tag to end.").response
    'Use the </think> tag to end.'

    Args:
        text: The whole completion.
        tags: Tags that the model may write.
        opened: Whether the prompt opened a trace; None: unknown.

    Returns:
        What follows the last trace, stripped, and what stood in the traces; a trace that never ends leaves no response,
        and a text without one is the response as it stands.
    """
    found = _find(text, tags)
    ends = _ends(found, len(tags))
    traces: list[str] = []
    named = [0] * len(tags)
    at, place = 0, 0
    begun = _BLANK.match(text).end()  # type: ignore[union-attr]
    end = ends[-1] if opened else None
    inside = bool(opened)
    while inside or place < len(found):
        if inside:
            if end is None:
                return Told("", "\n".join([*traces, text[at:]]).strip(), cut=True)
            traces.append(text[at : found[end].start].strip())
            at, place, inside = found[end].end, end + 1, False
            begun = _BLANK.match(text, at).end()  # type: ignore[union-attr]
            continue
        tag = found[place]
        if not tag.closes:
            follows_words = begun < tag.start and text[tag.start - 1] in _BEFORE_A_WORD
            inside = not (tag.quoted or follows_words)
            named[tag.pair] += not inside
            at, end = (tag.end, ends[place]) if inside else (at, None)
        elif named[tag.pair]:
            named[tag.pair] -= 1
        elif not traces and opened is None and not tag.quoted and not tag.word:
            traces.append(text[: tag.start].strip())
            at = tag.end
            begun = _BLANK.match(text, at).end()  # type: ignore[union-attr]
        place += 1
    return Told(text[at:].strip() if traces else text, "\n".join(traces).strip())


def with_trace(told: Told) -> str:
    r"""A completion with its reasoning between the tags that most families write, however it came.

    >>> with_trace(Told("Three.", "two or three?"))
    '<think>\ntwo or three?\n</think>\n\nThree.'
    """
    opening, closing = THINK
    if told.cut:
        return f"{opening}\n{told.reasoning}"
    return f"{opening}\n{told.reasoning}\n{closing}\n\n{told.response}" if told.reasoning else told.response


def _find(text: str, tags: Sequence[Tags]) -> list[_Tag]:
    """The tags in a text, in order; of two that begin at one place the longer one."""
    pairs = {tag: (number, bool(closes)) for number, pair in enumerate(tags) for closes, tag in enumerate(pair)}
    if not any(tag in text for tag in pairs):
        return []
    code = [match.span() for match in _CODE.finditer(text)]
    found: list[_Tag] = []
    passed = 0
    for match in re.finditer("|".join(map(re.escape, sorted(pairs, key=len, reverse=True))), text):
        start, end = match.span()
        while passed < len(code) and code[passed][1] <= start:
            passed += 1
        quoted = passed < len(code) and code[passed][0] < start
        word = start > 0 and text[start - 1] in _BEFORE_A_WORD and text[end : end + 1] in _BEHIND_A_WORD
        found.append(_Tag(start, end, *pairs[match.group()], quoted, word))
    return found


def _ends(found: Sequence[_Tag], pairs: int) -> list[int | None]:
    """For each tag the place of the tag that ends its trace, and at last that of a trace which the prompt opened.

    It is the next closing tag that is not talked about; where all of them are, the next one.
    """
    following: list[int | None] = [None] * pairs
    plain: list[int | None] = [None] * pairs
    ends: list[int | None] = []
    for place in range(len(found) - 1, -1, -1):
        tag = found[place]
        if tag.closes:
            following[tag.pair] = place
            if not tag.quoted and not tag.word:
                plain[tag.pair] = place
        end = plain[tag.pair]
        ends.append(following[tag.pair] if end is None else end)
    first = min((place for place in plain if place is not None), default=None)
    if first is None:
        first = min((place for place in following if place is not None), default=None)
    return [*ends[::-1], first]
