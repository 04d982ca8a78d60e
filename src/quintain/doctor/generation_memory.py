"""Memory of models that are asked in this process: their weights, and keys and values of what they read and write."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from quintain.doctor.finding import Finding, good, warning
from quintain.doctor.model_room import model_room
from quintain.doctor.model_shape import opened_shape
from quintain.doctor.plan import Plan
from quintain.doctor.roles import asked
from quintain.doctor.sizes import gib
from quintain.doctor.starts import broken_starts, start_folder
from quintain.errors import QuintainError
from quintain.models.number_format import number_format
from quintain.models.roles import STUDENT, Roles

_ROUND_TOKENS = 1_024
_SURE = 0.9
"""Share of the memory left that a proposal fills."""


def generation_memory(plan: Plan) -> Iterator[Finding]:
    """Compare the memory of every model that is asked in this process with what is left."""
    for each in asked(plan):
        binding = Roles(**plan.parameter(each.group)).bound.get(each.binding) or {}
        if binding.get("backend") != "local":
            continue
        at = plan.place("parameters", *each.group.split("."), "bindings", each.binding)
        for name, folder in _folders(plan, each.binding, binding):
            try:
                yield _compared(name, folder, binding, at)
            except QuintainError:
                continue  # said where models and roles are looked at


def _folders(plan: Plan, role: str, binding: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    """Folders that a role opens, and for whom; of students, those that they start from."""
    if role != STUDENT:
        yield role, Path(str(binding.get("address") or ""))
        return
    seen = broken_starts(plan)
    for student in plan.lifecycle.students:
        if student.start and student.start not in seen:
            seen.add(student.start)
            try:
                folder = start_folder(plan, student)
            except QuintainError:
                continue  # said where the starts are looked at
            if folder is not None:
                yield student.name, folder


def _compared(name: str, folder: Path, binding: Mapping[str, Any], at: str) -> Finding:
    import torch

    from quintain.models.local import BATCH_TOKENS

    shape = opened_shape(folder, {})
    device = str(binding.get("device", "auto"))
    room = model_room(device)
    format_name = number_format(str(binding.get("dtype", "auto")), "" if device == "auto" else device)
    number_bytes = getattr(torch, format_name).itemsize
    tokens = int(binding.get("batch_tokens", BATCH_TOKENS))
    weights, token_bytes = shape.model.parameters * number_bytes, shape.model.cached_numbers * number_bytes
    said = (
        f"weights {gib(weights)}, keys and values of {tokens:,} tokens (batch_tokens) up to "
        f"{gib(tokens * token_bytes)}, in {format_name}; {gib(room.size_bytes)} of memory left ({room.limited_by})"
    )
    if weights + tokens * token_bytes <= room.size_bytes:
        return good(name, said)
    fitting = int(_SURE * (room.size_bytes - weights) / token_bytes) // _ROUND_TOKENS * _ROUND_TOKENS
    remedy = (
        f"set batch_tokens to {fitting}"
        if fitting > 0
        else "give it more memory, or bind the role to a server that has it"
    )
    return warning(name, said, remedy, at)
