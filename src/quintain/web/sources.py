"""Pages from wherever they lie: web archives, HTML, text and Markdown files, tables, or a folder of such files."""

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from quintain.errors import RecordError
from quintain.records import Dropped, RawPage
from quintain.text.file_names import shown_name
from quintain.web.columns import COMMON, Columns, has_bytes
from quintain.web.ingestion_params import Profile
from quintain.web.page_limits import MAX_BYTES
from quintain.web.tables import check_table, read_json_rows, read_parquet_rows
from quintain.web.warc import read_warc

_log = logging.getLogger(__name__)

_WARC = (".warc", ".warc.gz")
_WET = (".wet", ".wet.gz")
_ARCHIVES = (*_WARC, *_WET)
_LINES = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".ndjson", ".ndjson.gz", ".json.gz", ".json.zst")
_PARQUET = (".parquet",)
_HTML_ENDINGS = (".html", ".htm", ".xhtml")
_TEXT_ENDINGS = (".txt", ".text", ".md", ".markdown")
_LOOSE_JSON = (".json",)
_CONTAINERS = (*_ARCHIVES, *_LINES, *_PARQUET)
"""Endings of files with many pages each."""
_NOTES = (*_TEXT_ENDINGS, *_LOOSE_JSON)
"""Endings of files that are notes where they lie beside such files: a README, a licence, facts about a data set."""
PAGE_ENDINGS = (*_WARC, *_LINES, *_PARQUET, *_WET, *_HTML_ENDINGS, *_NOTES)
"""Endings of all files that pages are read from."""


@dataclass(frozen=True)
class PageSource:
    """Pages on disk. Iterating reads them one at a time, from the start each time; `ingest` cuts them into shards."""

    path: Path
    """A file or a folder."""
    max_bytes: int = MAX_BYTES
    """Largest page, in bytes of HTML."""
    columns: Columns = COMMON
    """Which column of a table is what."""

    def __iter__(self) -> Iterator[RawPage | Dropped]:
        for file in self.files():
            yield from read_file(file, self.name_of(file), self.max_bytes, columns=self.columns)

    def files(self) -> list[Path]:
        """The files that hold pages, in the order of their paths.

        Text, Markdown and `.json` files are pages of their own, but notes in a folder with archives or tables.
        """
        if not self.path.is_dir():
            return [self.path]
        files = sorted(_files_below(self.path))
        if not any(file.name.lower().endswith(_CONTAINERS) for file in files):
            return files
        notes = [file for file in files if _ending(file).endswith(_NOTES) and not _ending(file).endswith(_CONTAINERS)]
        if notes:
            _log.info(
                "%s: %d files beside archives and tables are taken for notes and not read, such as %s; name another "
                "folder to have them read", self.path, len(notes), notes[0].name,
            )  # fmt: skip
        return [file for file in files if file not in set(notes)]

    def name_of(self, file: Path) -> str:
        """Name of a file in messages and in the origin of its pages: its path below the folder."""
        name = file.name if file == self.path else file.relative_to(self.path).as_posix()
        return shown_name(name)

    def check(self) -> None:
        """Look at the tables of the source before anything is read.

        Raises:
            RecordError: The columns fit none of the rows at the beginning of a table.
        """
        for file in self.files():
            if _ending(file).endswith((*_LINES, *_PARQUET, *_LOOSE_JSON)):
                check_table(file, self.name_of(file), self.columns)
                if not _ending(file).endswith(_PARQUET):
                    return  # lines are drops one by one; one look tells a mapping that was meant for other files


def _ending(file: Path) -> str:
    return file.name.lower()


def may_hold_pages(path: Path) -> bool:
    """True for a file with an ending that pages are read from, and for a folder with such a file; none is opened."""
    return next(_files_below(path), None) is not None if path.is_dir() else _ending(path).endswith(PAGE_ENDINGS)


def read_pages(source: str | Path, max_bytes: int = MAX_BYTES, columns: Columns | None = None) -> PageSource:
    """Read pages one at a time; memory does not grow with the source.

    Args:
        source: A WARC or WET file; an HTML, text or Markdown file; JSON lines or Parquet with columns such as `url` and
            `html`, `text` or `content`; or a folder of such files.
        max_bytes: Largest page, in bytes of HTML.
        columns: Which column is what, where the common names do not tell.

    Returns:
        An iterable of pages, and drops for what could not be read.

    Raises:
        RecordError: There is no such source, nothing says what kind it is, or the columns fit no row of it.
    """
    path = Path(source)
    if not path.exists():
        raise RecordError(f"there is no file or folder {path} to read pages from")
    if not path.is_dir() and not may_hold_pages(path):
        raise RecordError(
            f"{path} has none of the endings that pages are read from: {', '.join(PAGE_ENDINGS)}; give it one, or name "
            "a folder of such files"
        )
    found = PageSource(path, max_bytes, columns or COMMON)
    found.check()
    return found


def _files_below(folder: Path) -> Iterator[Path]:
    """Files that hold pages; folders behind links are entered, each folder once."""
    entered = {folder.resolve()}

    def refused(error: OSError) -> None:
        raise RecordError(
            f"the folder {error.filename} cannot be read: {error.strerror}; fix its permissions"
        ) from error

    for place, folders, names in os.walk(folder, onerror=refused, followlinks=True):
        for name in sorted(folders):
            real = (Path(place) / name).resolve()
            if real in entered:
                folders.remove(name)
            entered.add(real)
        for name in names:
            file = Path(place) / name
            if not name.lower().endswith(PAGE_ENDINGS):
                continue
            if file.is_file():
                yield file
            else:
                _log.warning("%s is passed over: a link that leads nowhere, or no file", file)


def can_be_cut(file: Path) -> bool:
    """True when pages can be read from the middle of a file on."""
    return file.name.lower().endswith((".warc.gz", ".wet.gz", ".jsonl", ".ndjson", *_PARQUET))


def read_file(
    file: Path,
    name: str,
    max_bytes: int,
    start: int = 0,
    stop: int | None = None,
    profile: Profile = "quality",
    columns: Columns | None = None,
) -> Iterator[RawPage | Dropped]:
    """Read the pages of one file, or of a stretch of it.

    Args:
        file: The file.
        name: What messages call it.
        max_bytes: Largest page, in bytes of HTML.
        start: First byte of the stretch; records that begin before it are left out. 0 unless the file can be cut.
        stop: First byte after the stretch; records that begin there or later are left out. None unless it can be cut.
        profile: Archives are read by fastwarc unless it is `quality`; the pages are the same.
        columns: Which column of a table is what, where the common names do not tell.

    Returns:
        An iterator over pages, and drops for what could not be read.

    Raises:
        ConfigError: The profile needs a library that is not installed.
    """
    return _readable(_reader(file, name, max_bytes, start, stop, profile, columns or COMMON), name)


def _readable(found: Iterator[RawPage | Dropped], name: str) -> Iterator[RawPage | Dropped]:
    try:
        yield from found
    except OSError as error:
        yield _drop("unreadable-file", name, f"{error.strerror or error}; nothing after it was read")


def _reader(
    file: Path, name: str, max_bytes: int, start: int, stop: int | None, profile: Profile, columns: Columns
) -> Iterator[RawPage | Dropped]:
    kind = _ending(file)
    if kind.endswith(_ARCHIVES):
        if profile == "quality":
            return read_warc(file, max_bytes, name, start, stop)
        from quintain.web.warc_fast import read_warc_fast

        return read_warc_fast(file, max_bytes, name, start, stop)
    if kind.endswith(_PARQUET):
        return read_parquet_rows(file, name, max_bytes, columns, start, stop)
    if kind.endswith((*_LINES, *_LOOSE_JSON)):
        return read_json_rows(file, name, max_bytes, columns, start, stop)
    return (_read_document(one, name, max_bytes) for one in [file])


def _read_document(path: Path, name: str, max_bytes: int) -> RawPage | Dropped:
    if not has_bytes(path.name):
        return _drop("bad-name", name, "the name of the file, the address of its page, is not UTF-8; rename it")
    size = path.stat().st_size
    if size > max_bytes:
        return _drop("too-large", name, f"{size:,} bytes, the limit max_bytes is {max_bytes:,}")
    return RawPage(url=name, html=path.read_bytes(), where=name, is_text=_ending(path).endswith(_TEXT_ENDINGS))


def _drop(reason: str, where: str, said: str) -> Dropped:
    return Dropped(stage="read", reason=reason, where=where, text=said)
