"""System turns for models that know none."""

from collections.abc import Mapping, Sequence
from typing import Any

Turn = Mapping[str, Any]
"""A turn of a chat: `role` and `content`."""


def merge_system(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    r"""Put system turns at the head of the first user turn, two line breaks between them.

    >>> merge_system([{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello."}])
    [{'role': 'user', 'content': 'Be kind.\n\nHello.'}]

    Args:
        turns: The chat.

    Returns:
        The chat without system turns; one without a user turn gets one of them.
    """
    system = "\n\n".join(turn["content"] for turn in turns if turn["role"] == "system")
    merged = [dict(turn) for turn in turns if turn["role"] != "system"]
    if not system:
        return merged
    first = next((turn for turn in merged if turn["role"] == "user"), None)
    if first is None:
        return [{"role": "user", "content": system}, *merged]
    first["content"] = f"{system}\n\n{first['content']}"
    return merged
