"""Tasks of lm-evaluation-harness as one benchmark: its suites, or any of its tasks, scored item by item."""

import json
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.harness.items import HarnessItem, task_items
from quintain.benchmarks.harness.library import library, version
from quintain.benchmarks.harness.opened_task import OpenedTask, open_part
from quintain.benchmarks.harness.suites import SUITES, Part
from quintain.benchmarks.harness.task_file import own_tasks
from quintain.errors import ConfigError, RecordError
from quintain.records import Judgement, Request, content_id

_SLIP = 0.9
"""Likeness of two names that are meant to be one."""


class HarnessBenchmark(Benchmark):
    """A suite, some of its parts, or tasks by name; every item scores 0 to 1 by its task's metric.

    Raises:
        ValueError: There is no such suite, nothing is asked, or a number is out of range.
    """

    name = "harness"
    travels = False

    def __init__(
        self,
        *,
        suite: str = "",
        tasks: Sequence[str] = (),
        sources: Mapping[str, str] | None = None,
        only: Mapping[str, Sequence[str]] | None = None,
        metrics: Mapping[str, str] | None = None,
        shots: Mapping[str, int] | None = None,
        limit: int = 0,
        task_files: str = "",
    ) -> None:
        """Choose the tasks.

        Args:
            suite: `lion`, `webr`, `bmc`, `retention` or `almanac`.
            tasks: Parts of the suite, all where there are none; without a suite any tasks of the harness or of task
                files.
            sources: Task → where its data lie: a folder, or NAME@REVISION of a dataset of the hub. Nothing is fetched
                that is not named here.
            only: Task → those of its parts that are asked, such as ten of the 23 of `bbh`.
            metrics: Task → metric that scores an item, with a filter behind a comma, as the harness writes them.
            shots: Task → examples before each question, in place of the task's own number.
            limit: Most items of each task, for a look around; 0 for all.
            task_files: Folder of task files of your own.
        """
        if suite and suite not in SUITES:
            raise ValueError(f"there is no suite {suite!r}; there are {', '.join(SUITES)}")
        if not suite and not tasks:
            raise ValueError(f"nothing is asked: set `suite` ({', '.join(SUITES)}) or `tasks`")
        if limit < 0 or any(count < 0 for count in (shots or {}).values()):
            raise ValueError(f"limit and shots must not be negative, got {limit} and {dict(shots or {})}")
        self._parts = _parts(suite, tasks, metrics or {})
        asked = {part.task for part in self._parts}
        for setting, given in (("sources", sources), ("only", only), ("metrics", metrics), ("shots", shots)):
            # A table of sources may serve several benchmarks; what else is set for a task that nobody asks is a slip.
            if setting != "sources" and (unknown := sorted(set(given or {}) - asked)):
                raise ValueError(f"{setting} name {', '.join(unknown)}, which is not asked: {', '.join(sorted(asked))}")
        for name in sorted(set(sources or {}) - asked):
            if near := get_close_matches(name, asked - set(sources or {}), n=1, cutoff=_SLIP):
                raise ValueError(f"sources name {name}, which is not asked; did you mean {near[0]}?")
        self._sources, self._only, self._shots = dict(sources or {}), dict(only or {}), dict(shots or {})
        self._limit = limit
        # Two-hop questions ask for facts of the embedded world, which its edits contradict on purpose.
        self.under_edits = suite != "almanac"
        self._task_files = Path(task_files) if task_files else None
        self.rules = f"lm_eval-{version()}-{self._verdicts_digest[:8]}"

    def load_items(self) -> Iterable[HarnessItem]:
        """Open every task and make its items.

        Raises:
            ConfigError: A task or a source is unknown, or cannot be asked of a chat.
            RecordError: Data are missing or broken, or a gold is out of range.
        """
        for part, opened in self._opened:
            yield from task_items(opened, self._shots.get(part.task), self._limit)

    def ask(self, item: HarnessItem) -> Request:
        """Ask the question, behind its examples where there are some."""
        return item.request()

    def candidates(self, item: HarnessItem) -> Sequence[tuple[Request, str]]:
        """The choices of an item whose likelihoods are asked."""
        return item.pairs()

    def judge(self, item: HarnessItem, response: str) -> Judgement:
        """Score a response, or the likelihoods of an item's choices, by the task's own filter and metric.

        Raises:
            ConfigError: The metric gives no share per item, such as one that is made of all items together.
        """
        opened = self._by_name[item.task]
        row = opened.task.eval_docs[item.number]
        if opened.writes:
            score = self._score(opened, row, [_filtered(opened, row, item, response)])
            return self.judged(item, response, score=score)
        likelihoods = [(float(nats), bool(greedy)) for nats, greedy in json.loads(response)]
        said = "\n".join(
            f"{nats:.3f} {text!r}" for (nats, _), text in zip(likelihoods, item.responses, strict=True)
        )  # the highest of them is what the model would say
        return self.judged(item, said, score=self._score(opened, row, likelihoods))

    def _score(self, opened: OpenedTask, row: Any, results: list[Any]) -> float:
        found = opened.task.process_results(row, results).get(opened.metric)
        try:
            score = float(found)
        except (TypeError, ValueError):
            score = -1.0
        if not 0 <= score <= 1:
            raise ConfigError(
                f"the metric {opened.metric} of the task {opened.name} gives {found!r} for an item, and no share; name "
                f"another under `metrics` of the benchmark {self.name}"
            )
        return score

    @property
    def _verdicts_digest(self) -> str:
        """Hash of what makes a verdict beside the library: the metrics, and our task files with their filters."""
        own = own_tasks(self._task_files)
        files = [own[part.task].read_text(encoding="utf-8") for part in self._parts if part.task in own]
        return content_id([[part.task, part.metric] for part in self._parts], files)

    @cached_property
    def _opened(self) -> list[tuple[Part, OpenedTask]]:
        return [
            (part, opened)
            for part in self._parts
            for opened in open_part(part, self._sources, self._only.get(part.task, ()), self._task_files)
        ]

    @cached_property
    def _by_name(self) -> dict[str, OpenedTask]:
        found = {opened.name: opened for _, opened in self._opened}
        if len(found) < len(self._opened):
            raise RecordError(f"benchmark {self.name!r} asks a task twice: {', '.join(found)}")
        return found


def _parts(suite: str, tasks: Sequence[str], metrics: Mapping[str, str]) -> tuple[Part, ...]:
    known = {part.task: part for parts in SUITES.values() for part in parts}
    if suite:
        own = [part.task for part in SUITES[suite]]
        if unknown := [name for name in tasks if name not in own]:
            raise ValueError(f"the suite {suite} has no {', '.join(unknown)}; it has {', '.join(own)}")
        chosen = [known[name] for name in own if not tasks or name in tasks]
    else:
        chosen = [
            known.get(name) or Part(task=name, asked="as its task file says", source="named by the user")
            for name in tasks
        ]
    return tuple(
        Part(**{**vars(part), "metric": metrics[part.task]}) if part.task in metrics else part for part in chosen
    )


def _filtered(opened: OpenedTask, row: Any, item: HarnessItem, response: str) -> Any:
    """Take by the task's filter what is compared, from a response that is cut at the first of its stops."""
    settings = opened.task.config.generation_kwargs or {}
    instance = library("api.instance").Instance(
        request_type="generate_until",
        doc=row,
        arguments=(item.prompt, settings),
        idx=0,
        metadata=(item.task, item.number, 1),
        resps=[cut(response, settings)],
    )
    for each in opened.task._filters:
        if each.name == opened.filter:
            each.apply([instance])
    return instance.filtered_resps[opened.filter]


def cut(response: str, settings: Mapping[str, Any]) -> str:
    """Cut a response before the first text at which its task ends it.

    >>> cut("18. Q: And then?", {"until": ["Q:"]})
    '18. '
    """
    stops = settings.get("until") or []
    for stop in [stops] if isinstance(stops, str) else stops:
        response = response.partition(stop)[0] if stop else response
    return response
