"""Words of a message, however a server puts them: one text, none, or a list of parts."""

from dataclasses import dataclass
from typing import Any

_TEXT = ("text", "output_text")
_REASONING = (
    "thinking", "reasoning", "reasoning_content", "reasoning_text", "summary_text", "redacted_thinking", "thought",
    "reasoning.text", "reasoning.summary", "reasoning.encrypted",
)  # fmt: skip
_REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking", "reasoning_details")
CALLS = ("tool_calls", "function_call")
"""Fields in which a model calls a tool."""
_WORDS = ("text", "thinking", "reasoning", "content", "summary")


class ForeignPart(Exception):
    """A part that is no text, such as an image or a call of a tool."""


@dataclass(frozen=True)
class Words:
    """Words of one message."""

    text: str | None
    """The response; None where the server gives none."""
    reasoning: str = ""
    """What came apart from it as reasoning."""
    refusal: str = ""
    """What came as a refusal."""
    calls_tool: bool = False
    """Whether the model calls a tool beside its words, which are then not all of its response."""


def read_words(message: dict[str, Any]) -> Words:
    """Read the words of a message.

    Args:
        message: The message of a choice, or what a stream adds to it.

    Returns:
        The words, told apart as far as the server tells them apart.

    Raises:
        ForeignPart: The content holds something else than text, reasoning or a refusal.

    >>> parts = [{"type": "thinking", "thinking": "6 x 7"}, {"type": "text", "text": "42"}]
    >>> read_words({"content": parts})
    Words(text='42', reasoning='6 x 7', refusal='', calls_tool=False)
    """
    text, reasoning, refusal = _read_content(message.get("content"))
    beside = next((words for name in _REASONING_FIELDS if (words := _flat(message.get(name)))), "")
    stated = message.get("refusal")
    calls = any(message.get(name) for name in CALLS)
    return Words(text, reasoning or beside, refusal or (stated if isinstance(stated, str) else ""), calls)


def _read_content(content: Any) -> tuple[str | None, str, str]:
    if content is None or isinstance(content, str):
        return content, "", ""
    if not isinstance(content, list):
        content = [content]
    text: list[str] = []
    reasoning: list[str] = []
    refusal: list[str] = []
    for part in content:
        if isinstance(part, str):
            text.append(part)
            continue
        if not isinstance(part, dict):
            raise ForeignPart(f"its content holds {_named(part)}")
        kind = part.get("type", "text")
        if kind in _REASONING or part.get("thought") is True:
            reasoning.append(_flat(part))
        elif kind in _TEXT and (words := _text_of(part)) is not None:
            text.append(words)
        elif kind in _TEXT and "text" in part and part["text"] is None:
            continue  # a part without words, as null is a content without
        elif kind == "refusal" and isinstance(part.get("refusal"), str):
            refusal.append(part["refusal"])
        else:
            raise ForeignPart(f"its content holds a part of type {str(kind)[:40]!r}")
    return ("".join(text) if text else None), "".join(reasoning), "".join(refusal)


def _text_of(part: dict[str, Any]) -> str | None:
    text = part.get("text")
    if isinstance(text, dict):
        text = text.get("value")
    return text if isinstance(text, str) else None


def _flat(words: Any) -> str:
    """All text of reasoning: it is not worth an error, whatever its form."""
    if isinstance(words, str):
        return words
    if isinstance(words, list):
        return "".join(map(_flat, words))
    if isinstance(words, dict):
        return next((found for name in _WORDS if (found := _flat(words.get(name)))), "")
    return ""


def _named(part: Any) -> str:
    return "an empty part" if part is None else f"a part that is {type(part).__name__}"
