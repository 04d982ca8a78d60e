"""Opening what people name: files, folders, LLaMA-Factory's dataset_info.json, and data sets of the hub."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from quintain.errors import ConfigError, RecordError
from quintain.given.dataset_info import is_dataset_info, read_dataset_info
from quintain.given.hub_rows import hub_name, hub_rows
from quintain.given.layout import Layout
from quintain.given.sources import Source, file_source, files_below


@dataclass(frozen=True)
class Named:
    """A source and its layout."""

    source: Source
    layout: Layout


@dataclass(frozen=True)
class Choice:
    """Part of a data set that is read, where it has several."""

    subset: str = ""
    """Configuration of a data set of the hub."""
    split: str = "train"
    """Split of a data set of the hub."""
    datasets: tuple[str, ...] = ()
    """Entries of a dataset_info.json; empty: all whose file is here."""


def open_named(names: Sequence[str], layout: Layout, choice: Choice, notes: list[str]) -> Iterator[Named]:
    """Open sources, one after the other.

    Args:
        names: Files, folders, or data sets of the hub as NAME@REVISION.
        layout: Names of columns, and the format, that somebody gave; none beside a dataset_info.json, which says both.
        choice: Which part is read.
        notes: Lines that say what was passed over are added here.

    Yields:
        Named: A source that can be read.

    Raises:
        ConfigError: What was named has no meaning for these sources.
        RecordError: One is not there, or of no kind that is known.
    """
    _require_sense(names, layout, choice)
    for name in names:
        path = Path(name)
        if not path.exists():
            found = hub_name(name)
            if found is None:
                raise RecordError(
                    f"{name} does not exist; name a file, a folder, or a data set of the hub with its revision, as "
                    "tatsu-lab/alpaca@REVISION"
                )
            yield Named(_hub_source(name, *found, choice), replace(layout, name=name))
        elif is_dataset_info(path):
            entries, passed = read_dataset_info(path, choice.datasets)
            notes += passed
            for entry in entries:
                yield from _files(entry.path, entry.layout)
        else:
            yield from _files(path, layout)


def _require_sense(names: Sequence[str], layout: Layout, choice: Choice) -> None:
    described = [name for name in names if is_dataset_info(Path(name))]
    if choice.datasets and not described:
        raise ConfigError(
            "entries of a dataset_info.json are named (--dataset), and no such file is; name it or its folder"
        )
    if described and (layout.columns.names or layout.format):
        raise ConfigError(
            f"{described[0]} says by itself which columns and formats its files have; name none beside it"
        )


def _files(path: Path, layout: Layout) -> Iterator[Named]:
    for file in files_below(path) if path.is_dir() else [path]:
        yield Named(file_source(file), replace(layout, name=file.name))


def _hub_source(called: str, name: str, revision: str, choice: Choice) -> Source:
    return Source(
        called, "a data set of the hub", lambda: hub_rows(name, revision, subset=choice.subset, split=choice.split)
    )
