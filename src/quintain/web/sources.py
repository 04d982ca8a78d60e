"""Pages from wherever they lie: web archives, HTML files, JSONL, or a folder of such files."""

import codecs
import gzip
import json
import logging
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from quintain.errors import RecordError
from quintain.records import SHOWN_CHARACTERS, Dropped, RawPage
from quintain.text.file_names import shown_name
from quintain.text.json_lines import UnreadableLineError, decode_line, read_line, skip_line
from quintain.web.ingestion_params import Profile
from quintain.web.quality import MAX_BYTES
from quintain.web.warc import read_warc

_log = logging.getLogger(__name__)

_ARCHIVES = (".warc", ".warc.gz")
_LINES = (".jsonl", ".jsonl.gz")
_HTML_ENDINGS = (".html", ".htm", ".xhtml")
_ENDINGS = (*_ARCHIVES, *_LINES, *_HTML_ENDINGS)


@dataclass(frozen=True)
class PageSource:
    """Pages on disk. Iterating reads them one at a time, from the start each time; `ingest` cuts them into shards."""

    path: Path
    """A file or a folder."""
    max_bytes: int = MAX_BYTES
    """Largest page, in bytes of HTML."""

    def __iter__(self) -> Iterator[RawPage | Dropped]:
        for file in self.files():
            yield from read_file(file, self.name_of(file), self.max_bytes)

    def files(self) -> list[Path]:
        """The files that hold pages, in the order of their paths."""
        if not self.path.is_dir():
            return [self.path]
        return sorted(_files_below(self.path))

    def name_of(self, file: Path) -> str:
        """Name of a file in messages and in the origin of its pages: its path below the folder."""
        name = file.name if file == self.path else file.relative_to(self.path).as_posix()
        return shown_name(name)


def read_pages(source: str | Path, max_bytes: int = MAX_BYTES) -> PageSource:
    """Read pages one at a time; memory does not grow with the source.

    Args:
        source: A `.warc` or `.warc.gz`; an `.html` file; a `.jsonl` or `.jsonl.gz` with the fields `url` and `html` in
            each line; or a folder of such files.
        max_bytes: Largest page, in bytes of HTML.

    Returns:
        An iterable of pages, and drops for what could not be read.

    Raises:
        RecordError: There is no such source, or nothing says what kind it is.
    """
    path = Path(source)
    if not path.exists():
        raise RecordError(f"there is no file or folder {path} to read pages from")
    if not path.is_dir() and not path.name.lower().endswith(_ENDINGS):
        raise RecordError(
            f"{path} has none of the endings that pages are read from: {', '.join(_ENDINGS)}; give it one, or name a "
            "folder of such files"
        )
    return PageSource(path, max_bytes)


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
            if not name.lower().endswith(_ENDINGS):
                continue
            if file.is_file():
                yield file
            else:
                _log.warning("%s is passed over: a link that leads nowhere, or no file", file)


def can_be_cut(file: Path) -> bool:
    """True when pages can be read from the middle of a file on."""
    return file.name.lower().endswith((".warc.gz", ".jsonl"))


def read_file(
    file: Path, name: str, max_bytes: int, start: int = 0, stop: int | None = None, profile: Profile = "quality"
) -> Iterator[RawPage | Dropped]:
    """Read the pages of one file, or of a stretch of it.

    Args:
        file: The file.
        name: What messages call it.
        max_bytes: Largest page, in bytes of HTML.
        start: First byte of the stretch; records that begin before it are left out. 0 unless the file can be cut.
        stop: First byte after the stretch; records that begin there or later are left out. None unless it can be cut.
        profile: Archives are read by fastwarc unless it is `quality`; the pages are the same.

    Returns:
        An iterator over pages, and drops for what could not be read.

    Raises:
        ConfigError: The profile needs a library that is not installed.
    """
    return _readable(_reader(file, name, max_bytes, start, stop, profile), name)


def _readable(found: Iterator[RawPage | Dropped], name: str) -> Iterator[RawPage | Dropped]:
    try:
        yield from found
    except OSError as error:
        yield _drop("unreadable-file", name, f"{error.strerror or error}; nothing after it was read")


def _reader(
    file: Path, name: str, max_bytes: int, start: int, stop: int | None, profile: Profile
) -> Iterator[RawPage | Dropped]:
    kind = file.name.lower()
    if kind.endswith(_ARCHIVES):
        if profile == "quality":
            return read_warc(file, max_bytes, name, start, stop)
        from quintain.web.warc_fast import read_warc_fast

        return read_warc_fast(file, max_bytes, name, start, stop)
    if kind.endswith(_LINES):
        return _read_jsonl(file, name, max_bytes, start, stop)
    return (_read_html(one, name, max_bytes) for one in [file])


def _read_html(path: Path, name: str, max_bytes: int) -> RawPage | Dropped:
    if not _has_bytes(path.name):
        return _drop("bad-name", name, "the name of the file, the address of its page, is not UTF-8; rename it")
    size = path.stat().st_size
    if size > max_bytes:
        return _drop("too-large", name, f"{size:,} bytes, the limit max_bytes is {max_bytes:,}")
    return RawPage(url=name, html=path.read_bytes(), where=name)


def _read_jsonl(path: Path, name: str, max_bytes: int, start: int, stop: int | None) -> Iterator[RawPage | Dropped]:
    # A character of HTML takes up to six bytes of JSON.
    longest = 6 * max_bytes
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as opened:
        file = cast("BinaryIO", opened)
        if start:
            file.seek(start - 1)
            skip_line(file, stop)
        number = 0
        while stop is None or file.tell() < stop:
            number += 1
            # Nobody has counted the lines before a stretch.
            where = f"{name}, line {number}" if stop is None else f"{name}, line at byte {file.tell()}"
            try:
                line = read_line(file, longest, stop)
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                yield _drop("broken-gzip", where, f"{type(error).__name__}: {error}; nothing after it can be read")
                return
            if not line:
                return
            if len(line) > longest:
                yield _drop("too-large", where, f"a line over {longest:,} bytes, 6 times the limit max_bytes")
            elif line.strip():
                yield _from_json(line.removeprefix(codecs.BOM_UTF8), where, max_bytes)


def _from_json(line: bytes, where: str, max_bytes: int) -> RawPage | Dropped:
    try:
        fields = decode_line(line, json.loads)
    except UnreadableLineError as error:
        return _drop("broken-json", where, f"{error}: {line.decode('utf-8', 'replace')}"[:SHOWN_CHARACTERS])
    url, html = (fields.get("url"), fields.get("html")) if isinstance(fields, dict) else (None, None)
    if not isinstance(url, str) or not isinstance(html, str):
        return _drop("no-html", where, "a line must be an object with the texts `url` and `html`")
    if not _has_bytes(url):
        return _drop("bad-url", where, f"half a character stands in the address {ascii(url)[:SHOWN_CHARACTERS]}")
    body = html.encode("utf-8", "replace")
    if len(body) > max_bytes:
        return _drop("too-large", where, f"{len(body):,} bytes, the limit max_bytes is {max_bytes:,}")
    return RawPage(url=url, html=body, charset="utf-8", where=where)


def _has_bytes(text: str) -> bool:
    """True for a text without halves of characters."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _drop(reason: str, where: str, said: str) -> Dropped:
    return Dropped(stage="read", reason=reason, where=where, text=said)
