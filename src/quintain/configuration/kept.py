"""Datasets that no entry of the catalog keeps: Kedro holds them in memory, and a misspelt entry says nothing."""

import functools
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from kedro.io import CatalogConfigResolver
from kedro.io.catalog_config_resolver import DEFAULT_RUNTIME_PATTERN
from kedro.pipeline import Pipeline

from quintain.fields import Fault

_A_SLIP = 0.8
"""Likeness from which on an entry that nothing goes by is a dataset's, misspelt: two letters of five swapped."""
_PARAMETERS = ("params:", "parameters")


class Unkept(NamedTuple):
    """Faults of entries, and of datasets that have none."""

    faults: list[Fault]
    """What would be lost in memory."""
    warnings: list[Fault]
    """Entries that nothing goes by, beside one of almost the same name that counts."""


def unkept(catalog: Mapping[str, Any], pipelines: Mapping[str, Pipeline], elsewhere: Iterable[str] = ()) -> Unkept:
    """Find what a slip of the pen in the catalog would leave in memory.

    Data that nodes of one pipeline hand to each other may stay in memory without an entry, as Kedro has it; what a
    pipeline takes in or gives out may not, for the next run finds nothing there.

    Args:
        catalog: Entries by name or pattern, as Kedro merges them.
        pipelines: Name → pipeline, all of a lifecycle.
        elsewhere: Datasets of other lifecycles; an entry that they go by is spelt right, and idle here alone.

    Returns:
        Faults and warnings; the path of a fault is the entry's name, or empty where there is none.
    """
    entries = [str(name) for name in catalog if not str(name).startswith("_")]
    resolver = CatalogConfigResolver(dict(catalog), default_runtime_patterns=DEFAULT_RUNTIME_PATTERN)
    # Pipelines share most of their datasets, and Kedro parses a name against every pattern.
    pattern_of = functools.cache(resolver.match_dataset_pattern)
    spelt_right = {pattern_of(dataset) or dataset for dataset in elsewhere if not dataset.startswith(_PARAMETERS)}
    used: set[str] = set()
    lost: dict[str, str] = {}
    for pipeline_name, pipeline in pipelines.items():
        ends = pipeline.inputs() | pipeline.outputs()
        for dataset in sorted(pipeline.datasets()):
            if dataset.startswith(_PARAMETERS):
                continue
            entry = dataset if dataset in catalog else pattern_of(dataset)
            if entry:
                used.add(entry)
            else:
                lost[dataset] = lost.get(dataset) or (pipeline_name if dataset in ends else "")
    idle = [entry for entry in entries if entry not in used | spelt_right]
    return Unkept([*_lost(lost, idle)], [*_overshadowed(idle, used, lost)])


def _lost(lost: Mapping[str, str], idle: list[str]) -> Iterator[Fault]:
    told: set[str] = set()
    for dataset, pipeline in lost.items():
        meant = _nearest(dataset, idle)
        if meant and meant not in told:
            told.add(meant)
            yield Fault((meant,), f"no dataset goes by it; did you mean {_renamed(meant, dataset)}?")
        elif pipeline and not meant:
            yield Fault(
                (),
                f"{dataset}, which {pipeline} takes in or gives out, has no entry and would be lost in memory; give it "
                f"one, of type MemoryDataset where that is meant",
            )


def _overshadowed(idle: list[str], used: set[str], lost: Mapping[str, str]) -> Iterator[Fault]:
    misspelt = {_nearest(dataset, idle) for dataset in lost}
    for entry in idle:
        if entry not in misspelt and (meant := _nearest(entry, sorted(used))):
            yield Fault((entry,), f"no dataset goes by it, so it changes nothing; did you mean {meant}?")


def _nearest(name: str, entries: list[str]) -> str:
    """The entry that is spelt almost like a name, students and benchmarks before the dot aside; empty for none."""
    by_end = {_end(entry): entry for entry in entries}
    close = get_close_matches(_end(name), by_end, n=1, cutoff=_A_SLIP)
    return by_end[close[0]] if close else ""


def _end(name: str) -> str:
    return name.rpartition(".")[2]


def _renamed(entry: str, dataset: str) -> str:
    return entry.removesuffix(_end(entry)) + _end(dataset)
