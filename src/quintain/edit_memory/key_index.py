"""The derived index: vectors of the log's keys, checked against the log, made again where they do not match."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quintain.edit_memory.vectors import Header, VectorFile, Vectors, chain_texts
from quintain.errors import EditError
from quintain.methods.lte.embedding import Embedder

logger = logging.getLogger(__name__)

_CHUNK_TEXTS = 512
_SAME_COSINE = 0.999
_LENGTH_TOLERANCE = 1e-3


class KeyIndex:
    """The vectors of all keys that the log has given so far, in the log's order.

    The memory reads the log's keys to it (`expect`), then has it settle: what the file lacks is embedded, and a file
    that belongs to other keys is made again.

    Args:
        path: The file of vectors.
        memory_id: Id of the log.
        embed: The embedder.
        all_texts: Gives every key of the log again, for a rebuild.
        aside: Folder for a file that is made again where the disk takes nothing; None where it does.
    """

    def __init__(
        self,
        path: Path,
        memory_id: str,
        embed: Embedder,
        all_texts: Callable[[], Iterator[str]],
        aside: Path | None = None,
    ) -> None:
        self.repairs: list[str] = []
        self._path = path
        self._aside = aside
        self._memory_id = memory_id
        self._embed = embed
        self._all_texts = all_texts
        self._file: VectorFile | None = None
        self._fault = ""
        self._start_over()
        if path.exists():
            self._open()

    def _start_over(self) -> None:
        self._count = self._crc = 0
        self._pending: list[str] = []
        self._samples: dict[int, str] = {}
        self._proved = False

    def _open(self) -> None:
        try:
            self._file = VectorFile(self._path, read_only=self._is_read_only)
        except ValueError as fault:
            self._fault = str(fault)
            return
        if self._file.header.memory != self._memory_id:
            self._fault = "belongs to another log"

    @property
    def _is_read_only(self) -> bool:
        return self._aside is not None and self._path.parent != self._aside

    @property
    def rows(self) -> Vectors:
        """The vectors. Shape (keys, d)."""
        return self._file.rows if self._file else np.empty((0, 0), np.float32)

    def checksum(self, count: int) -> int:
        """Checksum of the first vectors."""
        return self._file.crc_of(count) if self._file else 0

    def expect(self, texts: Iterable[str]) -> None:
        """Hear the next keys of the log."""
        held = self._file.header.rows if self._file else 0
        for text in texts:
            if self._count >= held:
                self._pending.append(text)
            else:
                if self._count in (0, held - 1):
                    self._samples[self._count] = text
                self._crc = chain_texts(self._crc, (text,))
                if self._count + 1 == held and self._file and self._crc != self._file.header.texts_crc:
                    self._fault = self._fault or "was made from other keys"
            self._count += 1

    def settle(self) -> None:
        """Bring the file in step with the keys heard; the caller holds the memory's lock.

        Raises:
            EditError: The file was made by another embedder, or the embedder gives no unit vectors.
        """
        held, known = len(self.rows), self._count - len(self._pending)
        if self._file and held != known:
            self._fault = self._fault or f"holds {held} keys where the log has {self._count}"
        if self._fault:
            self.rebuild(self._fault)
        elif not self._proved:
            self._require_same_embedder()
        self._append_pending()

    def refresh(self) -> None:
        """Take in what other processes appended; the caller holds the lock."""
        if self._file is None:
            if self._path.exists():
                self._open()
            return
        try:
            same = self._file.refresh()
        except ValueError as fault:
            self._fault = str(fault)
            return
        if not same:
            self._file.close()
            self._file = None
            self._proved = False
            self._open()

    def take(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Append keys that are embedded already; the caller holds the lock and has settled."""
        if len(texts):
            self._file = self._file or self._create(vectors.shape[1])
            self._append(self._file, vectors, texts)
            self._count += len(texts)

    def embedded(self, texts: Sequence[str]) -> Vectors:
        """Embed texts and hold the embedder to its promise.

        Args:
            texts: The texts.

        Returns:
            Unit vectors. Shape (n, d).

        Raises:
            EditError: The shape, a length or a number is not what was promised.
        """
        vectors = np.ascontiguousarray(self._embed(list(texts)), np.float32)
        if vectors.ndim != 2 or len(vectors) != len(texts):
            raise EditError(
                f"{embedder_name(self._embed)} gave an array of shape {vectors.shape} for {len(texts)} texts; it must "
                "be (n, d)"
            )
        lengths = np.sqrt((vectors * vectors).sum(axis=1))
        off = np.abs(lengths - 1)
        if not (off < _LENGTH_TOLERANCE).all():
            worst = int(np.nan_to_num(off, nan=np.inf).argmax())
            raise EditError(
                f"{embedder_name(self._embed)} gave a vector of length {lengths[worst]:.4g} for {texts[worst][:80]!r}; "
                "rows must have length 1: divide them by their norm"
            )
        if self._file and vectors.shape[1] != self._file.header.dimension:
            raise self._other_embedder(
                f"its vectors have {self._file.header.dimension} numbers, not {vectors.shape[1]}"
            )
        return vectors

    def embedded_one(self, text: str) -> NDArray[np.float32]:
        """Embed a question; as `embedded`, with less ado. Shape (d,)."""
        vectors = np.asarray(self._embed([text]), np.float32)
        if self._file and vectors.shape == (1, self._file.header.dimension):
            vector: NDArray[np.float32] = vectors[0]
            if abs(float(vector.dot(vector)) - 1) < _LENGTH_TOLERANCE:
                return vector
        return self.embedded([text])[0]

    def rebuild(self, why: str) -> None:
        """Make the file again from the log, and say so."""
        if self._file:
            self._file.close()
        self._file, self._fault = None, ""
        self._start_over()
        name = self._path.name
        self._leave_the_disk()
        self._path.unlink(missing_ok=True)
        self._pending = list(self._all_texts())
        self._count = len(self._pending)
        self._append_pending()
        self.repairs.append(f"{name} {why}; it was made again from the log ({self._count} keys)")
        logger.warning("%s: %s", self._path.parent, self.repairs[-1])

    def check(self) -> None:
        """Read the file against its checksums, and its first and last key against the embedder; rebuild if needed."""
        if self._file and not self._file.is_whole():
            self.rebuild("holds other bytes than were written")
        else:
            self._require_same_embedder()

    def close(self) -> None:
        """Let go of the file."""
        if self._file:
            self._file.close()
            self._file = None

    def _append_pending(self) -> None:
        waiting, self._pending = iter(self._pending), []
        while chunk := list(islice(waiting, _CHUNK_TEXTS)):
            if self._is_read_only:
                self._pending = [*chunk, *waiting]
                self.rebuild("lacks keys that the log has")
                return
            vectors = self.embedded(chunk)
            self._file = self._file or self._create(vectors.shape[1])
            self._append(self._file, vectors, chunk)

    def _append(self, file: VectorFile, vectors: Vectors, texts: Sequence[str]) -> None:
        try:
            file.append(vectors, texts)
        except OSError as error:
            raise EditError(
                f"{self._path} could not be written: {error.strerror}; the log has what it should hold. Free some "
                "space and open the memory again"
            ) from error
        self._crc = file.header.texts_crc
        self._samples.setdefault(0, texts[0])

    def _leave_the_disk(self) -> None:
        """From here on the file is a temporary one, where the disk of the memory takes nothing."""
        if self._aside is not None:
            self._path = self._aside / self._path.name

    def _create(self, dimension: int) -> VectorFile:
        header = Header(memory=self._memory_id, embedder=embedder_name(self._embed), dimension=dimension)
        return VectorFile.create(self._path, header)

    def _require_same_embedder(self) -> None:
        if self._file and self._samples:
            again = self.embedded(list(self._samples.values()))
            cosines: NDArray[np.float32] = (again * self._file.rows[list(self._samples)]).sum(axis=1)
            if cosines.min() < _SAME_COSINE:
                raise self._other_embedder("it gives other vectors for the same texts")
        self._proved = True

    def _other_embedder(self, how: str) -> EditError:
        made_by = self._file.header.embedder if self._file else "another embedder"
        return EditError(
            f"the index {self._path} was made by {made_by}, not by {embedder_name(self._embed)}: {how}. Open the "
            "memory with the former embedder, or delete that file: it is made again from the log with this one"
        )


def embedder_name(embed: Embedder) -> str:
    """Name of an embedder: its `name`, or that of its function or class."""
    named = getattr(embed, "name", None) or getattr(embed, "__qualname__", None)
    return str(named or type(embed).__qualname__)
