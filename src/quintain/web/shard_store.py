"""Store of finished shards: one Parquet file each, and beside it a mark that says it is complete."""

import dataclasses
import hashlib
import json
import logging
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from quintain.errors import RecordError
from quintain.records import Dropped, WebPage
from quintain.web.duplicates import PERMUTATIONS, signature_kind, signatures

_log = logging.getLogger(__name__)

BATCH_PAGES = 256
"""Pages that a worker takes at once; a row group of the outputs."""
HASH_BYTES = 16
SHINGLE_WORDS = 5
"""Words per shingle of the signatures in the shards."""
_DAY_SECONDS = 86_400
_KIND = b"signature_kind"
_SCHEMA = pa.schema(
    [
        pa.field("kept", pa.bool_(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("record", pa.string(), nullable=False),
        pa.field("text_hash", pa.binary(HASH_BYTES)),
        pa.field("signature", pa.binary(4 * PERMUTATIONS)),
    ]
)


@dataclass(frozen=True)
class Batch:
    """Results of some pages, in their order."""

    records: list[WebPage | Dropped]
    """One record per page that came in."""
    signatures: NDArray[np.uint32]
    """MinHash signatures of the records that are pages. Shape (pages, PERMUTATIONS)."""


def signed(records: list[WebPage | Dropped]) -> Batch:
    """Make a batch of records, its signatures from the texts of those that are pages."""
    return Batch(records, signatures([one.text for one in records if isinstance(one, WebPage)], SHINGLE_WORDS))


class ShardStore:
    """A folder with the outputs of shards, shared by all workers.

    Args:
        folder: Where the files lie; on a cluster, a path that is the same on every machine.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    def is_complete(self, name: str) -> bool:
        """True when a shard is there as a whole: its mark is, and its file has the checksum that the mark says."""
        try:
            mark = json.loads(self._mark(name).read_bytes())
            found = _checksum(self._file(name))
        except OSError:
            return False
        except (ValueError, RecursionError):
            mark = found = None
        if isinstance(mark, dict) and mark.get("sha256") == found:
            return True
        _log.warning("%s is not what was written; its shard is done again", self._file(name))
        return False

    def write(self, name: str, batches: Iterable[Batch]) -> None:
        """Write what became of a shard, whole or not at all, then its mark.

        Args:
            name: Name of the shard.
            batches: Its batches, in order; each is written before the next is asked for.

        Raises:
            RecordError: The disk refused.
        """
        temporary = self.folder / f".{name}.{os.getpid()}.tmp"
        rows = pages = 0
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._mark(name).unlink(missing_ok=True)
            with temporary.open("wb") as file:
                schema = _SCHEMA.with_metadata({_KIND: _kind()})
                with pq.ParquetWriter(file, schema, compression="zstd", write_page_checksum=True) as writer:
                    for batch in batches:
                        writer.write_table(_table(batch))
                        rows += len(batch.records)
                        pages += len(batch.signatures)
                file.flush()
                os.fsync(file.fileno())
            checksum = _checksum(temporary)
            temporary.replace(self._file(name))
            temporary.write_text(json.dumps({"rows": rows, "pages": pages, "sha256": checksum}) + "\n")
            temporary.replace(self._mark(name))
        except OSError as error:
            raise RecordError(
                f"{self._file(name)} could not be written: {error.strerror or error}. Complete shards stay; free some "
                "space or fix the permissions, then run the same command: it goes on where it stood"
            ) from error
        finally:
            with suppress(OSError):
                temporary.unlink()

    def clear(self) -> None:
        """Remove what killed workers left half written, once it is a day old and nobody's any more."""
        for leftover in self.folder.glob(".*.tmp"):
            with suppress(FileNotFoundError):
                if time.time() - leftover.stat().st_mtime > _DAY_SECONDS:
                    leftover.unlink()

    def read(self, name: str) -> Iterator[WebPage | Dropped]:
        """Read what became of a shard, in the order of its pages; memory holds one row group."""
        page, dropped = msgspec.json.Decoder(WebPage), msgspec.json.Decoder(Dropped)
        with self._opened(name) as file:
            for group in range(file.num_row_groups):
                rows = file.read_row_group(group, columns=["kept", "record"])
                for kept, record in zip(rows["kept"].to_pylist(), rows["record"].to_pylist(), strict=True):
                    yield page.decode(record) if kept else dropped.decode(record)

    def text_hashes(self, name: str) -> NDArray[np.bytes_]:
        """Hashes of the texts of a shard's pages. Shape (pages,)."""
        return self._fixed(name, "text_hash").view(f"S{HASH_BYTES}").reshape(-1)

    def signatures(self, name: str) -> NDArray[np.uint32]:
        """MinHash signatures of a shard's pages.

        Args:
            name: Name of the shard.

        Returns:
            The signatures. Shape (pages, PERMUTATIONS).

        Raises:
            RecordError: They were made with another library, version, seed or shingle length.
        """
        with self._opened(name) as file:
            kind = (file.schema_arrow.metadata or {}).get(_KIND, b"")
        if kind != _kind():
            raise RecordError(
                f"the signatures in {self._file(name)} are of the kind {kind.decode() or 'unknown'}, and those of this "
                f"installation {_kind().decode()}: they cannot be compared. Remove the file, and run the same command"
            )
        return self._fixed(name, "signature").view(np.uint32).reshape(-1, PERMUTATIONS)

    def texts(self, name: str, group: int) -> list[str]:
        """Texts of the pages in one row group of a shard."""
        page = msgspec.json.Decoder(WebPage)
        with self._opened(name) as file:
            rows = file.read_row_group(group, columns=["kept", "record"])
            return [page.decode(record).text for record in rows["record"].filter(rows["kept"]).to_pylist()]

    def pages_per_group(self, name: str) -> list[int]:
        """Number of pages in each row group of a shard."""
        with self._opened(name) as file:
            groups = [file.read_row_group(group, columns=["kept"])["kept"] for group in range(file.num_row_groups)]
            return [sum(kept.to_pylist()) for kept in groups]

    def urls(self, name: str) -> list[str]:
        """Addresses of a shard's pages."""
        with self._opened(name) as file:
            return [url for url in file.read(columns=["url"])["url"].to_pylist() if url is not None]

    @contextmanager
    def _opened(self, name: str) -> Iterator[pq.ParquetFile]:
        try:
            with pq.ParquetFile(self._file(name), page_checksum_verification=True) as file:
                yield file
        except (OSError, ValueError, KeyError, pa.ArrowException, msgspec.MsgspecError) as error:
            said = " ".join(str(error).split())  # Arrow's messages have several lines
            raise RecordError(
                f"{self._file(name)} is damaged ({said}); remove it, and run the same command: its shard is done again"
            ) from error

    def _fixed(self, name: str, column: str) -> NDArray[np.uint8]:
        with self._opened(name) as file:
            values = file.read(columns=[column])[column].drop_null().combine_chunks()
        width = values.type.byte_width
        buffer = values.buffers()[1]
        data = np.frombuffer(buffer, np.uint8) if buffer is not None else np.empty(0, np.uint8)
        return data[values.offset * width : (values.offset + len(values)) * width]

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.parquet"

    def _mark(self, name: str) -> Path:
        return self.folder / f"{name}.done"


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _kind() -> bytes:
    """Kind of the signatures made here, as it stands beside them."""
    return json.dumps(dataclasses.asdict(signature_kind(SHINGLE_WORDS))).encode()


def _table(batch: Batch) -> pa.Table:
    """One row per record; only pages have a url, a hash and a signature."""
    encode = msgspec.json.Encoder(order="deterministic").encode
    pages = [record if isinstance(record, WebPage) else None for record in batch.records]
    signatures = iter(batch.signatures)
    columns = [
        [page is not None for page in pages],
        [page and page.url for page in pages],
        [encode(record).decode() for record in batch.records],
        [page and text_hash(page.text) for page in pages],
        [page and next(signatures).tobytes() for page in pages],
    ]
    return pa.table(columns, schema=_SCHEMA)


def text_hash(text: str) -> bytes:
    """Hash by which equal texts are found; two different texts share one with a probability below 1e-20."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=HASH_BYTES).digest()
