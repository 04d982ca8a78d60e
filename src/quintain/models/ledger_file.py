"""The file behind the ledger: its tables, its connections, and what to do when it cannot be used."""

import logging
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from filelock import FileLock

from quintain.errors import LedgerError

logger = logging.getLogger(__name__)

CALLS = """
CREATE TABLE IF NOT EXISTS calls (
    key TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    stage TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt TEXT NOT NULL,
    request BLOB NOT NULL,
    completion BLOB NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    answered_at REAL NOT NULL
)
"""
_REUSES = """
CREATE TABLE IF NOT EXISTS reuses (
    role TEXT NOT NULL,
    stage TEXT NOT NULL,
    model TEXT NOT NULL,
    calls INTEGER NOT NULL,
    PRIMARY KEY (role, stage, model)
)
"""
# What ledgers of 0.1 lack; one that may only be read stays as it is.
_FAILURES = """
CREATE TABLE IF NOT EXISTS failures (
    role TEXT NOT NULL,
    stage TEXT NOT NULL,
    model TEXT NOT NULL,
    calls INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    PRIMARY KEY (role, stage, model)
)
"""
_SPENT = """
CREATE TABLE IF NOT EXISTS spent (
    role TEXT NOT NULL,
    model TEXT NOT NULL,
    calls INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    PRIMARY KEY (role, model)
)
"""
_RESERVED = """
CREATE TABLE IF NOT EXISTS reserved (
    id TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    model TEXT NOT NULL,
    calls INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    ends_at REAL NOT NULL
)
"""
INDEX = "CREATE INDEX IF NOT EXISTS spending ON calls (role, stage, model, prompt_tokens, completion_tokens)"
TABLES = ("calls", "reuses", "failures", "spent", "reserved")
_WAIT_SECONDS = 60
# File systems of several machines: write-ahead logging needs memory that all its processes share.
_SHARED_FILE_SYSTEMS = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "gluster", "lustre", "gpfs", "beegfs", "fuse.")


class LedgerFile:
    """A SQLite file with the tables of a ledger, safe for several processes.

    Args:
        path: The file; made with its folder when it is missing.

    Raises:
        LedgerError: The file is no ledger, cannot be written, or stays locked.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held = threading.local()
        # SQLite does not wait for its turn when two processes turn on write-ahead logging in a fresh file.
        with self._failures_named():
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{path}.lock", timeout=_WAIT_SECONDS), self._connection() as connection:
                connection.execute(f"PRAGMA journal_mode={journal_mode(path)}")
                make_tables(connection, writable=os.access(path, os.W_OK))

    @contextmanager
    def _failures_named(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.DatabaseError, msgspec.DecodeError, OSError) as error:
            if isinstance(error, TimeoutError) or "locked" in str(error):
                what, next_step = "is locked by another process", "Wait for that process, or end it"
            # SQLite calls it an I/O error when the files beside its own find no room.
            elif isinstance(error, OSError) or any(word in str(error) for word in ("full", "readonly", "disk I/O")):
                what, next_step = "cannot be written", "Make room or give access, then run again; what it holds stays"
            else:
                what = "cannot be used"
                next_step = (
                    f"`quintain ledger repair {self.path}` keeps all that can be read. "
                    "Move the file away to start a new ledger"
                )
            raise LedgerError(f"the ledger {self.path} {what}: {error}. {next_step}") from error

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._failures_named(), self.held() as connection, connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Read and write what nobody changes in between.

        Yields:
            A connection that holds the right to write; what was done is kept when the block ends well.
        """
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def held(self) -> Iterator[sqlite3.Connection]:
        """Keep the file open in this thread: closing it folds the write-ahead log in, which takes longer than a write.

        Yields:
            The connection that every call in this thread uses meanwhile.
        """
        if (open_already := getattr(self._held, "connection", None)) is not None:
            yield open_already
            return
        with self._failures_named():
            connection = sqlite3.connect(self.path, timeout=_WAIT_SECONDS)
        self._held.connection = connection
        try:
            # One name that is not UTF-8 must not hide the rows around it.
            connection.text_factory = lenient_text
            # What was written survives any end of the process; waiting for the disk would only matter in a power cut.
            with self._failures_named():
                connection.execute("PRAGMA synchronous=NORMAL")
            yield connection
        finally:
            connection.close()
            del self._held.connection


def make_tables(connection: sqlite3.Connection, *, writable: bool = True) -> None:
    """Make the tables that are missing; an index that a damaged page stands in the way of is done without."""
    connection.execute(CALLS)
    connection.execute(_REUSES)
    if not writable:
        return
    for table in (_FAILURES, _SPENT, _RESERVED):
        connection.execute(table)
    try:
        connection.execute(INDEX)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        logger.warning("the ledger is damaged (%s): `quintain ledger check` says where", error)


def lenient_text(raw: bytes) -> str:
    """Text of a column, with U+FFFD for what is not UTF-8."""
    return raw.decode("utf-8", "replace")


def is_damage(error: sqlite3.Error) -> bool:
    """True when the file itself is at fault, and not a lock, a full disk, or a right that is missing."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT


def journal_mode(path: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """Journal of a ledger: a write-ahead log, or on a file system of several machines SQLite's rollback journal.

    Args:
        path: The ledger.
        mounts: The table of mounted file systems; where there is none, the file system counts as this machine's own.

    Returns:
        `WAL` or `DELETE`.
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "WAL"
    entries = [line.split(" ")[1:3] for line in lines if line.count(" ") >= 2]
    folder = path.resolve().parent
    over = [(len(point), kind) for point, kind in entries if folder.is_relative_to(point.replace("\\040", " "))]
    kind = max(over, default=(0, ""))[1]
    return "DELETE" if kind.startswith(_SHARED_FILE_SYSTEMS) else "WAL"
