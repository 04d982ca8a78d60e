"""Catalog entries of a stage: what it depends on by reading or writing a dataset."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol

from quintain.benchmarks.registry import BUILT_IN, GROUP
from quintain.environment import BASE
from quintain.errors import ConfigError
from quintain.versioning.configuration import Configuration, Place
from quintain.versioning.named_files import file_of_source

# dpath, which DVC reads keys with, takes these for more than letters.
_NOT_IN_A_KEY = set(".*?[]{}")
_IN_MEMORY = ("MemoryDataset", "SharedMemoryDataset")


class Catalog(Protocol):
    """The part of Kedro's CatalogConfigResolver that says what a dataset's name stands for."""

    def resolve_pattern(self, ds_name: str) -> dict[str, Any]:
        """Configuration of a dataset, placeholders filled in."""
        ...

    def match_dataset_pattern(self, ds_name: str) -> str | None:
        """The pattern that stands for a dataset."""
        ...

    def match_user_catch_all_pattern(self, ds_name: str) -> str | None:
        """The pattern of the catalog that stands for every other dataset."""
        ...


@dataclass(frozen=True)
class Entry:
    """A dataset as the catalog has it."""

    name: str
    """Name of the dataset."""
    settings: Mapping[str, Any]
    """The entry, placeholders and interpolations filled in."""
    path: str | None
    """File or folder that holds it; None where it stays in memory or is made of its entry."""
    files: frozenset[str] = frozenset()
    """Files that whoever reads it depends on."""
    places: frozenset[Place] = frozenset()
    """Values of the configuration that whoever reads or writes it depends on."""
    types: frozenset[str] = field(default_factory=frozenset)
    """Dotted names of its dataset classes."""
    is_given: bool = False
    """True where the entry by itself says what is read."""


def read_entry(root: Path, catalog: Catalog, configuration: Configuration, name: str) -> Entry:
    """Read what the catalog says of a dataset.

    Args:
        root: The project's folder.
        catalog: The catalog, merged.
        configuration: Its files.
        name: The dataset.

    Returns:
        The entry.

    Raises:
        ConfigError: The entry asks for versions of Kedro's own, or refers to something that DVC cannot follow.
    """
    settings = catalog.resolve_pattern(name)
    if settings.get("versioned"):
        raise ConfigError(f"dataset {name} is `versioned: true`, but DVC keeps the versions; take the line out")
    written = _written_name(catalog, configuration, name)
    file, raw = configuration.entry(written)
    places = configuration.references(file, raw) if file else set()
    files = {str(path) for path in (settings.get("metadata") or {}).get("dvc_deps") or ()}
    path = settings.get("filepath") or settings.get("path")
    source = settings.get("source")
    is_given = bool(file) and (source is not None if path else _says_all(settings))
    if isinstance(source, str) and (found := file_of_source(root, source)) is not None:
        files.add(found)
    elif path and source is None:
        files |= {path, *_layers(root, configuration.environment, path)}
    elif is_given:
        # A generated pack, data written into the catalog, a model of the hub: the entry says all.
        if _NOT_IN_A_KEY & set(written):
            files.add(file)
        else:
            places.add(Place(file, written))
    types = frozenset((*_types(settings), *_benchmarks(settings)))
    return Entry(name, settings, path, frozenset(files), frozenset(places), types, is_given)


def _layers(root: Path, environment: str, path: str) -> Iterator[str]:
    """The file that an environment merges over a file of conf/base."""
    own = Path("conf", environment, *Path(path).parts[2:])
    if Path(path).parts[:2] == ("conf", BASE) and (root / own).is_file():
        yield own.as_posix()


def _written_name(catalog: Catalog, configuration: Configuration, name: str) -> str:
    if configuration.entry(name)[0]:
        return name
    return catalog.match_dataset_pattern(name) or catalog.match_user_catch_all_pattern(name) or ""


def _says_all(settings: Mapping[str, Any]) -> bool:
    """True when a dataset without a file can be read without having been written."""
    return "data" in settings or not str(settings.get("type", "")).endswith(_IN_MEMORY)


def _benchmarks(settings: Mapping[str, Any]) -> Iterator[str]:
    """Class of the benchmark that an entry makes, built in or offered by another package."""
    if str(settings.get("type", "")).endswith("BenchmarkDataset"):
        kind = settings.get("benchmark") or settings.get("name", "")
        others = (each.value for each in entry_points(group=GROUP, name=kind))
        yield from (value.replace(":", ".") for value in ([BUILT_IN[kind]] if kind in BUILT_IN else others))


def _types(settings: Any) -> Iterator[str]:
    """Types of the entry and of the entries inside of it."""
    if isinstance(settings, Mapping):
        for key, value in settings.items():
            if key == "type" and isinstance(value, str):
                yield value
            else:
                yield from _types(value)
    elif isinstance(settings, list):
        for value in settings:
            yield from _types(value)
