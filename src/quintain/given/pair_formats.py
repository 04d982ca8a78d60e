"""Formats of instruction pairs: Alpaca, ShareGPT, messages, TRL's prompt and completion, and our own."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from quintain.given.chats import chat_of_pair, pair_of
from quintain.given.faults import RowFault, is_absent, kind_of
from quintain.given.formats import Format, Values, present
from quintain.given.layout import Layout
from quintain.given.transcripts import read_prompt
from quintain.given.turns import TurnNames, chat_in, is_chat, read_text, read_turns, unlearned_responses
from quintain.records import InstructionPair, Message, Record

JOINT = "\n\n"
"""Between an instruction and the material that it speaks of."""
NOT_TEXT = ("images", "image", "videos", "video", "audios", "audio")
"""Columns of things that are no text; a row with one is refused."""
SYSTEM = ("system", "system_prompt", "system_message")
"""Columns that may hold the system turn; the first that says something does."""
_TOOLS = ("tools", "functions")
_NO_TOOLS: tuple[object, ...] = ("", "[]", "{}", "null", "None", [], {})
_NO_MATERIAL = frozenset(("", "<noinput>", "<no input>", "noinput", "no input"))
"""What self-instruct's files write as input, in small letters, where there is none."""
_VERDICTS = frozenset(("true", "false"))
_VERDICTS_IN_NUMBERS = _VERDICTS | {"0", "1", "0.0", "1.0"}
_TO_SHAREGPT = {"user": "human", "assistant": "gpt", "system": "system"}


def refuse_beside(row: Values) -> None:
    """Refuse a row whose columns beside the chat change what its response means.

    Args:
        row: The row, under our names.

    Raises:
        RowFault: It declares tools, or shows pictures.
    """
    if tools := next((name for name in _TOOLS if not is_absent(row.get(name)) and row[name] not in _NO_TOOLS), ""):
        raise RowFault("tool-turn", f"the row declares `{tools}`, which are no part of a chat here")
    if seen := next((name for name in NOT_TEXT if not is_absent(row.get(name)) and row[name] not in ("", [], {})), ""):
        raise RowFault("not-text", f"the row has {seen}")


def _refuse_beside_response(row: Values) -> None:
    """Refuse a row as `refuse_beside` does, and one that says yes or no of its single response."""
    refuse_beside(row)
    if label := next((name for name in ("label", "kto_tag") if _is_verdict(row, name)), ""):
        raise RowFault("unpaired-preference", f"`{label}` says yes or no of one response; pairs need two")


def _is_verdict(row: Values, name: str) -> bool:
    """True for a column that says yes or no; 0 and 1 do where the columns are TRL's, and else may be classes."""
    in_numbers = name == "kto_tag" or {"prompt", "completion"} <= row.keys()
    known = _VERDICTS_IN_NUMBERS if in_numbers else _VERDICTS
    return isinstance(row.get(name), bool | int | float | str) and str(row[name]).strip().lower() in known


def system_turns(row: Values) -> list[Message]:
    """The system turn of a column of its own."""
    said = (text for name in SYSTEM if (text := read_text(row.get(name), name)).strip())
    return [Message(role="system", content=text) for text in (next(said, ""),) if text]


def history_turns(value: object, names: TurnNames) -> list[Message]:
    """Turns of a column `history`: pairs of what the user and the assistant said, or a chat."""
    if is_absent(value) or value in ("", "[]"):
        return []
    if is_chat(value):
        return read_turns(value, "history", names)
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise RowFault("no-history", f"history is {kind_of(value)}, not a list of pairs")
    turns = []
    for number, exchange in enumerate(value, start=1):
        if not isinstance(exchange, Sequence) or isinstance(exchange, str) or len(exchange) != 2:
            raise RowFault("no-history", f"history, item {number} is no pair of an instruction and a response")
        asked, said = (read_text(text, f"history, item {number}") for text in exchange)
        turns += [Message(role="user", content=asked), Message(role="assistant", content=said)]
    return turns


def asked_of(row: Values) -> tuple[str, str]:
    """The user turn of a row with `instruction` and perhaps `input`, and the request alone where both are there."""
    asked, material = (read_text(row.get(name), name) for name in ("instruction", "input"))
    if material.strip().lower() in _NO_MATERIAL:
        return asked, ""
    return (f"{asked}{JOINT}{material}", asked) if asked.strip() else (material, "")


def _read_alpaca(row: Values, layout: Layout) -> InstructionPair:
    _refuse_beside_response(row)
    column = "output" if not is_absent(row.get("output")) or "response" not in row else "response"
    said = read_text(row.get(column), column)
    before, material = row.get("context"), ""
    if is_chat(before):
        context = read_turns(before, "context", layout.turns)
    else:
        context, material = [], read_text(before, "context")
    if material.strip():
        more = read_text(row.get("input"), "input")
        row = {**row, "input": f"{material}{JOINT}{more}" if more.strip() else material}
    asked, request = asked_of(row)
    turns = [*system_turns(row), *history_turns(row.get("history"), layout.turns)]
    chat = [*turns, *context, Message(role="user", content=asked), Message(role="assistant", content=said)]
    earlier = sum(turn.role == "assistant" for turn in turns)
    unlearned = [earlier + number for number in unlearned_responses(before, layout.turns)]
    return _learned(pair_of(chat, request=request), unlearned)


def split_asked(pair: InstructionPair) -> tuple[str, str]:
    """Instruction and input of a pair; the input is empty where its request does not stand alone."""
    if pair.request and pair.instruction.startswith(pair.request + JOINT):
        return pair.request, pair.instruction[len(pair.request + JOINT) :]
    return pair.instruction, ""


def _write_alpaca(pair: InstructionPair) -> dict[str, Any]:
    instruction, material = split_asked(pair)
    return {"instruction": instruction, "input": material, "output": pair.response, **written_context(pair.context)}


def written_context(context: Sequence[Message]) -> dict[str, Any]:
    """Turns before an instruction as Alpaca has them.

    Args:
        context: The turns.

    Returns:
        A system prompt and a history of pairs, where there are any.

    Raises:
        RowFault: They do not take turns.
    """
    turns = list(context)
    row: dict[str, Any] = {}
    if turns and turns[0].role == "system":
        row["system"] = turns.pop(0).content
    roles = [turn.role for turn in turns]
    if roles != ["user", "assistant"] * (len(turns) // 2):
        raise RowFault("not-alternating", "Alpaca's history holds pairs of a user's and an assistant's turn")
    if turns:
        row["history"] = [[asked.content, said.content] for asked, said in zip(turns[::2], turns[1::2], strict=True)]
    return row


def _write_response(pair: InstructionPair) -> dict[str, Any]:
    row: dict[str, Any] = {"instruction": pair.instruction, "response": pair.response}
    return row | ({"context": _marked(pair, as_messages(pair.context))} if pair.context else {})


def as_messages(turns: Sequence[Message]) -> list[dict[str, str]]:
    """Turns with `role` and `content`."""
    return [{"role": turn.role, "content": turn.content} for turn in turns]


def as_sharegpt(turns: Sequence[Message]) -> list[dict[str, str]]:
    """Turns with `from` and `value`."""
    return [{"from": _TO_SHAREGPT[turn.role], "value": turn.content} for turn in turns]


def _read_messages(column: str) -> Any:
    def read(row: Values, layout: Layout) -> InstructionPair:
        _refuse_beside_response(row)
        turns = read_turns(row.get(column), column, layout.turns)
        first = [] if turns and turns[0].role == "system" else system_turns(row)
        return _learned(pair_of([*first, *turns]), unlearned_responses(row.get(column), layout.turns))

    return read


def _learned(pair: InstructionPair, unlearned: Sequence[int]) -> InstructionPair:
    """A pair with its responses that carry no loss, counted from 0; raises RowFault where the last is one of them."""
    if sum(turn.role == "assistant" for turn in pair.context) in unlearned:
        raise RowFault("not-learned", "the last turn says that it is not to be learned")
    return replace(pair, id="", unlearned=tuple(unlearned)) if unlearned else pair


def _marked(pair: InstructionPair, turns: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first turns of a pair's chat as they are written, those without loss marked."""
    responses = (place for place, turn in enumerate(pair.context) if turn.role == "assistant")
    places = {place for number, place in enumerate(responses) if number in pair.unlearned}
    return [{**turn, "weight": 0} if place in places else turn for place, turn in enumerate(turns)]


def _read_completion(row: Values, layout: Layout) -> InstructionPair:
    _refuse_beside_response(row)
    prompt, completion = row.get("prompt"), row.get("completion")
    asked = read_prompt(prompt, "prompt", layout.turns)
    said = (
        read_turns(completion, "completion", layout.turns)
        if is_chat(completion)
        else [Message(role="assistant", content=read_text(completion, "completion"))]
    )
    pair = pair_of([*([] if asked and asked[0].role == "system" else system_turns(row)), *asked, *said])
    chat = [turn for column in (prompt, completion) if is_chat(column) for turn in column]
    return _learned(pair, unlearned_responses(chat, layout.turns))


def _write_completion(pair: InstructionPair) -> dict[str, Any]:
    if pair.context:
        return _write_completion_chat(pair)
    return {"prompt": pair.instruction, "completion": pair.response}


def _write_completion_chat(pair: InstructionPair) -> dict[str, Any]:
    turns = _marked(pair, as_messages(chat_of_pair(pair)))
    return {"prompt": turns[:-1], "completion": turns[-1:]}


_OWN = frozenset(InstructionPair.__dataclass_fields__)


def _read_own(row: Values, layout: Layout) -> InstructionPair:
    try:
        return msgspec.convert({name: row[name] for name in present(row)}, InstructionPair)
    except msgspec.ValidationError as error:
        raise RowFault("no-record", str(error)) from None


def as_json(record: Record) -> dict[str, Any]:
    """A record as a file of records has it."""
    return dict(msgspec.json.decode(msgspec.json.encode(record)))


def _write_own(pair: InstructionPair) -> dict[str, Any]:
    return as_json(pair)


_ASKED = ("instruction", "input", *SYSTEM, "history", "context")

PAIR_FORMATS = (
    Format(
        "quintain", "instruction pairs of Quintain", "pairs", tuple(_OWN),
        lambda row: {"instruction", "response", "kind"} <= present(row) and row.keys() <= _OWN,
        _read_own, _write_own,
    ),
    Format(
        "messages", "OpenAI's messages", "pairs", ("messages", *SYSTEM),
        lambda row: bool(chat_in(row.get("messages"))),
        _read_messages("messages"), lambda pair: {"messages": _marked(pair, as_messages(chat_of_pair(pair)))},
    ),
    Format(
        "sharegpt", "ShareGPT", "pairs", ("conversations", *SYSTEM),
        lambda row: bool(chat_in(row.get("conversations"))),
        _read_messages("conversations"), lambda pair: {"conversations": _marked(pair, as_sharegpt(chat_of_pair(pair)))},
    ),
    Format(
        "prompt-completion-chat", "TRL's prompt and completion, as chats", "pairs", ("prompt", "completion", *SYSTEM),
        lambda row: {"prompt", "completion"} <= present(row) and is_chat(row["prompt"]) and is_chat(row["completion"]),
        _read_completion, _write_completion_chat,
    ),
    Format(
        "prompt-completion", "TRL's prompt and completion", "pairs", ("prompt", "completion", *SYSTEM),
        lambda row: {"prompt", "completion"} <= present(row),
        _read_completion, _write_completion,
    ),
    Format(
        "alpaca", "Alpaca", "pairs", (*_ASKED, "output"),
        lambda row: "output" in present(row) and bool({"instruction", "input"} & row.keys()),
        _read_alpaca, _write_alpaca,
    ),
    Format(
        "instruction-response", "instruction and response", "pairs", (*_ASKED, "response"),
        lambda row: "response" in present(row) and bool({"instruction", "input"} & row.keys()),
        _read_alpaca, _write_response,
    ),
)  # fmt: skip
"""In the order in which they are tried."""
