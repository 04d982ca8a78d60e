"""Disk that a run fills: the models that it makes, and the checkpoints on the way."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from quintain.doctor.finding import Finding, fault, good, warning
from quintain.doctor.plan import Plan
from quintain.doctor.sizes import gib
from quintain.doctor.starts import foreign_students, source_of
from quintain.doctor.trainings import trainings
from quintain.models.folder import base_of, is_adapter

_LEAST_BYTES = 1 << 30
"""What any run may write besides models: data, ledger, registry, reports."""
_CHECKPOINT_MODELS = 3
"""A checkpoint holds the weights and two moments of each."""
_CHECKPOINTS = 2
"""A new one is written before the last one goes."""
_ADAPTER_SHARE = 0.05
"""Size of an adapter and its checkpoints, of the model under it, generously."""


def room_on_disk(plan: Plan) -> Iterator[Finding]:
    """Compare free space with what the run will write, by the sizes of the files that it starts from."""
    free = shutil.disk_usage(plan.root).free
    models, checkpoints = 0.0, 0.0
    for student in foreign_students(plan):
        models += _single_bytes(Path(source_of(plan, student.start)[0]))
    for each in trainings(plan):
        whole = _single_bytes(Path(source_of(plan, each.start.start)[0])) if each.start.foreign else 0.0
        share = _ADAPTER_SHARE if each.params.lora else 1.0
        models += whole * share
        checkpoints = max(checkpoints, whole * share * _CHECKPOINT_MODELS * _CHECKPOINTS)
    needed = round(models + checkpoints) + _LEAST_BYTES
    said = (
        f"{gib(free)} free at {plan.root}, about {gib(needed)} needed: {gib(models)} for students, {gib(checkpoints)} "
        f"for checkpoints, {gib(_LEAST_BYTES)} for all else"
    )
    if free < needed:
        yield fault("disk", said, "free some space, or lay the project out on a larger disk")
    elif free < 2 * needed:
        yield warning("disk", said)
    else:
        yield good("disk", said)


def _single_bytes(folder: Path) -> float:
    """Size of a folder's weights in single precision; 0 for one that is not here yet."""
    if not folder.is_dir():
        return 0.0
    if is_adapter(folder):
        folder = base_of(folder)
    stored = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    try:
        config: Any = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return float(stored)
    halved = str(config.get("dtype") or config.get("torch_dtype")) in ("bfloat16", "float16")
    return stored * (2.0 if halved else 1.0)
