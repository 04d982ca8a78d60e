"""Formats of preference pairs: TRL's columns as texts and chats, LLaMA-Factory's, transcripts, and our own."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from quintain.given.chats import preference_of, prompt_of_pair
from quintain.given.faults import RowFault
from quintain.given.formats import Format, Values, present
from quintain.given.layout import Layout
from quintain.given.pair_formats import (
    SYSTEM,
    as_json,
    as_messages,
    as_sharegpt,
    asked_of,
    history_turns,
    refuse_beside,
    system_turns,
    written_context,
)
from quintain.given.transcripts import is_transcript, read_prompt, read_transcript, write_transcript
from quintain.given.turns import TurnNames, chat_in, is_chat, read_text, read_turn, read_turns
from quintain.records import Message, PreferencePair

_OF_THE_PROMPT = {"question", "query", "problem", "input", "inputs", "request", "task", "post", "context", "history"}
"""Columns that hold what two responses respond to, which then do not begin with it themselves."""


def _read_prompted(row: Values, layout: Layout) -> PreferencePair:
    """A prompt of its own, as text or chat; the chats of the responses may repeat it."""
    before = read_prompt(row.get("prompt"), "prompt", layout.turns)
    return _compared(row, _with_system(row, before), layout.turns)


def _read_chats(column: str) -> Any:
    def read(row: Values, layout: Layout) -> PreferencePair:
        before = read_turns(row.get(column), column, layout.turns)
        return _compared(row, _with_system(row, before), layout.turns)

    return read


def _read_alpaca(row: Values, layout: Layout) -> PreferencePair:
    asked, _ = asked_of(row)
    if not asked.strip():
        raise RowFault("empty-instruction")
    before = [*history_turns(row.get("history"), layout.turns), Message(role="user", content=asked)]
    output = row.get("output")
    if "chosen" not in row and isinstance(output, list) and len(output) == 2:  # as LLaMA-Factory once had it
        row = {**row, "chosen": output[0], "rejected": output[1]}
    return _compared(row, _with_system(row, before), layout.turns)


def _read_implicit(row: Values, layout: Layout) -> PreferencePair:
    """Two texts or chats that begin with the same prompt."""
    refuse_beside(row)
    if isinstance(row.get("chosen"), str) and isinstance(row.get("rejected"), str):
        return _of_texts(row["chosen"], row["rejected"])
    return _compared(row, _with_system(row, []), layout.turns)


def _read_transcripts(row: Values, layout: Layout) -> PreferencePair:
    refuse_beside(row)
    chats = {side: read_transcript(read_text(row.get(side), side), side) for side in ("chosen", "rejected")}
    return _parted([], chats["chosen"], chats["rejected"])


def _read_own(row: Values, layout: Layout) -> PreferencePair:
    try:
        return msgspec.convert({name: row[name] for name in present(row)}, PreferencePair)
    except msgspec.ValidationError as error:
        raise RowFault("no-record", str(error)) from None


def _read_openai(row: Values, layout: Layout) -> PreferencePair:
    """OpenAI's preference rows: the chat and its tools in an object of their own."""
    asked = row["input"]
    refuse_beside(asked)
    sides = {"chosen": row.get("preferred_output"), "rejected": row.get("non_preferred_output")}
    return _compared(sides, read_turns(asked.get("messages"), "input.messages", layout.turns), layout.turns)


def _with_system(row: Values, before: Sequence[Message]) -> list[Message]:
    return [*([] if before and before[0].role == "system" else system_turns(row)), *before]


def _compared(row: Values, before: list[Message], names: TurnNames) -> PreferencePair:
    refuse_beside(row)
    chosen, rejected = (_side(row.get(side), side, names) for side in ("chosen", "rejected"))
    return _parted(before, chosen, rejected)


def _side(value: object, column: str, names: TurnNames) -> list[Message]:
    if isinstance(value, Mapping):
        return [read_turn(value, column, names)]
    if is_chat(value) and not (value and "type" in value[0]):  # parts are no turns
        return read_turns(value, column, names)
    return [Message(role="assistant", content=read_text(value, column))]


def _parted(before: list[Message], chosen: Sequence[Message], rejected: Sequence[Message]) -> PreferencePair:
    """Find where two chats part; what both have before that is the prompt."""
    shared = 0
    while shared < min(len(chosen), len(rejected)) and chosen[shared] == rejected[shared]:
        shared += 1
    if shared == len(chosen) == len(rejected):
        raise RowFault("equal", "chosen and rejected are the same")
    prompt = _continued(before, chosen[:shared])
    better, worse = chosen[shared:], rejected[shared:]
    if len(better) != 1 or len(worse) != 1:
        detail = f"chosen goes on with {len(better)} turns and rejected with {len(worse)} where they part"
        raise RowFault("turns-differ", detail)
    for name, turn in (("chosen", better[0]), ("rejected", worse[0])):
        if turn.role != "assistant":
            raise RowFault("no-response", f"{name} does not end with the assistant")
    return preference_of(prompt, better[0].content, worse[0].content)


def _continued(before: list[Message], shared: Sequence[Message]) -> list[Message]:
    """The prompt: what both chats begin with, behind what stands before them, which they may repeat."""
    if not before or not shared:
        return [*before, *shared]
    own = [turn for turn in before if turn.role != "system"]
    said = [(turn.role, turn.content) for turn in shared]
    if all((turn.role, turn.content) in said for turn in own):
        system = [turn for turn in before if turn.role == "system" and (turn.role, turn.content) not in said]
        return [*system, *shared]
    return [*before, *shared]


def _of_texts(chosen: str, rejected: str) -> PreferencePair:
    """Two texts whose common beginning is the prompt, up to the last white space in it."""
    shared = 0
    while shared < min(len(chosen), len(rejected)) and chosen[shared] == rejected[shared]:
        shared += 1
    while shared > 0 and not (chosen[shared - 1].isspace() or shared == len(chosen) or chosen[shared].isspace()):
        shared -= 1
    prompt = chosen[:shared].rstrip()
    if not prompt.strip():
        raise RowFault("no-instruction", "there is no prompt, and the two responses do not begin with one")
    for side, text in (("chosen", chosen), ("rejected", rejected)):
        read_text(text, side)
    before = [Message(role="user", content=prompt)]
    return preference_of(before, chosen[len(prompt) :].lstrip(), rejected[len(prompt) :].lstrip())


def _write_text(pair: PreferencePair) -> dict[str, Any]:
    if pair.context:
        return _write_chat(pair)
    return {"prompt": pair.prompt, "chosen": pair.chosen, "rejected": pair.rejected}


def _write_chat(pair: PreferencePair) -> dict[str, Any]:
    return {"prompt": as_messages(prompt_of_pair(pair)), **_responses(pair)}


def _responses(pair: PreferencePair) -> dict[str, list[dict[str, str]]]:
    return {side: [{"role": "assistant", "content": getattr(pair, side)}] for side in ("chosen", "rejected")}


def _write_implicit(pair: PreferencePair) -> dict[str, Any]:
    before = as_messages(prompt_of_pair(pair))
    return {side: [*before, *turns] for side, turns in _responses(pair).items()}


def _write_sharegpt(pair: PreferencePair) -> dict[str, Any]:
    sides = {side: {"from": "gpt", "value": getattr(pair, side)} for side in ("chosen", "rejected")}
    return {"conversations": as_sharegpt(prompt_of_pair(pair)), **sides}


def _write_alpaca(pair: PreferencePair) -> dict[str, Any]:
    sides = {"chosen": pair.chosen, "rejected": pair.rejected}
    return {"instruction": pair.prompt, "input": "", **sides, **written_context(pair.context)}


def _write_transcripts(pair: PreferencePair) -> dict[str, Any]:
    before = prompt_of_pair(pair)
    return {
        side: write_transcript([*before, Message(role="assistant", content=getattr(pair, side))])
        for side in ("chosen", "rejected")
    }


def _write_openai(pair: PreferencePair) -> dict[str, Any]:
    sides = _responses(pair)
    return {
        "input": {"messages": as_messages(prompt_of_pair(pair))},
        "preferred_output": sides["chosen"],
        "non_preferred_output": sides["rejected"],
    }


def _both(row: Values) -> bool:
    return {"chosen", "rejected"} <= present(row)


def _begin_with_prompt(row: Values) -> bool:
    """True for two chats; of two texts only where no other column holds what they respond to."""
    texts = isinstance(row["chosen"], str) and isinstance(row["rejected"], str)
    return not (texts and _OF_THE_PROMPT & {str(name).lower() for name in present(row)})


_SIDES = ("chosen", "rejected")
_OWN = frozenset(PreferencePair.__dataclass_fields__)

PREFERENCE_FORMATS = (
    Format(
        "quintain-preference", "preference pairs of Quintain", "preferences", tuple(_OWN),
        lambda row: {"prompt", "chosen", "rejected", "chosen_source"} <= present(row) and row.keys() <= _OWN,
        _read_own, as_json,
    ),
    Format(
        "preference-chat", "TRL's prompt, chosen and rejected, as chats", "preferences", ("prompt", *_SIDES, *SYSTEM),
        lambda row: _both(row) and is_chat(row.get("prompt")),
        _read_prompted, _write_chat,
    ),
    Format(
        "preference", "TRL's prompt, chosen and rejected", "preferences", ("prompt", *_SIDES, *SYSTEM),
        lambda row: _both(row) and "prompt" in present(row),
        _read_prompted, _write_text,
    ),
    Format(
        "alpaca-preference", "Alpaca with chosen and rejected", "preferences",
        ("instruction", "input", "history", *SYSTEM, "output", *_SIDES),
        lambda row: _both(row) and bool({"instruction", "input"} & present(row)),
        _read_alpaca, _write_alpaca,
    ),
    Format(
        "sharegpt-preference", "ShareGPT with chosen and rejected", "preferences",
        ("conversations", *SYSTEM, *_SIDES),
        lambda row: _both(row) and chat_in(row.get("conversations")) is not None,
        _read_chats("conversations"), _write_sharegpt,
    ),
    Format(
        "messages-preference", "messages with chosen and rejected", "preferences", ("messages", *SYSTEM, *_SIDES),
        lambda row: _both(row) and chat_in(row.get("messages")) is not None and not is_chat(row.get("chosen")),
        _read_chats("messages"),
        lambda pair: {
            "messages": as_messages(prompt_of_pair(pair)),
            **{side: turns[0] for side, turns in _responses(pair).items()},
        },
    ),
    Format(
        "openai-preference", "OpenAI's preferred and non-preferred outputs", "preferences",
        ("input", "preferred_output", "non_preferred_output"),
        lambda row: (
            {"preferred_output", "non_preferred_output"} <= present(row) and isinstance(row.get("input"), Mapping)
        ),
        _read_openai, _write_openai,
    ),
    Format(
        "preference-transcript", "transcripts of Human and Assistant, chosen and rejected", "preferences", _SIDES,
        lambda row: _both(row) and is_transcript(row["chosen"]) and is_transcript(row["rejected"]),
        _read_transcripts, _write_transcripts,
    ),
    Format(
        "preference-implicit", "TRL's chosen and rejected with the prompt inside", "preferences", (*_SIDES, *SYSTEM),
        lambda row: _both(row) and _begin_with_prompt(row),
        _read_implicit, _write_implicit,
    ),
)  # fmt: skip
"""In the order in which they are tried."""
