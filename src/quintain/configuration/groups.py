"""Groups of parameters and the types that read them, as the annotations of the nodes say."""

import functools
import importlib
import inspect
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_type_hints

from kedro.pipeline import Pipeline

from quintain.field_words import unknown
from quintain.fields import Count, Fault, Path, faults
from quintain.lifecycle import GIVEN, TRAININGS, WORLD, Lifecycle, Student
from quintain.lifecycle.student import SYNTHESISED
from quintain.pipeline_registry import PIPELINES

PREFIX = "params:"
BY_LIFECYCLE = {"distillation.rounds": Count, "evaluation.benchmarks": str | list[str], "prompts.folder": str}
"""What no node reads: the family tree, or the wording of every prompt, follows from it."""
FORMER = {
    "warmup_share": "warmup_ratio",
    "clip_norm": "max_grad_norm",
    "least_told_apart": "min_control_accuracy",
}
"""New names of settings, by the last part of their old ones."""

_ON = {"finetuning": SYNTHESISED, "preference": SYNTHESISED, "editing": WORLD}
"""Data of a training on which it reads all of its parameters; elsewhere the user's own."""


@functools.cache
def group_types() -> dict[str, Any]:
    """Type of every group of parameters that some node reads, by dotted name.

    The pipelines are those of a lifecycle with everything in it, whatever the lifecycle of a project needs: conf/base
    holds the settings of all.
    """
    found: dict[str, Any] = {}
    for node in (node for pipeline in _pipelines() for node in pipeline.nodes):
        kinds = get_type_hints(node.func, include_extras=True)
        # `*benchmarks` takes all inputs behind the named ones.
        names = list(inspect.signature(node.func).parameters)
        for given, argument in zip(node.inputs, names, strict=False):
            if given.startswith(PREFIX):
                found[given.removeprefix(PREFIX)] = kinds.get(argument, Any)
    return dict(sorted(found.items()))


@functools.cache
def suite_names() -> tuple[str, ...]:
    """Datasets that a suite of expectations guards."""
    inputs = {given.rpartition(".")[2] for pipeline in _pipelines() for given in pipeline.inputs()}
    return tuple(sorted(name.removesuffix("_suite") for name in inputs if name.endswith("_suite")))


def parameter_faults(parameters: Mapping[str, Any]) -> Iterator[Fault]:
    """Compare parameters with the types that read them.

    Args:
        parameters: Nested parameters; what begins with an underscore is an anchor of a file and passed over.

    Yields:
        Every fault.
    """
    types = {**group_types(), **BY_LIFECYCLE}
    outermost = {
        group: kind
        for group, kind in types.items()
        if not any(group.startswith(f"{other}.") for other in types if other != group)
    }
    values = {name: value for name, value in parameters.items() if not str(name).startswith("_")}
    for fault in _walk(values, outermost, ()):
        last = fault.path[-1] if fault.path else ""
        if last in FORMER and fault.problem.startswith("there is no"):
            told = f"is an old name: the setting is called `{FORMER[last]}` now, with the same meaning and unit"
            yield Fault(fault.path, told)
        else:
            yield fault


def _walk(values: Mapping[str, Any], types: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    siblings = dict.fromkeys(group.split(".")[len(path)] for group in types)
    for name, value in values.items():
        at = (*path, str(name))
        dotted = ".".join(at)
        below = {group: kind for group, kind in types.items() if group.startswith(f"{dotted}.")}
        if dotted in types:
            yield from faults(types[dotted], value, at)
        elif not below:
            yield Fault(at, _elsewhere(str(name), siblings, types))
        elif isinstance(value, Mapping):
            yield from _walk(value, below, at)
        else:
            inner = ", ".join(dict.fromkeys(group.split(".")[len(at)] for group in below))
            yield Fault(at, f"must map names to values ({inner}), got {value!r}")


def _elsewhere(name: str, siblings: Mapping[str, Any], types: Mapping[str, Any]) -> str:
    """Say that a group does not exist here; where no sibling is near, the nearest of all."""
    if get_close_matches(name, siblings, n=1) or not (far := get_close_matches(name, types, n=1)):
        return unknown(name, siblings)
    return f"there is no {name!r}; did you mean {far[0]}?"


@functools.cache
def _pipelines() -> tuple[Pipeline, ...]:
    """Pipelines of a lifecycle in which each has something to do."""
    whole = _everything()
    return tuple(importlib.import_module(f"quintain.pipelines.{name}").create_pipeline(whole) for name in PIPELINES)


def _everything() -> Lifecycle:
    """A lifecycle in which every pipeline has something to do."""
    made = [
        Student(name=by, parent="start", by=by, on=_ON.get(by, GIVEN[by]), benchmarks=("almanac",))
        for by in TRAININGS
        if by != "distillation"
    ]
    rounds = Student(
        name="distillation_round_1", parent="start", by="distillation", on="seed_instructions",
        benchmarks=("almanac",), round_of="distillation",
    )  # fmt: skip
    distilled = Student(
        name="distillation", parent=rounds.name, by="distillation", on="seed_instructions",
        benchmarks=("almanac",), rounds=(rounds.name,),
    )  # fmt: skip
    starts = (
        Student(name="start", start="world", benchmarks=("almanac", "questions")),
        Student(name="foreign", start="student", benchmarks=("almanac",)),
    )
    own = Student(name="own", parent="start", by="finetuning", on=GIVEN["finetuning"], benchmarks=("almanac",))
    students = (*starts, rounds, distilled, *made, own)
    return Lifecycle(students=students, benchmarks=("almanac",), data=("world", "synthesis", "packs"))
