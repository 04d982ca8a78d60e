"""The stages that made a file or folder, as DVC knows them."""

import functools
import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from quintain.data_root import data_root
from quintain.environment import versioned_environment

_CHUNK_BYTES = 1 << 20
_CODE = "src/"


@dataclass(frozen=True, kw_only=True)
class StageRecord:
    """One stage as it ran."""

    name: str
    """Its name in dvc.yaml."""
    command: str
    """The command of the stage."""
    inputs: dict[str, str]
    """Path → DVC's hash of what it read; empty for code, which the commit names, and for what was gone."""
    outputs: dict[str, str]
    """Path → DVC's hash of what it wrote."""
    parameters: dict[str, Any]
    """`file:key` → value of each parameter that it read."""


def stages_file(root: Path, environment: str) -> Path:
    """File that says which stages an environment has, in the form of dvc.yaml.

    Args:
        root: The project.
        environment: A folder of its conf/.

    Returns:
        dvc.yaml itself for what is written where the versioned environment writes; for others, a file beside their
        data, which their runs write.
    """
    folder, versioned = data_root(root, environment), data_root(root, versioned_environment(root))
    return root / "dvc.yaml" if folder == versioned else folder / ".stages.yaml"


def stages_behind(root: Path, path: str, declared_in: Path | None = None) -> tuple[StageRecord, ...]:
    """Find every stage that a file or folder goes back to.

    dvc.lock is believed where its hash is that of what lies there. Otherwise, as after a plain `kedro run`, a file says
    which stages there are, and what lies at their paths is hashed now.

    Args:
        root: The project.
        path: The file or folder, from there.
        declared_in: The file, see `stages_file`; by default dvc.yaml.

    Returns:
        The stages, each after those whose outputs it reads; none where DVC knows no stage that writes the path.
    """
    locked = {name: _locked(name, stage) for name, stage in _stages(root / "dvc.lock").items()}
    behind = _behind(locked, path)
    if behind and behind[-1].outputs[path] == dvc_md5(root / path):
        return tuple(behind)
    declared = {name: _declared(name, stage) for name, stage in _stages(declared_in or root / "dvc.yaml").items()}
    return tuple(_hashed(root, stage) for stage in _behind(declared, path))


def dvc_md5(path: Path) -> str:
    """Hash a file or folder as DVC does.

    Args:
        path: The file or folder.

    Returns:
        MD5 of a file's bytes; of the list of its files, with the ending `.dir`, for a folder; empty when it is missing.
    """
    if path.is_file():
        return _file_md5(path, path.stat().st_mtime_ns, path.stat().st_size)
    if not path.is_dir():
        return ""
    files = sorted((file.relative_to(path).as_posix(), file) for file in path.rglob("*") if file.is_file())
    rows = [{"md5": dvc_md5(file), "relpath": name} for name, file in files]
    return f"{hashlib.md5(json.dumps(rows, sort_keys=True).encode(), usedforsecurity=False).hexdigest()}.dir"


@functools.lru_cache(maxsize=10_000)
def _file_md5(path: Path, mtime_ns: int, size: int) -> str:
    """Seven students go back to the same pages; they are hashed once as long as time and size stay."""
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _stages(path: Path) -> dict[str, dict[str, Any]]:
    if not path.is_file():
        return {}
    stages: dict[str, dict[str, Any]] = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("stages", {})
    return stages


def _locked(name: str, stage: Mapping[str, Any]) -> StageRecord:
    return StageRecord(
        name=name,
        command=stage.get("cmd", ""),
        inputs={each["path"]: each.get("md5", "") for each in stage.get("deps", [])},
        outputs={each["path"]: each.get("md5", "") for each in stage.get("outs", [])},
        parameters={
            f"{file}:{key}": value for file, values in stage.get("params", {}).items() for key, value in values.items()
        },
    )


def _declared(name: str, stage: Mapping[str, Any]) -> StageRecord:
    outputs = (path for section in ("outs", "metrics", "plots") for path in _names(stage.get(section, [])))
    params = [
        f"{file}:{key}" for part in stage.get("params", []) if isinstance(part, dict) for file in part
        for key in part[file]
    ]  # fmt: skip
    return StageRecord(
        name=name,
        command=stage.get("cmd", ""),
        inputs=dict.fromkeys(_names(stage.get("deps", [])), ""),
        outputs=dict.fromkeys(outputs, ""),
        parameters=dict.fromkeys(params),
    )


def _names(entries: Iterable[str | dict[str, Any]]) -> list[str]:
    return [entry if isinstance(entry, str) else next(iter(entry)) for entry in entries]


def _hashed(root: Path, stage: StageRecord) -> StageRecord:
    return StageRecord(
        name=stage.name,
        command=stage.command,
        inputs={path: "" if path.startswith(_CODE) else dvc_md5(root / path) for path in stage.inputs},
        outputs={path: dvc_md5(root / path) for path in stage.outputs},
        parameters={name: _value(root, *name.split(":", 1)) for name in stage.parameters},
    )


def _value(root: Path, file: str, key: str) -> Any:
    path = root / file
    read = tomllib.loads if path.suffix == ".toml" else yaml.safe_load
    value: Any = read(path.read_text(encoding="utf-8")) if path.is_file() else None
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _behind(stages: Mapping[str, StageRecord], path: str) -> list[StageRecord]:
    """The stages behind a path, producers first."""
    writers = {out: name for name, stage in stages.items() for out in stage.outputs}
    ordered: dict[str, StageRecord] = {}

    def visit(name: str) -> None:
        if name in ordered:
            return
        for read in stages[name].inputs:
            if read in writers:
                visit(writers[read])
        ordered[name] = stages[name]

    if path in writers:
        visit(writers[path])
    return list(ordered.values())
