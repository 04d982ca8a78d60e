"""The serial of the log's last act, in eight bytes that every process with the memory open reads before it answers."""

import os
import weakref
from pathlib import Path

from quintain.errors import EditError

_BYTES = 8


class LastAct:
    """A number beside the log; asking SQLite whether others wrote takes several times as long as reading it.

    It is set under the memory's lock as soon as the log has an act, and again whenever the log is taken in. So a kill
    between log and number hides nothing that was acknowledged, and that act only until the next one.

    Args:
        path: The file; made when it is missing.
        read_only: Whether the disk takes nothing; the file must be there then.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDONLY if read_only else os.O_RDWR | os.O_CREAT, 0o666)
        self._closing = weakref.finalize(self, os.close, self._file)

    def read(self) -> int:
        """Serial of the last act, 0 where none was set."""
        try:
            return int.from_bytes(os.pread(self._file, _BYTES, 0), "little")
        except OSError as error:
            raise EditError(f"{self._path} cannot be read: {error.strerror}; open the memory again") from error

    def set(self, serial: int) -> None:
        """Tell all processes of an act; the caller holds the memory's lock."""
        if self.read() != serial:
            os.pwrite(self._file, serial.to_bytes(_BYTES, "little"), 0)

    def close(self) -> None:
        """Let go of the file."""
        self._closing()
        self._file = -1  # the number may be that of another file by now
