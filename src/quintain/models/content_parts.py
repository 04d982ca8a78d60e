"""The content of a reply, however a server gives it: a text, parts, with its reasoning among them or apart."""

from typing import Any

from quintain.reasoning import Told

_TEXT = ("text", "output_text")
_REASONING = ("thinking", "reasoning", "reasoning_text", "reasoning_content", "summary_text")


def told_in(content: Any, reasoning: Any = None) -> Told | None:
    """Read the content of a message and the reasoning in a field of its own.

    Args:
        content: A text, a list of parts, or None.
        reasoning: The same, of the reasoning.

    Returns:
        Response and reasoning; None when there is neither.

    Raises:
        ValueError: A part is neither text nor reasoning.

    >>> told_in([{"type": "thinking", "thinking": [{"text": "6 by 7"}]}, {"type": "text", "text": "42"}])
    Told(response='42', reasoning='6 by 7', cut=False)
    """
    response, inside = _apart(content)
    thought, more = _apart(reasoning)
    traces = [each.strip() for each in (thought or "", more, inside) if each.strip()]
    if response is None:
        return Told("", "\n".join(traces)) if traces else None
    return Told(response, "\n".join(traces))


def _apart(content: Any) -> tuple[str | None, str]:
    """The text of some content, None where it has none, and the reasoning in it."""
    if content is None or isinstance(content, str):
        return content, ""
    if not isinstance(content, list):
        raise ValueError(f"the content is neither text nor a list of parts: {str(content)[:80]}")
    texts: list[str] = []
    traces: list[str] = []
    for part in content:
        kind = part.get("type", "text") if isinstance(part, dict) else "text"
        if isinstance(part, str):
            texts.append(part)
        elif kind in _REASONING:
            named = next((part[name] for name in (*_REASONING, "text", "content") if part.get(name)), "")
            text, inner = _apart(named)
            traces += [text or "", inner]
        elif kind in _TEXT and isinstance(part, dict) and isinstance(part.get("text"), str):
            texts.append(part["text"])
        else:
            raise ValueError(f"the content has a part that is neither text nor reasoning: {str(part)[:80]}")
    return "".join(texts), "\n".join(filter(None, traces))
