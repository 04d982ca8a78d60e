"""Turns of a chat as people write them down: `role` and `content`, or `from` and `value`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeGuard

from quintain.given.faults import RowFault, is_absent, kind_of
from quintain.message_words import CALLS, ForeignPart, Words, read_words
from quintain.reasoning import Told, with_trace
from quintain.records import Message

Role = Literal["system", "user", "assistant"]

ROLES: dict[str, Role] = {
    **dict.fromkeys(("user", "human", "prompter"), "user"),
    **dict.fromkeys(("assistant", "gpt", "model", "bot", "chatgpt", "chatbot", "bing", "bard", "ai"), "assistant"),
    **dict.fromkeys(("system", "developer"), "system"),
}
"""Names of speakers, in small letters → role."""
TOOL_ROLES = frozenset(
    ("tool", "function", "observation", "function_call", "function-call", "tool_call", "tool_response", "tool-call",
     "tool-response", "function_response", "function-response", "ipython", "environment")
)  # fmt: skip
"""Names of speakers that are programs; a row with one is refused by name."""
_TOOL_PARTS = ("tool", "function", "server_tool")
"""How the types of parts begin that call a program, or hold what it gave back."""
REASONING = ("reasoning_content", "reasoning", "thinking")
"""Fields of a turn that hold its reasoning."""
WEIGHTS = ("weight", "loss", "loss_weight", "loss_scale", "train")
"""Fields of a turn that say whether it is learned, as OpenAI, ms-swift and axolotl have them."""


@dataclass(frozen=True)
class TurnNames:
    """Names that the turns of a file use."""

    role: tuple[str, ...] = ("role", "from")
    """Fields that may name the speaker."""
    content: tuple[str, ...] = ("content", "value")
    """Fields that may hold what is said."""
    roles: Mapping[str, Role] = field(default_factory=lambda: ROLES)
    """Names of speakers → role."""
    tools: frozenset[str] = TOOL_ROLES
    """Names of speakers that are programs."""

    def speaker(self, turn: Mapping[str, Any]) -> object:
        """Name of a turn's speaker as it stands there; None where there is none."""
        return next((turn[name] for name in self.role if not is_absent(turn.get(name))), None)

    def spelled(self, speaker: str) -> str:
        """A speaker's name as `roles` spells it: our own in small letters, those of a file to the letter."""
        return speaker.strip().lower() if self.roles is ROLES else speaker


def read_turns(value: object, column: str, names: TurnNames) -> list[Message]:
    """Read a chat.

    Args:
        value: The column's value: a list of turns, or what `chat_in` finds one in.
        column: Its name, for messages.
        names: Names that the turns use.

    Returns:
        The turns; an empty system turn is left out.

    Raises:
        RowFault: It is no chat, a program speaks in it, or a turn holds something else than text.
    """
    chat = value if isinstance(value, list) else chat_in(value)
    if chat is None:
        raise RowFault("no-chat", f"{column} is {kind_of(value)}, not a list of turns")
    turns = [_turn(turn, f"{column}, turn {number}", names) for number, turn in enumerate(chat, start=1)]
    return [turn for turn in turns if turn.role != "system" or turn.content.strip()]


def read_turn(value: object, column: str, names: TurnNames) -> Message:
    """Read one turn of a chat that stands alone; raises RowFault where it is none."""
    return _turn(value, column, names)


def read_text(value: object, where: str) -> str:
    """Read what is said: a text, nothing, or parts of which all are text.

    Args:
        value: The value.
        where: Column or turn, for messages.

    Returns:
        The text; empty for null.

    Raises:
        RowFault: It is something else, such as a picture or a number; or it holds half of a character.
    """
    if isinstance(value, str):
        _require_whole(value, where)
        return value
    if is_absent(value):
        return ""
    if isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
        return _words(value, where).text or ""
    raise RowFault("not-text", f"{where} is {kind_of(value)}")


def is_chat(value: object) -> TypeGuard[list[dict[str, Any]]]:
    """True for a list of objects, and for an empty list."""
    return isinstance(value, list) and all(isinstance(turn, dict) for turn in value)


def is_turn(value: object) -> bool:
    """True for an object that names who speaks and what is said."""
    return isinstance(value, Mapping) and bool({"role", "from"} & value.keys() and {"content", "value"} & value.keys())


def chat_in(value: object) -> list[Any] | None:
    """The turns of a column that holds nothing but chats: a list, its JSON as a text, or one list for each field.

    >>> chat_in({"from": ["human", "gpt"], "value": ["Hi", "Hello"]})
    [{'from': 'human', 'value': 'Hi'}, {'from': 'gpt', 'value': 'Hello'}]
    """
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    elif isinstance(value, dict) and value and all(isinstance(cells, list) for cells in value.values()):
        if len({len(cells) for cells in value.values()}) > 1:
            return None
        # A sequence of objects, as `datasets` keeps it.
        value = [dict(zip(value, cells, strict=True)) for cells in zip(*value.values(), strict=True)]
    return value if is_chat(value) else None


def unlearned_responses(value: object, names: TurnNames) -> list[int]:
    """Responses of a chat that say that they carry no loss, counted from 0; empty where `chat_in` finds no chat."""
    responses = (
        turn for turn in chat_in(value) or [] if names.roles.get(names.spelled(str(names.speaker(turn)))) == "assistant"
    )
    return [number for number, turn in enumerate(responses) if _is_unlearned(turn)]


def _is_unlearned(turn: object) -> bool:
    return isinstance(turn, Mapping) and any(
        isinstance(turn.get(name), bool | int | float) and not turn[name] for name in WEIGHTS
    )


def _words(value: object, where: str) -> Words:
    """Text of a turn, reasoning apart where it has a part of its own."""
    if not (isinstance(value, list | dict) and value):
        return Words(read_text(value, where))
    if any(isinstance(part, dict) and str(part.get("type")).startswith(_TOOL_PARTS) for part in value):
        raise RowFault("tool-turn", f"{where} calls a program, or holds what it gave back")
    try:
        words = read_words({"content": value})
    except ForeignPart as error:
        raise RowFault("not-text", f"{where}: {error}") from None
    _require_whole(words.text or "", where)
    return words


def _require_whole(text: str, where: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise RowFault("broken-text", f"{where} holds half of a character (a lone surrogate)") from None


def _turn(turn: object, where: str, names: TurnNames) -> Message:
    if not isinstance(turn, Mapping):
        raise RowFault("no-chat", f"{where} is {kind_of(turn)}, not an object with a role and a content")
    said = names.speaker(turn)
    if not isinstance(said, str):
        raise RowFault("no-role", f"{where} has no {' or '.join(names.role)}")
    name = names.spelled(said)
    if name in names.tools or said in names.tools:
        raise RowFault("tool-turn", f"{where} has the role {said!r}")
    role = names.roles.get(name)
    if role is None:
        raise RowFault("unknown-role", f"{where} has the role {said!r}; known are {', '.join(names.roles)}")
    if called := next((call for call in CALLS if turn.get(call)), ""):
        raise RowFault("tool-turn", f"{where} has {called}: the assistant calls a program")
    content = next((turn[name] for name in names.content if not is_absent(turn.get(name))), None)
    words = _words(content, where)
    text = words.text or ""
    if role == "assistant":
        apart = (turn[name] for name in REASONING if isinstance(turn.get(name), str) and turn[name])
        reasoning = words.reasoning or next(apart, "")
        if reasoning and text.strip():
            _require_whole(reasoning, where)
            text = with_trace(Told(text, reasoning.strip()))
    return Message(role=role, content=text)
