"""`quintain data`: training data as people have it, in and out; works without a project."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from quintain.given.importing import Imported, Importer
    from quintain.records import Dropped

_TO_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path)
_BATCH_ROWS = 5000
_SHARE = click.FloatRange(0, 1, min_open=True)


@click.group("data")
def command() -> None:
    """Import training data as people have it, and write it back."""


@command.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--to", required=True, type=_TO_FOLDER, help="Folder for the records; files in it are replaced.")
@click.option("--columns", multiple=True, help="Our names for columns, as instruction=question,response=answer.")
@click.option("--format", "format_name", default="", help="Format of the rows; told by the rows where it is not given.")
@click.option("--dataset", "datasets", multiple=True, help="Entry of a dataset_info.json; may be given again.")
@click.option("--subset", default="", help="Configuration of a data set of the hub.")
@click.option("--split", default="train", show_default=True, help="Split of a data set of the hub.")
@click.option("--held-out", multiple=True, type=_FILE, help="File or folder of benchmark items that no row may hold.")
@click.option("--ngram-words", type=click.IntRange(1), default=13, show_default=True, help="Words that give one away.")
@click.option("--near-duplicates", type=_SHARE, help="Similarity from which a row is dropped; holds all in memory.")
def import_files(
    files: tuple[str, ...],
    to: Path,
    columns: tuple[str, ...],
    format_name: str,
    datasets: tuple[str, ...],
    subset: str,
    split: str,
    held_out: tuple[Path, ...],
    ngram_words: int,
    near_duplicates: float | None,
) -> None:
    """Read each FILE (a file, a folder, or a data set of the hub as NAME@REVISION) into records.

    Alpaca, ShareGPT, OpenAI's messages, TRL's columns, LLaMA-Factory's dataset_info.json and the files of the papers,
    as JSON, JSON lines, CSV, TSV or Parquet. The folder gets pairs.jsonl (instruction pairs), preferences.jsonl, or
    instructions.jsonl, edits.jsonl, items.jsonl, and dropped.jsonl: every row is kept or dropped with its reason.
    """
    from quintain.cli.data_folder import DataFolder
    from quintain.given.columns import read_columns
    from quintain.given.importing import Importer
    from quintain.given.layout import Layout
    from quintain.given.opening import Choice, open_named

    layout = Layout(read_columns(columns), format=_known(format_name), why="--format says so")
    importer = Importer()
    notes: list[str] = []
    with DataFolder(to) as folder:
        named = open_named(files, layout, Choice(subset, split, datasets), notes)
        rows = (each for one in named for each in importer.read(one.source, one.layout))
        for each in _screened(_told(rows, importer), held_out, ngram_words, near_duplicates):
            folder.add(each)
        folder.report(importer.reports)
    for note in notes:
        click.echo(note, err=True)
    for report in importer.reports:
        click.echo(report.line)
    for line in folder.lines:
        click.echo(line)
    if not folder.kept:
        click.echo(f"nothing was kept; {to / 'dropped.jsonl'} has the reason of every row", err=True)
    click.echo(f"kept {folder.kept} of {importer.rows}")
    if not folder.kept:
        sys.exit(1)


@command.command("export")
@click.argument("source", type=_FILE)
@click.option("--to", required=True, type=click.Path(path_type=Path, dir_okay=False),
              help="File: .jsonl, .json, .csv, .tsv or .parquet.")  # fmt: skip
@click.option("--format", "format_name", default="", help="Format of the rows; each as it came where it is not given.")
def export(source: Path, to: Path, format_name: str) -> None:
    """Write the records of SOURCE as rows, with every column that they came with.

    SOURCE is a folder of `quintain data import`, or a file of instruction pairs or preference pairs.
    """
    from quintain.cli.data_rows import read_records, write_rows
    from quintain.given.exporting import Exporter

    exporter = Exporter(format_name)
    written = write_rows(to, lambda: exporter.rows(read_records(source)))
    for name, count in exporter.left_out.items():
        click.echo(f"{count} values of {name} are left out: the format has a column of that name", err=True)
    for refused in exporter.refused[:10]:
        click.echo(f"left out: {refused}", err=True)
    click.echo(f"{written} rows → {to}" + (f", {len(exporter.refused)} left out" if exporter.refused else ""))
    if not written:
        sys.exit(1)


def _known(format_name: str) -> str:
    from quintain.errors import ConfigError
    from quintain.given.detection import FORMATS

    if format_name and format_name not in FORMATS:
        raise ConfigError(f"there is no format {format_name!r}; there are {', '.join(FORMATS)}")
    return format_name


def _told(rows: "Iterable[Imported | Dropped]", importer: "Importer") -> "Iterator[Imported | Dropped]":
    """The rows; a line on the standard error says how many, from time to time."""
    import time

    told = time.monotonic()
    for number, row in enumerate(rows, start=1):
        if number % 1000 == 0 and time.monotonic() - told > 10:
            told = time.monotonic()
            click.echo(f"{importer.rows:,} rows read, {importer.kept:,} kept so far", err=True)
        yield row


def _screened(
    rows: "Iterator[Imported | Dropped]", held_out: tuple[Path, ...], ngram_words: int, near: float | None
) -> "Iterator[Imported | Dropped]":
    """The rows, those that hold items of benchmarks or resemble earlier ones as dropped where somebody asked for it."""
    if not held_out and near is None:
        yield from rows
        return
    from itertools import islice

    from quintain.benchmarks.decontamination import read_pack
    from quintain.given.importing import Imported
    from quintain.given.screening import screen
    from quintain.web.duplicates import near_duplicates

    texts = {key: text for path in held_out for key, text in read_pack(path, "--held-out").items()}
    clusters = None if near is None else (lambda found: near_duplicates(found, near))
    while batch := list(islice(rows, _BATCH_ROWS if near is None else None)):
        kept = [row for row in batch if isinstance(row, Imported)]
        faults = iter(screen([row.record for row in kept], texts, ngram_words=ngram_words, clusters=clusters))
        for row in batch:
            yield row if not isinstance(row, Imported) or (fault := next(faults)) is None else fault
