"""Task files of our own: a task of lm-evaluation-harness in YAML, with a section `local` that says where its rows lie.

```yaml
local:
  files: "{part}.jsonl"          # in the source's folder; JSON lines, or a .json list
  rows: examples                 # key of the list where the file is an object; empty: the file is the list
  fields: {question: text, options: list, gold: number}    # what every row must have; a dot goes into an object
  defaults: {passage: ""}        # of fields that a row may lack
  parts: {algebra: {}, logic: {options: [yes, no]}}        # tasks of one form, with fields of their own; else one
task: sums
output_type: multiple_choice     # and everything else that the harness reads in a task file
gold_among: "A B C D"            # template of the golds that there may be, for tasks whose response is written
```
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from quintain.errors import ConfigError

Kind = Literal["text", "list", "number", "flag", "object"]
OWN = Path(__file__).parent / "tasks"
"""Task files that come with the package."""
_NEEDED = ("task", "output_type", "doc_to_text", "doc_to_target", "metric_list")
_LOCAL = ("files", "rows", "fields", "defaults", "parts")
_OUTPUTS = ("generate_until", "multiple_choice", "loglikelihood")


@dataclass(frozen=True, kw_only=True)
class TaskFile:
    """A task file, read and checked."""

    path: Path
    """Where it lies."""
    task: str
    """Name of the task."""
    files: str
    """Name of a file of rows, `{part}` in it where there are parts."""
    rows: str = ""
    """Key of the list of rows; empty where the file is the list."""
    fields: Mapping[str, Kind]
    """Field of every row → what it holds."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Field that a row may lack → its value then."""
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Part → fields that its rows get; empty where the file is one task."""
    gold_among: str = ""
    """Template of the golds that a row may have, with white space between; empty where any may be."""
    config: Mapping[str, Any]
    """What the harness reads."""


def own_tasks(folder: Path | None = None) -> dict[str, Path]:
    """Task → its file, of this package and of a further folder, whose files win.

    Args:
        folder: Folder of task files; None for those of the package alone.

    Returns:
        The files by the name before the ending, which is the task's.

    Raises:
        ConfigError: The folder does not exist.
    """
    if folder is not None and not folder.is_dir():
        raise ConfigError(f"there is no folder {folder}, named as `task_files` of a benchmark of the kind `harness`")
    homes = [OWN, *([folder] if folder else [])]
    return {path.stem: path for home in homes for path in sorted(home.glob("*.yaml"))}


def read_task_file(path: Path) -> TaskFile:
    """Read and check a task file.

    Args:
        path: A YAML file.

    Returns:
        The task file.

    Raises:
        ConfigError: It cannot be read, lacks a field, or a field is of another form; names file and field.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"the task file {path} cannot be read: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict) or not isinstance(document.get("local"), dict):
        raise ConfigError(f"the task file {path} needs a section `local` with `files` and `fields`")
    local, config = document.pop("local"), document
    needed = [*_NEEDED, *(["doc_to_choice"] if config.get("output_type") == "multiple_choice" else [])]
    missing = [name for name in needed if config.get(name) in (None, "", [])]
    missing += [f"local.{name}" for name in ("files", "fields") if not local.get(name)]
    if missing:
        raise ConfigError(f"the task file {path} lacks {', '.join(missing)}")
    if unknown := sorted(set(local) - set(_LOCAL)):
        raise ConfigError(f"the task file {path}: local has {', '.join(unknown)}; it knows {', '.join(_LOCAL)}")
    if config["output_type"] not in _OUTPUTS:
        raise ConfigError(
            f"the task file {path}: output_type {config['output_type']!r} is none of {', '.join(_OUTPUTS)}"
        )
    if config["task"] != path.stem:
        raise ConfigError(f"the task file {path} is named otherwise than its task {config['task']!r}")
    _check_local(path, local)
    return TaskFile(path=path, task=path.stem, gold_among=str(config.pop("gold_among", "")), config=config, **local)


def _check_local(path: Path, local: Mapping[str, Any]) -> None:
    for name in ("fields", "defaults", "parts"):
        if not isinstance(local.get(name, {}), dict):
            raise ConfigError(f"the task file {path}: local.{name} must map names, got {local[name]!r}")
    if wrong := [name for name, kind in local["fields"].items() if kind not in get_args(Kind)]:
        raise ConfigError(
            f"the task file {path}: local.fields.{wrong[0]} must be one of {', '.join(get_args(Kind))}, got "
            f"{local['fields'][wrong[0]]!r}"
        )
    if bool(local.get("parts")) != ("{part}" in str(local["files"])):
        raise ConfigError(f"the task file {path}: local.files names {{part}} where there are parts, and only there")
