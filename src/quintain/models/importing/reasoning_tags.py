"""Tags between which a chat template lets its model reason before it responds."""

import re

_KNOWN = (
    ("<|channel|>analysis", "<|end|>"),
    ("<|channel>thought", "<channel|>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
)
# `<think>` and whatever else a family calls it, such as `<seed:think>` or `<reasoning>`.
_TAG = re.compile(r"<(/?)([\w:-]*(?:think|thought|reason)[\w:-]*)>", re.IGNORECASE)


def reasoning_tags(template: str) -> tuple[str, str] | None:
    """Find the pair of tags that a chat template writes around reasoning, or cuts reasoning at.

    Args:
        template: Source of the chat template.

    Returns:
        Opening and closing tag; None when the template knows none.

    >>> reasoning_tags("{{ content.split('</think>')[-1] }}")
    ('<think>', '</think>')
    """
    found = _TAG.findall(template)
    if found:
        name = next((name for slash, name in found if slash), found[0][1])
        return f"<{name}>", f"</{name}>"
    return next(((opening, end) for opening, end in _KNOWN if opening in template), None)
