"""Transcripts: chats as one text, each turn behind `Human:` or `Assistant:`, as in Anthropic's preference data."""

import re

from quintain.given.faults import RowFault
from quintain.given.turns import TurnNames, is_chat, read_text, read_turns
from quintain.records import Message

_SPEAKERS = re.compile(r"(?:^|\r?\n\r?\n)(Human|Assistant): ?")
_BEGINNING = re.compile(r"\s*Human:")
_RESPONSE = re.compile(r"\r?\n\r?\nAssistant:")
_ROLES = {"Human": "user", "Assistant": "assistant"}
_SPEAKER = {role: name for name, role in _ROLES.items()}


def is_transcript(value: object) -> bool:
    """True for a text in which a human asks and an assistant comes to word."""
    return isinstance(value, str) and bool(_BEGINNING.match(value)) and bool(_RESPONSE.search(value))


def read_transcript(text: str, column: str) -> list[Message]:
    """Read the turns of a transcript.

    Args:
        text: The transcript.
        column: Its column, for messages.

    Returns:
        The turns, the last one perhaps empty.

    Raises:
        RowFault: It does not begin with a speaker.
    """
    before, *pieces = _SPEAKERS.split(text)
    if before.strip() or not pieces:
        raise RowFault("no-chat", f"{column} does not begin with a speaker")
    return [
        Message(role=_ROLES[speaker], content=said)  # type: ignore[arg-type]
        for speaker, said in zip(pieces[::2], pieces[1::2], strict=True)
    ]


def read_prompt(value: object, column: str, names: TurnNames) -> list[Message]:
    r"""Read the turns before a response: those of a chat, or of a transcript without its last, empty turn; else one.

    Args:
        value: What stands before the response.
        column: Its column, for messages.
        names: Names that the turns of a chat use.

    Returns:
        The turns.

    Raises:
        RowFault: It is neither text nor a chat, or a turn is none.

    >>> [turn.content for turn in read_prompt("\n\nHuman: Hi\n\nAssistant:", "prompt", TurnNames())]
    ['Hi']
    """
    if is_chat(value):
        return read_turns(value, column, names)
    text = read_text(value, column)
    if not is_transcript(text):
        return [Message(role="user", content=text)]
    turns = read_transcript(text, column)
    return turns[:-1] if turns[-1].role == "assistant" and not turns[-1].content.strip() else turns


def write_transcript(turns: list[Message]) -> str:
    """Write turns as a transcript.

    Args:
        turns: The turns.

    Returns:
        The text.

    Raises:
        RowFault: Somebody else than a user and an assistant speaks.
    """
    if any(turn.role not in _SPEAKER for turn in turns):
        raise RowFault("not-alternating", "a transcript has no system turn")
    return "".join(f"\n\n{_SPEAKER[turn.role]}: {turn.content}" for turn in turns)
