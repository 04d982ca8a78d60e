"""Settings of asking judges, and of one benchmark in place of those of all: `evaluation.by_benchmark`."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypedDict, TypeVar

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.judging.questions import Questioning, ReplyFormat, Unit
from quintain.errors import ConfigError
from quintain.fields import Count, PartOf, check
from quintain.models.language_model import Sampling

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    T = TypeVar("T", bound=DataclassInstance)

GROUPS = ("sampling", "judging")
"""Groups of `evaluation` that a benchmark may have its own values of."""


@dataclass(frozen=True)
class JudgingParams:
    """Settings of asking judges; see `Questioning`, which also knows the benchmark's language and rules."""

    unit: Unit = "item"
    replies: ReplyFormat = "structured"
    longest_response_chars: Count = 20_000

    def __post_init__(self) -> None:
        check(self)

    def questioning(self, benchmark: Benchmark) -> Questioning:
        """Say how judges are asked about this benchmark.

        Args:
            benchmark: Its language and rules.

        Returns:
            The questions; the authors' list is read by their own parser where their rules are followed.

        Raises:
            ConfigError: There are no prompts in the benchmark's language, or the settings contradict one another.
        """
        parity = benchmark.rules == "upstream-parity"
        if parity and (self.unit, self.replies) != ("item", "list"):
            raise ConfigError(
                "under the rules upstream-parity a judge is asked as the authors ask: set "
                f"evaluation.by_benchmark.{benchmark.name}.judging to {{unit: item, replies: list}}, or take the rules "
                "`corrected`"
            )
        try:
            return Questioning(
                unit=self.unit,
                replies=self.replies,
                language=benchmark.language,
                reading="upstream-parity" if parity else "tolerant",
                longest_response_chars=self.longest_response_chars,
            )
        except ValueError as error:
            raise ConfigError(f"evaluation.judging: {error}") from None


class OwnSettings(TypedDict, total=False):
    """Settings of one benchmark that differ from those of all."""

    sampling: Annotated[dict[str, Any], PartOf(Sampling)]
    judging: Annotated[dict[str, Any], PartOf(JudgingParams)]


ByBenchmark = dict[str, OwnSettings]
"""Benchmark → what differs."""


def own(settings: "T", group: str, benchmark: str, by_benchmark: Mapping[str, Any]) -> "T":
    """Put the values of one benchmark into the settings of all.

    Args:
        settings: Settings of all benchmarks.
        group: Their name below `evaluation`.
        benchmark: Name in lifecycle.yml.
        by_benchmark: What differs, by benchmark and group.

    Returns:
        The settings with the values of this benchmark.

    Raises:
        ConfigError: A group or field is unknown, or a value out of range.
    """
    where = f"evaluation.by_benchmark.{benchmark}"
    groups = by_benchmark.get(benchmark) or {}
    if unknown := sorted(set(groups) - set(GROUPS)):
        raise ConfigError(f"{where} has {', '.join(unknown)}; a benchmark has its own {' and '.join(GROUPS)}")
    values = groups.get(group) or {}
    known = {field.name for field in dataclasses.fields(settings)}
    if unknown := sorted(set(values) - known):
        raise ConfigError(f"{where}.{group} has {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    try:
        return dataclasses.replace(settings, **values)
    except ValueError as error:
        raise ConfigError(f"{where}.{group}: {error}") from None
