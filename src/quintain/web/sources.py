"""Pages from wherever they lie: a web archive, HTML files, JSONL."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from quintain.errors import RecordError
from quintain.records import Dropped, RawPage
from quintain.web.quality import MAX_BYTES
from quintain.web.warc import read_warc

_HTML_ENDINGS = (".html", ".htm", ".xhtml")
_SHOWN_CHARACTERS = 2000


def read_pages(source: str | Path, max_bytes: int = MAX_BYTES) -> Iterator[RawPage | Dropped]:
    """Read pages one at a time; memory does not grow with the source.

    Args:
        source: A `.warc` or `.warc.gz`; an `.html` file; a folder of such files; or a `.jsonl` or `.jsonl.gz` with
            the fields `url` and `html` in each line.
        max_bytes: Largest page, in bytes of HTML.

    Returns:
        An iterator over pages, and drops for what could not be read.

    Raises:
        RecordError: There is no such source, or nothing says what kind it is.
    """
    path = Path(source)
    if path.is_dir():
        return _read_folder(path, max_bytes)
    if not path.is_file():
        raise RecordError(f"there is no file or folder {path} to read pages from")
    name = path.name.lower()
    if name.endswith((".warc", ".warc.gz")):
        return read_warc(path, max_bytes)
    if name.endswith((".jsonl", ".jsonl.gz")):
        return _read_jsonl(path, max_bytes)
    if name.endswith(_HTML_ENDINGS):
        return iter([_read_html(path, path.name, max_bytes)])
    raise RecordError(
        f"{path} has none of the endings that pages are read from: .warc, .warc.gz, .jsonl, .jsonl.gz, "
        f"{', '.join(_HTML_ENDINGS)}; give it one, or name a folder of HTML files"
    )


def _read_folder(folder: Path, max_bytes: int) -> Iterator[RawPage | Dropped]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in _HTML_ENDINGS and path.is_file():
            yield _read_html(path, path.relative_to(folder).as_posix(), max_bytes)


def _read_html(path: Path, name: str, max_bytes: int) -> RawPage | Dropped:
    size = path.stat().st_size
    if size > max_bytes:
        return _drop("too-large", name, f"{size:,} bytes, the limit max_bytes is {max_bytes:,}")
    return RawPage(url=name, html=path.read_bytes(), where=name)


def _read_jsonl(path: Path, max_bytes: int) -> Iterator[RawPage | Dropped]:
    # A character of HTML takes up to six bytes of JSON.
    longest = 6 * max_bytes
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        lines = _lines(cast("BinaryIO", file), longest)
        number = 0
        while True:
            number += 1
            where = f"{path.name}, line {number}"
            try:
                line = next(lines, None)
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                yield _drop("broken-gzip", where, f"{type(error).__name__}: {error}; nothing after it can be read")
                return
            if line is None:
                return
            if len(line) > longest:
                yield _drop("too-large", where, f"a line over {longest:,} bytes, 6 times the limit max_bytes")
            elif line.strip():
                yield _from_json(line, where, max_bytes)


def _lines(file: BinaryIO, longest: int) -> Iterator[bytes]:
    """Read lines; of one that is too long, only its beginning."""
    while line := file.readline(longest + 1):
        rest = line
        while not rest.endswith(b"\n") and (rest := file.readline(longest + 1)):
            pass
        yield line


def _from_json(line: bytes, where: str, max_bytes: int) -> RawPage | Dropped:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        return _drop("broken-json", where, f"{error}: {line.decode('utf-8', 'replace')}"[:_SHOWN_CHARACTERS])
    url, html = (fields.get("url"), fields.get("html")) if isinstance(fields, dict) else (None, None)
    if not isinstance(url, str) or not isinstance(html, str):
        return _drop("no-html", where, "a line must be an object with the texts `url` and `html`")
    body = html.encode("utf-8", "replace")
    if len(body) > max_bytes:
        return _drop("too-large", where, f"{len(body):,} bytes, the limit max_bytes is {max_bytes:,}")
    return RawPage(url=url, html=body, charset="utf-8", where=where)


def _drop(reason: str, where: str, said: str) -> Dropped:
    return Dropped(stage="read", reason=reason, where=where, text=said)
