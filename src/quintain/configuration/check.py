"""All faults of an environment in one message, before the first node."""

import functools
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict

import yaml
from omegaconf.errors import OmegaConfBaseException

from quintain.benchmarks.registry import benchmark_names
from quintain.conf_files import ConfFiles, is_given
from quintain.configuration.catalog import Suite, benchmarks_of, catalog_faults, unknown_expectations
from quintain.configuration.groups import BY_LIFECYCLE, group_types, parameter_faults, suite_names
from quintain.configuration.kept import unkept
from quintain.data_root import DEFAULT as DATA
from quintain.data_root import KEY, fault_of
from quintain.environment import BASE
from quintain.errors import ConfigError
from quintain.field_words import unknown
from quintain.fields import Fault, faults
from quintain.lifecycle import GIVEN, PACKS, TRAININGS, WORLD, Lifecycle
from quintain.lifecycle.former import SHIPPED
from quintain.lifecycle.overrides import GROUP, own_parameters, put
from quintain.lifecycle.reading import read_lifecycle
from quintain.pipeline_registry import pipelines_of
from quintain.registry.policy import DEFAULT, PromotionPolicy, in_todays_form
from quintain.registry.settings import TrackingSettings

logger = logging.getLogger(__name__)

StudentDocument = TypedDict(
    "StudentDocument",
    {
        "start": str,
        "from": str,
        "by": Literal[TRAININGS],  # type: ignore[valid-type]  # the names stand once
        "on": str,
        "with": dict[str, Any] | None,
        "benchmarks": str | list[str] | None,
    },
    total=False,
)


class LifecycleDocument(TypedDict, total=False):
    """The document lifecycle.yml; `without` is the form of version 0.1."""

    students: dict[str, StudentDocument] | None
    benchmarks: str | list[str] | None
    data: str | list[str] | None
    without: list[str] | None


def check_configuration(loader: Any, files: ConfFiles | None = None) -> Lifecycle:
    """Compare everything that an environment is merged from with the types that read it.

    Args:
        loader: Kedro's configuration loader, with the values of the command line.
        files: The files that it reads; looked up in its folders by default.

    Returns:
        The lifecycle of the environment.

    Raises:
        ConfigError: Something is unknown, of another type, out of range or not finite; the message has a line for each
            fault, with the file and line that set the value, or `--params`.
    """
    return _Check(loader, files or files_of(loader)).lifecycle()


def files_of(loader: Any) -> ConfFiles:
    """Files that a loader merges."""
    return ConfFiles(Path(loader.conf_source), layers_of(loader))


def layers_of(loader: Any) -> list[str]:
    """Folders of conf/ that a loader merges, each over those before: ours has conf/local last, Kedro's own has two."""
    own = getattr(loader, "layers", None)
    return list(own or [loader.base_env or "base", loader.env or loader.default_run_env or "base"])


class _Check:
    def __init__(self, loader: Any, files: ConfFiles) -> None:
        self._loader = loader
        self._files = files
        self._given: Mapping[str, Any] = loader.runtime_params or {}
        self._lifecycle: Lifecycle | None = None

    def lifecycle(self) -> Lifecycle:
        said = self._files.broken or list(self._files.undefined_globals()) or list(self._said())
        if said or self._lifecycle is None:
            many = f"{len(said)} settings are wrong:\n  " if len(said) > 1 else ""
            raise ConfigError(many + "\n  ".join(said))
        return self._lifecycle

    def _said(self) -> Iterator[str]:
        try:
            parameters, catalog = self._loader["parameters"], self._loader["catalog"]
            document = {"on" if key is True else key: value for key, value in self._loader["lifecycle"].items()}
            tracking, policy = self._loader["tracking"], self._loader["promotion"]
        except (OmegaConfBaseException, yaml.YAMLError, ValueError, RecursionError) as error:
            yield f"{self._loader.conf_source} cannot be merged: {' '.join(str(error).split())}"
            return
        offered = benchmark_names()
        shared = {name: value for name, value in parameters.items() if name != GROUP}
        found = list(parameter_faults(shared))
        # An anchor of a file, expanded long before the command line is read.
        found += [Fault((n,), unknown(n, group_types())) for n in map(str, self._given) if n.startswith("_")]
        yield from self._shown("parameters", found)
        students = document.get("students")
        if isinstance(students, Mapping):
            document["students"] = {str(name): _with_on(each) for name, each in students.items()}
        wrong = list(faults(LifecycleDocument, document))
        yield from self._shown("lifecycle", wrong)
        yield from self._shown("tracking", faults(TrackingSettings, tracking))
        yield from self._shown("promotion", _of_policy(policy))
        misfits = list(catalog_faults(catalog, offered))
        yield from self._shown("catalog", misfits)
        for file in self._files.of("globals"):
            if file.content and (said := fault_of(file.content.get(KEY, DATA))):
                yield f"{file.place((KEY,))}: {KEY}: {said}"
        for path, asked in self._files.unread_globals():
            name = ".".join(path)
            yield f"{self._files.place('globals', path)}: {name}: nothing refers to it; {unknown(name, asked)}"
        yield from self._of_suites()
        if not wrong and not any(fault.path[:2] in _TREE for fault in found):
            yield from self._of_lifecycle(shared, found, benchmarks_of(catalog, offered), policy)
            if self._lifecycle and not misfits:
                yield from self._of_entries(self._lifecycle)

    def _of_lifecycle(
        self, shared: Mapping[str, Any], known: Sequence[Fault], benchmarks: Sequence[str], policy: Mapping[str, Any]
    ) -> Iterator[str]:
        from quintain.hooks.lifecycle import lifecycle_of

        try:
            lifecycle = self._lifecycle = lifecycle_of(self._loader)
        except ConfigError as error:
            yield self._with_line(str(error))
            return
        yield from self._of_students(lifecycle, shared, known)
        yield from self._shown("lifecycle", _unknown_benchmarks(lifecycle, benchmarks))
        by_benchmark = (shared.get("evaluation") or {}).get("by_benchmark")
        yield from self._shown("parameters", _unknown_keys(("evaluation", "by_benchmark"), by_benchmark, benchmarks))
        entries = policy.get("benchmarks")
        yield from self._shown("promotion", _unknown_keys(("benchmarks",), entries, [*benchmarks, DEFAULT]))
        # A layer may have other students than the one that the policy was written beside, or than the shipped policy's.
        declared = [*self._files.keys("lifecycle", ("students",)), *SHIPPED]
        students = [*(student.name for student in lifecycle.students), *declared]
        wanted = policy.get("must_improve")
        if isinstance(wanted, list):
            missing = [(n, name) for n, name in enumerate(wanted, 1) if isinstance(name, str) and name not in students]
            yield from self._shown(
                "promotion",
                [Fault(("must_improve", str(n)), f"{unknown(name, dict.fromkeys(students))}") for n, name in missing],
            )

    def _of_students(self, lifecycle: Lifecycle, shared: Mapping[str, Any], known: Sequence[Fault]) -> Iterator[str]:
        declared = {student.name: student for student in lifecycle.students if student.declared}
        given = self._given.get(GROUP) or {}
        if not isinstance(given, Mapping):
            yield f"--params {GROUP}: must name a student and its parameters, got {given!r}"
            return
        for name in given:
            if name not in declared:
                yield f"--params {GROUP}.{name}: {unknown(str(name), declared)}"
        for name, student in declared.items():
            own = own_parameters(shared, student.overrides)
            asked = given.get(name) or {}
            for top in asked if isinstance(asked, Mapping) else ():
                if top not in own:
                    yield (
                        f"--params {GROUP}.{name}.{top}: {name} reads the parameters of all students there; give it "
                        f"some of its own first, under `with` in lifecycle.yml"
                    )
            put(own, {top: values for top, values in asked.items() if top in own})
            for fault in parameter_faults(own):
                if fault not in known:
                    dotted = ".".join(fault.path)
                    if is_given(asked, fault.path) and asked:
                        yield f"--params {GROUP}.{name}.{dotted}: {fault.problem}"
                    else:
                        place = self._files.place("lifecycle", (GROUP, name, "with", *fault.path))
                        yield f"{place}: student {name}: with {dotted}: {fault.problem}"

    def _of_entries(self, lifecycle: Lifecycle) -> Iterator[str]:
        found = unkept(self._loader["catalog"], pipelines_of(lifecycle), _datasets_of_every_kind())
        yield from self._shown("catalog", found.faults)
        # conf/base has entries for what other lifecycles need; a layer has what it means to change.
        base = self._files.keys("catalog", (), BASE)
        for said in self._shown("catalog", [fault for fault in found.warnings if fault.path[0] not in base]):
            logger.warning(said)

    def _of_suites(self) -> Iterator[str]:
        names = suite_names()
        for file in self._files.of("expectations"):
            name = Path(file.shown).stem
            if name not in names:
                yield f"{file.shown}: {unknown(name, names)} among the guarded datasets"
                continue
            for fault in (*faults(Suite, file.content or {}), *unknown_expectations(file.content)):
                yield f"{file.place(fault.path)}: {'.'.join(fault.path) or name}: {fault.problem}"

    def _shown(self, kind: str, found: Sequence[Fault] | Iterator[Fault]) -> Iterator[str]:
        for fault in found:
            dotted = ".".join(fault.path) or kind
            if kind == "parameters" and self._given and is_given(self._given, fault.path):
                yield f"--params {dotted}: {fault.problem}"
            else:
                yield f"{self._files.place(kind, fault.path)}: {dotted}: {fault.problem}"

    def _with_line(self, said: str) -> str:
        """Put the line of the student that a message names behind the file."""
        file, _, rest = said.partition(": ")
        named = re.match(r"(?:student )?(\w+)", rest)
        place = self._files.place("lifecycle", (GROUP, named[1]) if named else ())
        return f"{place}: {rest}" if place.startswith(file) else said


@functools.cache
def _datasets_of_every_kind() -> frozenset[str]:
    """Datasets of trees with a student of each training, on each kind of data: what conf/base has its entries for."""
    names: set[str] = set()
    for start, data, trainings in (
        (WORLD, {}, GIVEN),
        ("student", {"on": "given"}, GIVEN),
        ("student", {"on": "packs"}, PACKS),
    ):
        students = {by: {"from": "base", "by": by, **data} for by in trainings}
        tree = {"students": {"base": {"start": start}, **students}, "benchmarks": ["almanac"] if start == WORLD else []}
        pipelines = pipelines_of(read_lifecycle(tree, {"distillation": {"rounds": 1}}, file=""))
        names.update(*(pipeline.datasets() for pipeline in pipelines.values()))
    return frozenset(names)


_TREE = {("distillation",), ("evaluation",), *(tuple(name.split(".")) for name in BY_LIFECYCLE)}
"""Parameters that the family tree is made by; a fault in the first two alone says that they are no mappings."""


def _with_on(settings: Any) -> Any:
    # YAML 1.1 reads a bare `on` as true.
    return (
        {"on" if key is True else key: value for key, value in settings.items()}
        if isinstance(settings, Mapping)
        else settings
    )


def _of_policy(document: Mapping[str, Any]) -> Iterator[Fault]:
    try:
        document = in_todays_form(document)
    except ValueError as error:
        # What it lacks may stand there under another name, which has a line.
        slips = [] if "margin" in document else [fault for fault in faults(PromotionPolicy, document) if fault.path]
        yield from slips or [Fault((), str(error))]
    else:
        yield from faults(PromotionPolicy, document)


def _unknown_benchmarks(lifecycle: Lifecycle, known: Sequence[str]) -> Iterator[Fault]:
    for name in lifecycle.held_out:
        if name not in known:
            owner = next(
                (s for s in lifecycle.students if name in s.benchmarks and name not in lifecycle.benchmarks), None
            )
            at = (GROUP, owner.round_of or owner.name, "benchmarks") if owner else ("benchmarks",)
            yield Fault(at, f"{unknown(name, known)}; no package offers it, and the catalog has no entry for it")


def _unknown_keys(path: tuple[str, ...], values: object, known: Sequence[str]) -> Iterator[Fault]:
    for name in values if isinstance(values, Mapping) else ():
        if name not in known:
            yield Fault((*path, str(name)), unknown(str(name), known))
