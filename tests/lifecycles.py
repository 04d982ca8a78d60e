"""Family trees and benchmarks that tests of pipelines share."""

from collections.abc import Iterable
from typing import Any

from quintain.benchmarks.benchmark import Benchmark
from quintain.lifecycle import Lifecycle
from quintain.lifecycle.reading import read_lifecycle

CHAIN = {
    "base": {"start": "world"},
    "webr": {"from": "base", "by": "finetuning"},
    "lion": {"from": "webr", "by": "distillation"},
    "bmc": {"from": "lion", "by": "preference"},
    "lte": {"from": "bmc", "by": "editing"},
}


def tree(
    students: dict[str, Any] | None = None, *, rounds: int = 3, benchmarks: tuple[str, ...] = ("almanac",)
) -> Lifecycle:
    """The default lifecycle, or the one of these students."""
    document = {"students": students or CHAIN, "benchmarks": list(benchmarks)}
    return read_lifecycle(document, {"distillation": {"rounds": rounds}}, file="lifecycle.yml")


class Asked(Benchmark):
    """A benchmark of given items, which nobody judges here."""

    name = "almanac"

    def __init__(self, items: Iterable[Any]) -> None:
        self._given = tuple(items)

    def load_items(self):
        return self._given

    def judge(self, item, response):
        return self.unscored(item, response, "nobody")
