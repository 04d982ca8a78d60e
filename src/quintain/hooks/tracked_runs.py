"""MLflow runs of one `kedro run`: the run itself, and a child for each student where it made or measured several."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from quintain.benchmarks.scorecard import Scorecard
from quintain.hooks.tracked_numbers import as_csv, main_numbers, numbers_of
from quintain.registry.runs import MOST_METRICS

NUMBERS = "numbers.csv"
"""Artifact of a run with every number, whether or not it is a metric of some run."""
_OUTCOME = ("status", "reason", "detail")
_SCORECARD, _VALUE = ".scorecard", ".value"
_BESIDE = (".low", ".high", ".upper", ".n", ".unread")
"""Endings of what stands beside the value of an estimate."""
_BATCH = 1000


@dataclass(frozen=True)
class Output:
    """Dataset that a run persisted and that MLflow is to know."""

    name: str
    role: str
    """`metrics`, `curve`, `round` or `artifact`, as `metadata.mlflow` of the catalog says."""
    dataset: Any

    @property
    def owner(self) -> str:
        """The student whose it is; empty for what is nobody's."""
        owner, dot, _ = self.name.partition(".")
        return owner if dot else ""

    @cached_property
    def content(self) -> Any:
        """Content of the dataset, loaded once."""
        return self.dataset.load()

    @cached_property
    def numbers(self) -> dict[str, float]:
        """Numbers of the document; none of a curve."""
        return {} if self.role == "curve" else numbers_of(self.content)

    @property
    def scored(self) -> bool:
        """True for a scorecard."""
        return isinstance(self.content, Scorecard)

    @property
    def group(self) -> str:
        """Heading of its charts; of a scorecard student and benchmark, since MLflow cuts long titles."""
        return self.name.removesuffix(_SCORECARD) if self.scored else self.name

    @property
    def charted(self) -> dict[str, float]:
        """Those that a chart may show: of an estimate its value, not its interval and counts."""
        if not self.scored:
            return self.numbers
        return {name.removesuffix(_VALUE): x for name, x in self.numbers.items() if not name.endswith(_BESIDE)}


def log_numbers(client: Any, run_id: str, outputs: Sequence[Output]) -> None:
    """Write metrics: at most 40 in any run, all numbers into one table beside them.

    A run of one student shows its numbers itself. A run of several shows what they scored, and its children, named
    after the students, the rest under names that all of them share, so that MLflow draws them into one chart. Rounds
    are children always, and steps of the curves of the run. What stands before a name's last slash is to MLflow the
    heading of a group of charts, and what stands behind it the title of one.

    Args:
        client: Client of the store.
        run_id: The run.
        outputs: What it persisted, artifacts left out.
    """
    now = int(time.time() * 1000)
    owners = {one.owner for one in outputs}
    apart = owners - {""} if len(owners) > 1 else set()
    rounds = [one for one in outputs if one.role == "round"]
    own = [one for one in outputs if one.owner not in apart and one.role != "round"]
    scored = [one for one in outputs if one.owner in apart and one.scored]
    metrics = _curves([one for one in own if one.role == "curve"], now, full_names=True)
    metrics += _rounds(rounds, now, MOST_METRICS // 2 if own or scored else MOST_METRICS)
    metrics += _room_for([_prefixed(one.group, one.charted) for one in [*own, *scored]], metrics, now)
    _log(client, run_id, metrics)
    everything = {name: value for one in outputs for name, value in _prefixed(one.name, one.numbers).items()}
    if everything:
        client.log_text(run_id, as_csv(everything), NUMBERS)
    for student in sorted(apart | {one.owner for one in rounds}):
        its = [one for one in (outputs if student in apart else rounds) if one.owner == student]
        _log_child(client, run_id, student, its, now)


def _log_child(client: Any, run_id: str, student: str, outputs: Sequence[Output], now: int) -> None:
    reports = [one.content["outcome"] for one in outputs if one.role == "round"]
    outcome = {f"outcome.{key}": str(report[key]) for report in reports for key in _OUTCOME}
    parent = client.get_run(run_id)
    child = client.create_run(
        parent.info.experiment_id, run_name=student, tags={"mlflow.parentRunId": run_id, **outcome}
    )
    metrics = _curves([one for one in outputs if one.role == "curve"], now, full_names=False)
    documents = [
        # The numbers of a round stand by their own names, as they do on the curves over rounds.
        one.charted if one.role == "round" else _prefixed(one.group.removeprefix(f"{student}."), one.charted)
        for one in outputs
    ]
    _log(client, child.info.run_id, metrics + _room_for(documents, metrics, now))
    client.set_terminated(child.info.run_id, "FINISHED")


def _room_for(documents: Sequence[Mapping[str, float]], metrics: Sequence[Any], now: int) -> list[Any]:
    """As many of the main numbers as a run with these metrics has room for."""
    left = MOST_METRICS - len({metric.key for metric in metrics})
    return [_metric(name, value, now) for name, value in main_numbers(documents, left).items()]


def _prefixed(prefix: str, numbers: Mapping[str, float]) -> dict[str, float]:
    return {f"{prefix}/{name}": value for name, value in numbers.items()}


def _rounds(reports: Sequence[Output], now: int, most: int) -> list[Any]:
    """One step per round of the main numbers, the same ones for all rounds."""
    names = list(main_numbers([one.numbers for one in reports[:1]], most))
    return [
        _metric(f"rounds/{name}", one.numbers[name], now, one.content["round"])
        for one in reports
        for name in names
        if name in one.numbers
    ]


def _curves(outputs: Sequence[Output], now: int, *, full_names: bool) -> list[Any]:
    return [
        _metric(f"{one.name if full_names else one.name.partition('.')[2]}/{column}", row[column], now, row["step"])
        for one in outputs
        for row in one.content.to_dict("records")
        for column in one.content.columns
        if column != "step"
    ]


def _metric(name: str, value: float, now: int, step: int = 0) -> Any:
    from mlflow.entities import Metric

    return Metric(name, float(value), now, int(step))


def _log(client: Any, run_id: str, metrics: Sequence[Any]) -> None:
    for start in range(0, len(metrics), _BATCH):
        client.log_batch(run_id, metrics=metrics[start : start + _BATCH])
