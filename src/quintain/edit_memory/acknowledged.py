"""A witness of the log: which act was the last to be acknowledged, and the hash that the log had then.

It stands beside the log, so that a log that has lost acts, or is another one, does not pass for whole.
"""

import os
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

from quintain.edit_memory.log import EditLog

_LAYOUT = struct.Struct("<Q32sI")


class LogEnd(NamedTuple):
    """End of a log."""

    serial: int
    """Serial of its last act."""
    chain: bytes
    """Hash over all its acts."""


class Acknowledged:
    """The file `head` of a memory; who writes holds the memory's lock.

    Args:
        path: The file; made with the first act.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> LogEnd | None:
        """Last acknowledged act; None where there is no such file, or it is damaged."""
        try:
            serial, chain, checksum = _LAYOUT.unpack(self._path.read_bytes())
        except (OSError, struct.error):
            return None
        return LogEnd(serial, chain) if checksum == _checksum(serial, chain) else None

    def write(self, end: LogEnd) -> None:
        """Note what is acknowledged now."""
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o666)
        try:
            os.pwrite(file, _LAYOUT.pack(*end, _checksum(*end)), 0)
        finally:
            os.close(file)


def lost_acts(log: EditLog, acknowledged: LogEnd | None) -> str:
    """Say what a log lacks of the acts that were acknowledged; empty when it lacks none.

    Args:
        log: The log, all of its acts given.
        acknowledged: Where it ended when the last act was acknowledged; None when nobody knows.

    Returns:
        What is missing.
    """
    if acknowledged is None:
        return ""
    last = log.given[0]
    if acknowledged.serial > last:
        return f"it ends at act {last}, but act {acknowledged.serial} was acknowledged"
    if log.chain_at(acknowledged.serial) != acknowledged.chain:
        return f"act {acknowledged.serial} is another one than was acknowledged"
    return ""


def _checksum(serial: int, chain: bytes) -> int:
    return zlib.crc32(serial.to_bytes(8, "little") + chain)
