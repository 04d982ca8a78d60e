"""Formats of the files that the papers came with; LTE and BMC keep chats and preference columns, which others have too.

Source: the authors' repositories YJiangcm/Lion, WebR, FollowBench and LTE.
"""

import math
import re
from collections.abc import Mapping

from quintain.finish_reasons import read_ending
from quintain.given.chats import pair_of, preference_of
from quintain.given.faults import RowFault, is_absent
from quintain.given.formats import Format, Values, present
from quintain.given.layout import Layout
from quintain.given.pair_formats import JOINT, asked_of
from quintain.given.transcripts import read_prompt
from quintain.given.turns import is_chat, read_text, read_turn
from quintain.methods.lte.knowedit import read_cases
from quintain.records import ConstraintItem, EditCase, Instruction, InstructionPair, Message, PreferencePair

_RESPONSE_TO_PAGE = re.compile(r"(?<![a-z])wr(?![a-z])", re.IGNORECASE)
_SCORES = ("assist1_score", "assist2_score")


def _read_comparison(row: Values, layout: Layout) -> PreferencePair:
    """A row of Lion's hard or easy instructions: two responses with the referee's mean scores."""
    first, second = (_number(row.get(name)) for name in _SCORES)
    if first is None or second is None or min(first, second) < 0:
        given = [row.get(name) for name in _SCORES]
        raise RowFault("unread-scores", f"the scores are {given}; the authors write -1 for a review that was not read")
    if first == second:
        raise RowFault("tie", f"both responses have the score {first:g}")
    asked, _ = asked_of(row)
    said = [read_text(row.get(name), name) for name in ("assist1", "assist2")]
    better, worse = said if first > second else said[::-1]
    return preference_of([Message(role="user", content=asked)], better, worse)


def _number(value: object) -> float | None:
    """A number, which a table writes as text; None where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _read_web(row: Values, layout: Layout) -> InstructionPair:
    """A row of WebR's stages: the page belongs to the user turn unless the file's name says WR."""
    page, asked, said = (read_text(row.get(name), name) for name in ("webpage", "request", "response"))
    whole = asked if not page.strip() or _RESPONSE_TO_PAGE.search(layout.name) else f"{asked}{JOINT}{page}"
    chat = [Message(role="user", content=whole if asked.strip() else ""), Message(role="assistant", content=said)]
    return pair_of(chat, request=asked if whole != asked else "")


def _read_reply(row: Values, layout: Layout) -> InstructionPair:
    """A row of FollowBench's outputs, or of any log of chat completions: a prompt and the choices."""
    choices = row["choices"]
    message = choices[0].get("message") if choices else None
    if not isinstance(message, Mapping):
        raise RowFault("no-response", "choices[0].message is missing")
    if (ended := choices[0].get("finish_reason")) is not None and read_ending(ended) != "whole":
        raise RowFault("not-whole", f"choices[0] has the finish_reason {ended!r}")
    column = _asked_column(row)
    said = read_turn({**message, "role": "assistant"}, "choices[0].message", layout.turns)
    return pair_of([*read_prompt(row.get(column), column, layout.turns), said])


def _asked_column(row: Values) -> str:
    return "prompt_new" if is_absent(row.get("prompt")) else "prompt"


def _read_instruction(row: Values, layout: Layout) -> Instruction:
    """An instruction alone: of Lion's pools and its generator, or a task of self-instruct with its first input."""
    text, material = (read_text(row.get(name), name) for name in ("instruction", "input"))
    instances = row.get("instances")
    if not material and isinstance(instances, list) and instances and isinstance(instances[0], Mapping):
        material = read_text(instances[0].get("input"), "instances[0].input")
    if not text.strip():
        raise RowFault("empty-instruction")
    return Instruction(text=text, input=material, category=read_text(row.get("category"), "category"))


def _read_item(row: Values, layout: Layout) -> ConstraintItem:
    """A row of FollowBench: an item of a benchmark, never data to train on."""
    instruction, target = (read_text(row.get(name), name) for name in ("instruction", "target"))
    level = _number(row.get("level"))
    if level is None or not level.is_integer():
        raise RowFault("no-level", f"level is {row.get('level')!r}, not a whole number")
    if level < 1:
        raise RowFault("level-0", "the bare instruction is asked of no model")
    if not instruction.strip():
        raise RowFault("empty-instruction")
    return ConstraintItem(
        example_id=str(row.get("example_id")), category=read_text(row.get("category"), "category"), level=int(level),
        instruction=instruction, target=target, source=read_text(row.get("source"), "source"),
    )  # fmt: skip


def _read_edit(row: Values, layout: Layout) -> EditCase:
    """An edit with KnowEdit's fields, or with subject, prompt and target."""
    known = {**row, "target_new": row.get("target_new", row.get("target"))}
    for name in ("concept", "text", "labels") if "labels" in row else ("subject", "prompt", "target_new"):
        if not isinstance(known.get(name), str) or not known[name].strip():
            raise RowFault("empty-edit", f"{name} is empty or no text")
        read_text(known[name], name)
    try:
        return read_cases("given", [known])[0]
    except (ValueError, TypeError, AttributeError) as error:
        raise RowFault("no-edit", str(error)) from None


PAPER_FORMATS = (
    Format(
        "followbench-items", "FollowBench's items", "items",
        ("example_id", "category", "source", "level", "instruction", "target", "answer"),
        lambda row: {"example_id", "category", "level", "instruction"} <= row.keys(),
        _read_item,
    ),
    Format(
        "chat-completions", "prompts with the choices of a chat completion, as FollowBench's outputs", "pairs",
        ("prompt", "prompt_new", "choices"),
        lambda row: is_chat(row.get("choices")) and bool({"prompt", "prompt_new"} & present(row)),
        _read_reply,
    ),
    Format(
        "lion-comparison", "Lion's instructions with two scored responses", "preferences",
        ("instruction", "input", "assist1", "assist2", *_SCORES),
        lambda row: {"instruction", "assist1", "assist2"} <= present(row),
        _read_comparison,
    ),
    Format(
        "webr", "WebR's pages with request and response", "pairs", ("webpage", "request", "response"),
        lambda row: {"webpage", "request", "response"} <= present(row),
        _read_web,
    ),
    Format(
        "edits", "edits: KnowEdit, or subject, prompt and target", "edits",
        ("subject", "prompt", "target", "target_new", "concept", "text", "labels"),
        lambda row: (
            {"subject", "prompt"} <= present(row) and bool({"target", "target_new"} & present(row))
        ) or {"concept", "text", "labels"} <= present(row),
        _read_edit,
    ),
)  # fmt: skip
"""In the order in which they are tried."""

INSTRUCTIONS = Format(
    "instructions", "instructions alone, as Lion's pools", "instructions", ("instruction", "input", "category"),
    lambda row: "instruction" in present(row) and not {"output", "response", "chosen", "rejected"} & row.keys(),
    _read_instruction, lambda one: {"instruction": one.text, "input": one.input}, weak=True,
)  # fmt: skip
"""Looks like other formats from which the response is missing."""
