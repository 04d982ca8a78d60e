"""Entries of the catalog whose type is ours, and suites of expectations."""

import functools
import importlib
import importlib.util
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal, Required, TypedDict, get_type_hints

from msgspec import Meta

from quintain.benchmarks.registry import BUILT_IN
from quintain.errors import ConfigError
from quintain.field_words import unknown
from quintain.fields import Fault, Path, blamed, faults, not_finite

SUFFIX = ".items@benchmark"
"""End of the names of benchmarks' entries."""
_OURS = ("quintain.datasets.", "quintain.registry.datasets.")
_OUR_EXPECTATIONS = "quality/page_expectations.py"
_KEDROS = {"type", "metadata", "credentials", "versioned"}


class Viz(TypedDict, total=False):
    """Keys that Kedro-Viz reads."""

    layer: str
    preview_args: dict[str, Any]
    preview: bool


class Plot(TypedDict):
    """A plot of DVC's: the columns of its axes."""

    plot: dict[Literal["x", "y", "title", "template", "x_label", "y_label"], str]


Metadata = TypedDict(
    "Metadata",
    {
        "kedro-viz": Viz,
        "dvc": Literal["metric", "uncached"] | Plot,
        "dvc_deps": list[str],
        "mlflow": Literal["metrics", "artifact", "curve", "round"],
    },
    total=False,
)


class FileArguments(TypedDict, total=False):
    """Arguments of the datasets that wrap Kedro's own; written out, so that no pandas is imported to know them."""

    filepath: Required[str]
    load_args: dict[str, Any] | None
    save_args: dict[str, Any] | None
    fs_args: dict[str, Any] | None


class Expectation(TypedDict, total=False):
    """One expectation; `kwargs` are Great Expectations' to check."""

    type: Required[str]
    kwargs: dict[str, Any] | None
    mostly: Annotated[float, Meta(gt=0, le=1)]


class Suite(TypedDict):
    """A suite of expectations."""

    expectations: Annotated[list[Expectation], Meta(min_length=1)]


class MemoryArguments(TypedDict, total=False):
    """Arguments of Kedro's MemoryDataset that YAML can give."""

    copy_mode: Literal["assign", "copy", "deepcopy"] | None


_FILES = {"CSVDataset", "FigureDataset", "JSONDataset", "TextDataset"}
_OF_KEDRO = {"MemoryDataset": MemoryArguments, "yaml.YAMLDataset": FileArguments}
"""Types of others that our own catalog names."""
_PLACE = r"{(\w+)}"
"""A place in the name of a pattern, and in what it fills."""
_A_SLIP = 0.85
"""Likeness from which on another name is a slip of the pen: SharedMemoryDataset and MemoryDataset are .81 alike."""


def catalog_faults(catalog: Mapping[str, Any], offered: Sequence[str]) -> Iterator[Fault]:
    """Compare the entries of a catalog with the arguments of their types.

    Args:
        catalog: Entries by name or pattern, as Kedro merges them.
        offered: Benchmarks that some package offers.

    Yields:
        Every fault; of types that are not ours only numbers that are not finite.
    """
    for name, entry in catalog.items():
        if str(name).startswith("_"):
            continue
        at = (str(name),)
        yield from _unfilled(entry, at, re.findall(_PLACE, str(name)))
        if not isinstance(entry, Mapping) or not isinstance(entry.get("type"), str):
            where = (*at, "type") if isinstance(entry, Mapping) and "type" in entry else at
            yield Fault(where, "must map `type` and the arguments of that type to values")
        elif entry["type"].startswith(_OURS):
            yield from _entry(entry, at, offered)
        elif entry["type"] in _OF_KEDRO:
            given = {key: value for key, value in entry.items() if key not in _KEDROS}
            yield from faults(_OF_KEDRO[entry["type"]], given, at)
            yield from faults(Metadata | None, entry.get("metadata"), (*at, "metadata"))
        elif get_close_matches(entry["type"], _OF_KEDRO, n=1, cutoff=_A_SLIP):
            yield Fault((*at, "type"), unknown(entry["type"], _OF_KEDRO))
        else:
            yield from not_finite(entry, at)


def _unfilled(value: Any, at: Path, places: Sequence[str]) -> Iterator[Fault]:
    """Places in an entry of a pattern that its name does not fill; Kedro would stop at the first dataset of it."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _unfilled(inner, (*at, str(name)), places)
    elif isinstance(value, str) and places:
        for place in re.findall(_PLACE, value):
            if place not in places:
                has = ", ".join(f"{{{each}}}" for each in places)
                yield Fault(at, f"the name of the entry has no {{{place}}}; it has {has}")


def benchmarks_of(catalog: Mapping[str, Any], offered: Sequence[str]) -> list[str]:
    """Names of benchmarks that a lifecycle can ask for: those with an entry, and those that packages offer."""
    own = (str(name).removesuffix(SUFFIX) for name in catalog if str(name).endswith(SUFFIX) and "{" not in str(name))
    return list(dict.fromkeys([*own, *offered]))


def unknown_expectations(suite: Any) -> Iterator[Fault]:
    """Find expectations that Great Expectations does not have.

    Args:
        suite: A document of conf/<env>/expectations.

    Yields:
        A fault for each, with the nearest names.
    """
    given = suite.get("expectations") if isinstance(suite, Mapping) else None
    for number, one in enumerate(given if isinstance(given, list) else (), 1):
        name = one.get("type") if isinstance(one, Mapping) else None
        if isinstance(name, str) and name not in _expectations():
            yield Fault(("expectations", str(number), "type"), unknown(name, _expectations()))


@functools.cache
def _expectations() -> tuple[str, ...]:
    """Names of all expectations, ours included: read off the files, since importing them takes seconds."""
    found = importlib.util.find_spec("great_expectations")
    folder = FilePath(found.origin).parent if found and found.origin else FilePath()
    core = {module.stem for module in folder.glob("expectations/core/expect_*.py")}
    ours = re.findall(
        r"^class (Expect\w+)", (FilePath(__file__).parents[1] / _OUR_EXPECTATIONS).read_text(), re.MULTILINE
    )
    return tuple(sorted(core | {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in ours}))


def _entry(entry: Mapping[str, Any], at: Path, benchmarks: Sequence[str]) -> Iterator[Fault]:
    module, _, kind = entry["type"].rpartition(".")
    offered = importlib.import_module(module)
    if kind not in _classes(offered):
        yield Fault((*at, "type"), unknown(kind, _classes(offered)))
        return
    if "metadata" in entry:
        yield from faults(Metadata | None, entry["metadata"], (*at, "metadata"))
    given = {name: value for name, value in entry.items() if name not in _KEDROS}
    if kind in _FILES:
        yield from faults(FileArguments, given, at)
        return
    known, required, more = _arguments(getattr(offered, kind))
    rest = {name: value for name, value in given.items() if name not in known} if more else {}
    own = {name: value for name, value in given.items() if name not in rest}
    found = list(_named(known, required, own, at))
    if kind == "BenchmarkDataset":
        found += _benchmark(str(entry.get("benchmark") or entry.get("name")), rest, at, benchmarks)
    yield from found
    if not found:
        try:
            getattr(offered, kind)(**given)
        except (ConfigError, ValueError, TypeError) as error:
            yield blamed(str(error), known, at)


def _benchmark(kind: str, settings: Mapping[str, Any], at: Path, benchmarks: Sequence[str]) -> Iterator[Fault]:
    if "{" in kind:
        return
    if kind not in benchmarks:
        yield Fault((*at, "benchmark"), unknown(kind, benchmarks))
        return
    if kind not in BUILT_IN:
        return  # somebody else's class, imported and checked when it is asked
    module, _, name = BUILT_IN[kind].partition(":")
    offered = getattr(importlib.import_module(module), name)
    known, required, _ = _arguments(offered)
    found = list(_named(known, required, settings, at))
    yield from found
    if not found:
        try:
            offered(**settings)
        except ValueError as error:
            yield blamed(str(error), known, at)


def _named(known: Mapping[str, Any], required: frozenset[str], given: Mapping[str, Any], at: Path) -> Iterator[Fault]:
    for name, value in given.items():
        if name in known:
            yield from faults(known[name], value, (*at, str(name)))
        else:
            yield Fault((*at, str(name)), unknown(str(name), known))
    for name in sorted(required - given.keys()):
        yield Fault(at, f"lacks `{name}`, which has no default")


def _classes(module: Any) -> list[str]:
    offered = getattr(module, "__all__", None) or vars(module)
    return [name for name in offered if name.endswith("Dataset") and not name.startswith("Abstract")]


@functools.cache
def _arguments(kind: type) -> tuple[dict[str, Any], frozenset[str], bool]:
    """Types of the arguments of a class, those without a default, and whether it takes others as well."""
    known = {name: each for name, each in inspect.signature(kind).parameters.items() if name not in _KEDROS}
    types = get_type_hints(kind.__init__, include_extras=True)  # type: ignore[misc]  # of a class, not of an instance
    more = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in known.values())
    named = {name: each for name, each in known.items() if each.kind is not inspect.Parameter.VAR_KEYWORD}
    required = frozenset(name for name, each in named.items() if each.default is inspect.Parameter.empty)
    return {name: types.get(name, Any) for name in named}, required, more
