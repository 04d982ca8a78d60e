"""Instruction sets of others: user-oriented instructions, Vicuna's questions, AlpacaEval's, Arena-Hard's, one's own."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quintain.errors import RecordError
from quintain.records import Instruction, content_id
from quintain.text.json_lines import read_json, read_json_lines

_TEXTS = ("instruction", "prompt", "text", "question")
_RESPONSES = ("response", "output")
_CATEGORIES = ("category", "motivation_app", "dataset")


@dataclass(frozen=True)
class InstructionSet:
    """Instructions to which no response is right or wrong by a rule."""

    name: str
    """Name of the file."""
    instructions: tuple[Instruction, ...]
    """The instructions, each once."""
    clusters: Mapping[str, str] = field(default_factory=dict)
    """Instruction id → what it stands or falls with: the instances of one instruction."""
    repeated: int = 0
    """Instructions that stood in the file before."""

    @property
    def digest(self) -> str:
        """Hash of the instructions to 16 hexadecimal digits."""
        return content_id(*sorted(each.id for each in self.instructions))


def read_instruction_set(path: Path, limit: int = 0) -> InstructionSet:
    """Read an instruction set.

    An entry has its text as `instruction`, `prompt`, `text` or `question`, with `input` or `instances` where it speaks
    of something, or as `turns`, of which the first is asked. What else it holds, such as somebody's responses, is left.

    Args:
        path: JSON lines, or a JSON list.
        limit: Most instructions, the first ones; 0 for all.

    Returns:
        The set.

    Raises:
        RecordError: The file is missing or broken, holds nothing, or an entry has no instruction; names file and line.
    """
    found: dict[str, Instruction] = {}
    clusters: dict[str, str] = {}
    read = 0
    for where, entry in _entries(path):
        for instruction in _instructions(entry, where):
            read += 1
            if instruction.id not in found and not (limit and len(found) == limit):
                found[instruction.id] = instruction
                clusters[instruction.id] = content_id(instruction.text)
    if not found:
        raise RecordError(f"{path} holds no instructions")
    repeated = 0 if limit else read - len(found)
    return InstructionSet(path.stem, tuple(found.values()), clusters, repeated)


def read_responses(path: Path) -> dict[str, str]:
    """Read somebody's responses to an instruction set.

    Args:
        path: JSON lines or a JSON list of entries with the instruction as a set has it, and its `response` or `output`;
            or with `instances`, each with its own.

    Returns:
        Prompt, input included → response; the first where there are several.

    Raises:
        RecordError: The file is missing or broken, or an entry has no instruction or no response.
    """
    found: dict[str, str] = {}
    for where, entry in _entries(path):
        instructions = list(_instructions(entry, where))
        instances = entry.get("instances") if len(instructions) == len(entry.get("instances") or ()) else None
        for instruction, holder in zip(instructions, instances or [entry] * len(instructions), strict=True):
            said = next((holder[name] for name in _RESPONSES if isinstance(holder.get(name), str)), None)
            if said is None:
                raise RecordError(f"{where} has no response: a text under {' or '.join(_RESPONSES)}")
            found.setdefault(instruction.prompt, said)
    return found


def _entries(path: Path) -> Iterator[tuple[str, Any]]:
    if path.suffix == ".json":
        document = read_json(path)
        if not isinstance(document, list):
            raise RecordError(f"{path} must hold a list of entries, or JSON lines under the name FILE.jsonl")
        yield from ((f"{path}, entry {number}", entry) for number, entry in enumerate(document, 1))
        return
    for number, entry in read_json_lines(path, json.loads):
        yield f"{path}, line {number}", entry


def _instructions(entry: Any, where: str) -> Iterator[Instruction]:
    text = _text(entry)
    if not text.strip():
        raise RecordError(f"{where} has no instruction: a text under {', '.join(_TEXTS)}, or under `turns`")
    category = next((str(entry[name]) for name in _CATEGORIES if isinstance(entry.get(name), str)), "")
    for given in _inputs(entry):
        yield Instruction(text=text.strip(), input=given.strip(), category=category)


def _text(entry: Any) -> str:
    if not isinstance(entry, dict):
        return ""
    turns = entry.get("turns")
    if isinstance(turns, list) and turns:
        return _said(turns[0])
    return next((entry[name] for name in _TEXTS if isinstance(entry.get(name), str)), "")


def _said(turn: Any) -> str:
    said = turn.get("content") if isinstance(turn, dict) else turn
    return said if isinstance(said, str) else ""


def _inputs(entry: Mapping[str, Any]) -> list[str]:
    instances = entry.get("instances")
    if isinstance(instances, list) and instances:
        return [str(each.get("input") or "") if isinstance(each, dict) else "" for each in instances]
    return [str(entry.get("input") or "")]
