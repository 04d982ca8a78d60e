"""Tasks of the harness, opened: from a task file of ours and a folder, or by name with the source that was given."""

import copy
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quintain.benchmarks.harness.library import library
from quintain.benchmarks.harness.rows import read_rows
from quintain.benchmarks.harness.sources import Source, read_source
from quintain.benchmarks.harness.suites import Part
from quintain.benchmarks.harness.task_file import TaskFile, own_tasks, read_task_file
from quintain.errors import ConfigError, RecordError

HARNESS = "harness/"
"""What stands before the name of a task of the harness that a task file of ours has too."""
_FEWSHOT_SEED = 1234
"""The harness draws its examples with it."""


@dataclass(frozen=True, kw_only=True)
class OpenedTask:
    """A task with its data."""

    name: str
    """Name; that of its part where its task file has parts."""
    category: str
    """Category of its items."""
    task: Any
    """The harness's own object."""
    metric: str
    """Metric that scores an item."""
    filter: str
    """Filter that takes from a response what is compared."""
    gold_among: str = ""
    """Template of the golds that there may be."""

    @property
    def writes(self) -> bool:
        """True where the model writes; else likelihoods of given responses are asked."""
        return bool(self.task.OUTPUT_TYPE == "generate_until")


def open_part(
    part: Part, sources: Mapping[str, str], only: Sequence[str] = (), task_files: Path | None = None
) -> list[OpenedTask]:
    """Open the tasks of a part.

    Args:
        part: The part.
        sources: Task → folder, or NAME@REVISION.
        only: Those of its tasks that are wanted; all where there are none.
        task_files: Folder of further task files.

    Returns:
        The tasks.

    Raises:
        ConfigError: There is no such task, it has no source, or what is asked cannot be asked of a chat.
        RecordError: Its data are missing or broken.
    """
    own = own_tasks(task_files)
    if part.task in own:
        return _own(part, read_task_file(own[part.task]), sources, only)
    return _of_the_harness(part, sources, only)


def _own(part: Part, file: TaskFile, sources: Mapping[str, str], only: Sequence[str]) -> list[OpenedTask]:
    source = read_source(part.task, sources.get(part.task), part.source)
    if source.folder is None:
        raise ConfigError(
            f"sources.{part.task}: the task file {file.path.name} reads {file.files} in a folder; fetch "
            f"{sources[part.task]} and name its folder"
        )
    opened = []
    for name in _wanted(part.task, list(file.parts), only) if file.parts else [""]:
        rows = read_rows(file, source.folder, name)
        whole = f"{part.task}_{name}" if name else part.task
        config = {**copy.deepcopy(dict(file.config)), "task": whole, "test_split": "test"}
        opened.append(_opened(part, whole, config | {"custom_dataset": _dataset(rows)}, file.gold_among))
    return opened


def _dataset(rows: list[dict[str, Any]]) -> Any:
    def load(**_: Any) -> dict[str, Any]:
        import datasets

        return {"test": datasets.Dataset.from_list(rows)}

    return load


def _opened(part: Part, name: str, config: dict[str, Any], gold_among: str = "") -> OpenedTask:
    try:
        task = library("api.task").ConfigurableTask(config=config)
    except Exception as error:  # templates, metrics and data of others may raise anything
        raise RecordError(f"the task {name} cannot be opened: {_brief(error)}") from error
    return _narrowed(part, name, task, gold_among)


def _of_the_harness(part: Part, sources: Mapping[str, str], only: Sequence[str]) -> list[OpenedTask]:
    name = part.task.removeprefix(HARNESS)
    manager = _manager(part.home)
    if name not in manager.task_index:
        raise _unknown(name, part.home)
    # Before the source: an unknown task is the error that explains a missing source.
    leaves = list(dict.fromkeys(_leaves(manager, name)))
    source = read_source(part.task, sources.get(part.task), part.source)
    opened = []
    for leaf in _wanted(part.task, leaves, only) if only else leaves:
        # As the member of a group: only there are fields of a known task put over its own.
        group = {"group": f"of_{leaf}", "task": [{"task": leaf, **_data(manager, leaf, source)}]}
        try:
            (task,) = manager.load([group])["tasks"].values()
        except Exception as error:  # the loader and the data of others may raise anything
            raise RecordError(f"the task {leaf} cannot be opened from {sources[part.task]}: {_brief(error)}") from error
        opened.append(_narrowed(part, leaf, task))
    return opened


def _data(manager: Any, leaf: str, source: Source) -> dict[str, Any]:
    given = dict((manager.task_index[leaf].cfg or {}).get("dataset_kwargs") or {})
    given.pop("trust_remote_code", None)
    if source.folder is not None:
        return {"dataset_path": str(source.folder), "dataset_kwargs": given}
    return {"dataset_path": source.name, "dataset_kwargs": {**given, "revision": source.revision}}


@functools.cache
def _manager(home: str) -> Any:
    tasks = library("tasks")
    folder = Path(str(tasks.__file__)).parent
    if home and (folder / home).is_dir():
        return tasks.TaskManager(include_path=str(folder / home), include_defaults=False)
    return tasks.TaskManager()


def _leaves(manager: Any, name: str) -> Iterator[str]:
    """Tasks behind a name: itself, or those of a group or tag."""
    entry = manager.task_index[name]
    kind = entry.kind.name
    if kind == "TAG":
        members: list[Any] = sorted(entry.tags)
    elif kind == "GROUP":
        members = list((entry.cfg or {}).get("task") or [])
    else:
        yield name
        return
    for member in members:
        inner = member if isinstance(member, str) else member.get("task") or member.get("group")
        if isinstance(inner, str) and inner in manager.task_index:
            yield from _leaves(manager, inner)
        else:
            raise ConfigError(f"the group {name} of the harness is written in a way that is not read: {member!r}")


def _unknown(name: str, home: str) -> ConfigError:
    from difflib import get_close_matches

    known = sorted({*_manager(home).all_tasks, *own_tasks()})
    close = get_close_matches(name, known, n=3)
    said = f"did you mean {' or '.join(close)}? " if close else ""
    return ConfigError(
        f"there is no task {name!r}; {said}`lm-eval ls tasks` lists those of the harness, and a file NAME.yaml in the "
        "folder `task_files` is one of your own"
    )


def _wanted(task: str, there: Sequence[str], only: Sequence[str]) -> list[str]:
    if unknown := [name for name in only if name not in there]:
        raise ConfigError(f"only.{task} names {', '.join(unknown)}; there are {', '.join(there)}")
    return [name for name in there if not only or name in only]


def _narrowed(part: Part, name: str, task: Any, gold_among: str = "") -> OpenedTask:
    """The task with the one metric and filter that score it, and what cannot be asked of a chat refused."""
    metric, _, wanted = part.metric.partition(",")
    metrics = list(task._metric_fn_list)
    filters = [each.name for each in task._filters]
    metric = metric or metrics[0]
    wanted = wanted or filters[0]
    if metric not in metrics or wanted not in filters:
        raise ConfigError(
            f"the task {name} is not scored by {part.metric!r}: it has the metrics {', '.join(metrics)} and the "
            f"filters {', '.join(filters)}; see `metrics` of its benchmark"
        )
    refused = _refusal(task, metric)
    if refused:
        raise ConfigError(f"the task {name} {refused}")
    # Of several metrics one scores; the others, such as those that need further likelihoods, are not computed.
    task._metric_fn_list = {metric: task._metric_fn_list[metric]}
    task.set_fewshot_seed(seed=_FEWSHOT_SEED)
    category = name if part.apart else part.task.removeprefix(HARNESS)
    return OpenedTask(name=name, category=category, task=task, metric=metric, filter=wanted, gold_among=gold_among)


def _refusal(task: Any, metric: str) -> str:
    config = task.config
    if task.OUTPUT_TYPE == "loglikelihood_rolling":
        return "measures the likelihood of whole texts, which nobody asks a chat"
    if config.gen_prefix:
        return "begins the response for the model (gen_prefix), which a chat does not allow"
    if config.doc_to_image or config.doc_to_audio:
        return "shows pictures or sound, and students read text"
    if metric == "acc_mutual_info":
        return "compares with likelihoods without a prompt (acc_mutual_info), which a chat does not have"
    if int(config.repeats or 1) > 1:
        return f"asks every question {config.repeats} times; one response per item is judged here"
    if config.unsafe_code:
        return "runs code that the model wrote"
    return ""


def _brief(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
