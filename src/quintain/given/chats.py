"""Chats as records: an instruction pair or a preference pair of turns."""

from collections.abc import Sequence

from quintain.given.faults import RowFault
from quintain.records import InstructionPair, Message, PreferencePair


def pair_of(chat: Sequence[Message], *, request: str = "") -> InstructionPair:
    """An instruction pair of a chat that ends with a response; the turns before the last two are its context.

    Args:
        chat: The turns.
        request: The request alone, where the user turn holds material beside it.

    Returns:
        The pair.

    Raises:
        RowFault: Nobody asks, nobody responds, or a turn is empty.
    """
    asked, said = _exchange(chat)
    return InstructionPair(
        instruction=asked.content, response=said.content, kind="given", request=request, context=tuple(chat[:-2])
    )


def preference_of(prompt: Sequence[Message], chosen: str, rejected: str) -> PreferencePair:
    """A preference pair of two responses to a chat.

    Args:
        prompt: The turns before the response, the user's last.
        chosen: The better response.
        rejected: The worse one.

    Returns:
        The pair.

    Raises:
        RowFault: A response is empty, both are the same, or nobody asks.
    """
    for name, text in (("chosen", chosen), ("rejected", rejected)):
        if not text.strip():
            raise RowFault("empty-response", f"{name} is empty")
    if chosen.strip() == rejected.strip():  # white space around a response is no part of it
        raise RowFault("equal", "chosen and rejected are the same")
    asked, _ = _exchange([*prompt, Message(role="assistant", content=chosen)])
    return PreferencePair(prompt=asked.content, chosen=chosen, rejected=rejected, context=tuple(prompt[:-1]))


def chat_of_pair(pair: InstructionPair) -> list[Message]:
    """All turns of an instruction pair."""
    asked = Message(role="user", content=pair.instruction)
    return [*pair.context, asked, Message(role="assistant", content=pair.response)]


def prompt_of_pair(pair: PreferencePair) -> list[Message]:
    """The turns before the two responses."""
    return [*pair.context, Message(role="user", content=pair.prompt)]


def _exchange(chat: Sequence[Message]) -> tuple[Message, Message]:
    if not chat or chat[-1].role != "assistant":
        raise RowFault("no-response", "the chat does not end with the assistant")
    if len(chat) < 2 or chat[-2].role != "user":
        raise RowFault("no-instruction", "no user turn stands before the last response")
    for number, turn in enumerate(chat[:-2], start=1):
        if not turn.content.strip():
            raise RowFault("empty-turn", f"turn {number} ({turn.role}) is empty")
    if not chat[-2].content.strip():
        raise RowFault("empty-instruction")
    if not chat[-1].content.strip():
        raise RowFault("empty-response")
    return chat[-2], chat[-1]
