"""Benchmarks by name: those of this package, and those that other packages offer through entry points."""

import importlib
import inspect
from collections.abc import Mapping
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from quintain.benchmarks.benchmark import Benchmark
from quintain.errors import ConfigError

GROUP = "quintain.benchmarks"
"""Entry points of this group offer a benchmark: its name, and where the class stands."""
BUILT_IN = {
    "almanac": "quintain.benchmarks.almanac:AlmanacBenchmark",
    "exact": "quintain.benchmarks.exact.benchmark:ExactBenchmark",
    "followbench": "quintain.benchmarks.followbench.followbench:FollowBench",
    "harness": "quintain.benchmarks.harness.benchmark:HarnessBenchmark",
    "ifbench": "quintain.benchmarks.ifbench.ifbench:IFBench",
    "own": "quintain.benchmarks.own_items:OwnItems",
    "ifeval": "quintain.benchmarks.ifeval.ifeval:IFEval",
    "judged": "quintain.benchmarks.judged.benchmark:JudgedBenchmark",
}
"""Benchmarks of this package; found wherever it stands, installed or not."""


def benchmark_names() -> tuple[str, ...]:
    """All names that somebody offers, sorted; nothing is imported."""
    return tuple(sorted({*BUILT_IN, *(point.name for point in entry_points(group=GROUP))}))


def find_benchmark(name: str) -> type[Benchmark]:
    """Import the class of a benchmark.

    Args:
        name: A name of `BUILT_IN`, or of an entry point.

    Returns:
        The class.

    Raises:
        ConfigError: Nobody offers the name, two packages do, or what it names cannot be imported or is no benchmark.
    """
    offered = {(point.value, point.name): point for point in entry_points(group=GROUP, name=name)}
    if name in BUILT_IN:
        offered = {(BUILT_IN[name], name): EntryPoint(name, BUILT_IN[name], GROUP)} | offered
    if not offered:
        close = get_close_matches(name, benchmark_names(), n=1)
        raise ConfigError(
            f"no package offers a benchmark {name!r}"
            + (f"; did you mean {close[0]!r}? " if close else "; ")
            + f"there are {', '.join(benchmark_names())}. See `benchmarks` in lifecycle.yml, and `benchmark` of its "
            f"entry in the catalog; others come with a package that has an entry point of the group {GROUP}"
        )
    if len(offered) > 1:
        raise ConfigError(
            f"several packages offer a benchmark {name!r}: {', '.join(sorted(where for where, _ in offered))}; "
            "uninstall all but one"
        )
    return _imported(next(iter(offered.values())))


def make_benchmark(kind: str, name: str = "", settings: Mapping[str, Any] | None = None) -> Benchmark:
    """Make a benchmark of its settings.

    Args:
        kind: Name under which it is offered.
        name: Name in lifecycle.yml, where it differs: one kind may be asked with several settings.
        settings: Arguments of its class.

    Returns:
        The benchmark; its items are not read yet.

    Raises:
        ConfigError: Nobody offers it, or a setting is unknown, missing or out of range.
    """
    offered = find_benchmark(kind)
    settings = dict(settings or {})
    try:
        inspect.signature(offered).bind(**settings)
    except TypeError as error:
        known = ", ".join(inspect.signature(offered).parameters) or "none"
        raise ConfigError(
            f"benchmark {kind!r}: {error}; its settings in the catalog ({name or kind}.items@benchmark): {known}"
        ) from None
    try:
        made = offered(**settings)
    except ValueError as error:
        raise ConfigError(f"benchmark {kind!r}: {error} ({name or kind}.items@benchmark in the catalog)") from None
    made.name = name or kind
    return made


def _imported(point: EntryPoint) -> type[Benchmark]:
    where = f"benchmark {point.name!r} ({point.value}{f', of {point.dist.name}' if point.dist else ''})"
    module, _, attribute = point.value.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute, None)
    except Exception as error:  # somebody else's module may raise anything
        raise ConfigError(
            f"{where} cannot be imported: {type(error).__name__}: {error}. Mend or uninstall the package, or take the "
            "benchmark out of lifecycle.yml"
        ) from error
    if not (isinstance(found, type) and issubclass(found, Benchmark)):
        raise ConfigError(f"{where} is no subclass of quintain.benchmarks.Benchmark; correct the entry point")
    return found
