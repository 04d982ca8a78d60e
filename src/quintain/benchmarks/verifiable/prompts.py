"""Files of prompts, as IFEval and IFBench have them: JSON lines with key, prompt, instruction_id_list and kwargs."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from quintain.benchmarks.verifiable.checks import (
    ifbench_count,
    ifbench_custom,
    ifbench_format,
    ifbench_words,
    ifeval_format,
    ifeval_keywords,
    ifeval_length,
    ifeval_whole,
)
from quintain.benchmarks.verifiable.instructions import VerifiableInstruction, make_instruction
from quintain.errors import RecordError
from quintain.records import content_id
from quintain.text.json_lines import read_json_lines

# Importing them is what makes their checkers known.
CHECKS = (
    *(ifeval_keywords, ifeval_length, ifeval_format, ifeval_whole),
    *(ifbench_count, ifbench_words, ifbench_format, ifbench_custom),
)


@dataclass(frozen=True)
class VerifiablePrompt:
    """One prompt and what its response is checked for."""

    key: int | str
    """Its key in the file."""
    prompt: str
    """What the model is asked."""
    instructions: tuple[VerifiableInstruction, ...]
    """What the prompt asks for, in the file's order; a kind may come twice, as in `at least 20` and `less than 26`."""

    @cached_property
    def id(self) -> str:
        """Hash of the content."""
        asked = [[each.kind, each.parameters] for each in self.instructions]
        return content_id(str(self.key), self.prompt, asked)

    @property
    def cluster(self) -> str:
        """The key: every prompt stands for itself."""
        return str(self.key)

    @property
    def category(self) -> str:
        """None: families and kinds are of instructions, not of prompts."""
        return ""

    @property
    def level(self) -> int:
        """1: there are no levels."""
        return 1


@dataclass(frozen=True)
class _Line:
    key: int | str
    prompt: str
    instruction_id_list: list[str]
    kwargs: list[dict[str, Any] | None]


def read_prompts(path: Path) -> list[VerifiablePrompt]:
    """Read a released file, such as `input_data.jsonl` or `IFBench_test.jsonl`, a copy of the hub, or one of one's own.

    Args:
        path: The file. A parameter that is null, as the hub writes all that do not apply, counts as not given.

    Returns:
        The prompts in the file's order.

    Raises:
        ValueError: The file is missing or empty, a key comes twice, or a line is malformed: names file, line and key.
    """
    decode = msgspec.json.Decoder(_Line).decode
    found: dict[str, VerifiablePrompt] = {}  # a number and its digits are the same key
    try:
        read = list(read_json_lines(path, decode))
    except RecordError as error:
        raise ValueError(str(error)) from None
    for number, line in read:
        try:
            prompt = _prompt(line)
            if str(prompt.key) in found:
                raise ValueError(f"key {prompt.key} stands on an earlier line too; give each prompt a key of its own")
        except ValueError as error:
            raise ValueError(f"{path}, line {number}: {error}") from None
        found[str(prompt.key)] = prompt
    if not found:
        raise ValueError(f"{path} holds no prompt")
    return list(found.values())


def prompts_digest(prompts: Iterable[VerifiablePrompt]) -> str:
    """Hash what is asked and checked to 16 hexadecimal digits, the same whatever the order of the prompts."""
    return content_id(*sorted(prompt.id for prompt in prompts))


def _prompt(line: _Line) -> VerifiablePrompt:
    where = f"key {line.key}"
    if not line.prompt.strip():
        raise ValueError(f"{where}: prompt is empty")
    if not line.instruction_id_list or len(line.instruction_id_list) != len(line.kwargs):
        raise ValueError(
            f"{where}: {len(line.instruction_id_list)} ids in instruction_id_list and {len(line.kwargs)} entries in "
            "kwargs; there must be one entry for each id, and one id at least"
        )
    instructions = []
    for place, (kind, parameters) in enumerate(zip(line.instruction_id_list, line.kwargs, strict=True)):
        try:
            instructions.append(make_instruction(kind, parameters or {}))
        except ValueError as error:
            raise ValueError(f"{where}, kwargs[{place}]: {error}") from None
    return VerifiablePrompt(line.key, line.prompt, tuple(instructions))
