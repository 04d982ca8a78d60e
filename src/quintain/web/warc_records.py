"""Bytes of a web archive to records: plain or gzip, damaged or not.

The framing is our own: warcio ends at the first broken record, and a crawl always has some. Here a damage costs the
record it hits, and reading goes on at the next one.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from quintain.web.gzip_members import GZIP, GzipMember, next_warc_member, spooled
from quintain.web.warc_framing import BLOCK_BYTES, DamagedError, LostError, WarcRecord, framed_records


def read_records(
    path: Path, max_bytes: int, start: int = 0, stop: int | None = None
) -> Iterator[tuple[int, WarcRecord | DamagedError]]:
    """Read the records of a web archive, one at a time.

    Args:
        path: A `.warc` or `.warc.gz`.
        max_bytes: Largest page; of a larger record only the beginning is kept.
        start: In a gzip file, where to look for the first record.
        stop: Where no further member is looked for in a gzip file; records behind it may be read or not.

    Yields:
        Offset of the record, or of the gzip member that holds it, and the record or what is wrong with it.
    """
    with path.open("rb") as file:
        first_bytes = file.read(len(GZIP))
        # The name counts too: the damage may be in the first bytes.
        zipped = first_bytes == GZIP or (path.suffix == ".gz" and first_bytes not in (b"", b"WAR"))
        file.seek(0)
        yield from _zipped_records(file, max_bytes, start, stop) if zipped else framed_records(file, max_bytes)


def _zipped_records(
    file: BinaryIO, max_bytes: int, start: int, stop: int | None
) -> Iterator[tuple[int, WarcRecord | DamagedError]]:
    """Read member after member; after a damaged one, go on at the next that begins with a WARC header."""
    offset = next_warc_member(file, start, stop) if start else 0
    while offset is not None:
        member = GzipMember(file, offset)
        try:
            for _, found in framed_records(io.BufferedReader(member, BLOCK_BYTES), max_bytes):
                yield offset, found
        except LostError as lost:
            yield offset, lost.damage
            with spooled(file, offset) as inflated:
                inflated.seek(lost.resume)
                for _, found in framed_records(inflated, max_bytes, in_sight=False):
                    yield offset, found
            offset = next_warc_member(file, offset + 1, stop)
        except DamagedError as damage:
            yield offset, damage
            offset = next_warc_member(file, offset + 1, stop)
        else:
            offset = member.end
            file.seek(offset)
            following = file.read(BLOCK_BYTES)
            if not following.startswith(GZIP):
                if following.strip(b"\0"):  # zeros are padding
                    yield offset, DamagedError("broken-gzip", f"no gzip member begins with {following[:20]!r}")
                offset = next_warc_member(file, offset, stop)
