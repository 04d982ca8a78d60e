"""Settings of one benchmark in place of those of all: `evaluation.by_benchmark`."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from quintain.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    T = TypeVar("T", bound=DataclassInstance)

GROUPS = ("sampling", "judging")
"""Groups of `evaluation` that a benchmark may have its own values of."""
ByBenchmark = dict[str, dict[str, dict[str, Any]]]
"""Benchmark → group → field → value."""


def own(settings: "T", group: str, benchmark: str, by_benchmark: Mapping[str, Mapping[str, Any]]) -> "T":
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
