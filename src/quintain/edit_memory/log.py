"""The log of an edit memory: every act, once, in order, on disk. It is the truth; all else is made from it."""

import hashlib
import json
import sqlite3
import uuid
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from quintain.errors import EditError
from quintain.methods.lte.edits import Edit

Act = Literal["add", "revise", "revoke"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS memory (id TEXT NOT NULL, format INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    serial INTEGER PRIMARY KEY,
    act TEXT NOT NULL,
    edit_id TEXT NOT NULL,
    at REAL NOT NULL,
    author TEXT NOT NULL,
    source TEXT NOT NULL,
    edit_set TEXT NOT NULL,
    edit TEXT NOT NULL,
    chain BLOB NOT NULL
);
CREATE TRIGGER IF NOT EXISTS never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the log of edits is append-only'); END;
CREATE TRIGGER IF NOT EXISTS never_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the log of edits is append-only'); END;
"""
_FORMAT = 1
_WAIT_SECONDS = 60
_MAPPED_BYTES = 1 << 30
_COLUMNS = "serial, act, edit_id, at, author, source, edit_set, edit"
_EDIT_FIELDS = tuple(field.name for field in fields(Edit))
_START = b"\0" * 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One act on the memory."""

    serial: int = 0
    """Place in the log, from 1; 0 before it is written."""
    act: Act
    """What was done."""
    id: str
    """The edit it was done to."""
    at: float
    """When, in seconds since 1970 (UTC)."""
    author: str = ""
    """Who did it."""
    source: str = ""
    """Where the fact stands, such as an address."""
    edit_set: str = ""
    """Name of the set that the edit belongs to."""
    edit: Edit | None = None
    """The edit from then on; None for `revoke`."""


class EditLog:
    """An append-only SQLite file of acts; the caller holds a lock while it appends.

    Args:
        path: The file; made when it is missing.

    Raises:
        EditError: The file is no log of edits, or cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._failures_named():
            # The memory serialises its threads; SQLite would refuse a second one.
            self._connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, check_same_thread=False)
            self.close = weakref.finalize(self, self._connection.close)
            self._connection.execute("PRAGMA journal_mode=WAL")
            # What was written survives any end of the process; waiting for the disk would only matter in a power cut.
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.execute(f"PRAGMA mmap_size={_MAPPED_BYTES}")
            self._connection.executescript(_SCHEMA)
            with self._connection:
                if not self._connection.execute("SELECT 1 FROM memory").fetchone():
                    self._connection.execute("INSERT INTO memory VALUES (?, ?)", (uuid.uuid4().hex, _FORMAT))
            self.memory_id, found = self._connection.execute("SELECT id, format FROM memory").fetchone()
        if found != _FORMAT:
            raise EditError(f"{path} is a log of format {found}, this version reads {_FORMAT}; open it with its own")

    @contextmanager
    def _failures_named(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise EditError(
                f"the log of edits {self._path} cannot be used: {error}. "
                "Free the disk, fix its permissions, or bring the file back from where it is versioned"
            ) from error

    def since(self, serial: int) -> Iterator[Event]:
        """Acts after one, in order."""
        with self._failures_named():
            for row in self._connection.execute(f"SELECT {_COLUMNS} FROM events WHERE serial > ?", (serial,)):  # noqa: S608 - our own columns
                yield _event(row)

    def event(self, serial: int) -> Event:
        """One act."""
        with self._failures_named():
            row = self._connection.execute(f"SELECT {_COLUMNS} FROM events WHERE serial = ?", (serial,)).fetchone()  # noqa: S608 - our own columns
        return _event(row)

    def append(self, events: Sequence[Event]) -> list[Event]:
        """Write acts, all of them or none.

        Args:
            events: The acts; their serials are set here.

        Returns:
            The acts with their serials; once returned, they survive a kill of the process.
        """
        with self._failures_named(), self._connection:
            last = self._connection.execute("SELECT serial, chain FROM events ORDER BY serial DESC LIMIT 1").fetchone()
            serial, chain = last or (0, _START)
            rows = []
            for event in events:
                serial += 1
                row = (serial, event.act, event.id, event.at, event.author, event.source, event.edit_set, _text(event))
                chain = _link(chain, row)
                rows.append((*row, chain))
            self._connection.executemany("INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?)", rows)
        return [_event(row[:8]) for row in rows]

    def head(self) -> bytes:
        """Hash over all acts so far; zeros when there is none."""
        with self._failures_named():
            last = self._connection.execute("SELECT chain FROM events ORDER BY serial DESC LIMIT 1").fetchone()
        return bytes(last[0]) if last else _START

    def had_head(self, head: bytes) -> bool:
        """True when the log stood at this hash at some time."""
        with self._failures_named():
            found = self._connection.execute("SELECT 1 FROM events WHERE chain = ?", (head,)).fetchone()
        return head == _START or found is not None

    def first_broken(self) -> int | None:
        """Serial of the first act that is not what was written, or None; each act carries a hash of all before it."""
        chain, expected = _START, 1
        with self._failures_named():
            for *row, link in self._connection.execute(f"SELECT {_COLUMNS}, chain FROM events ORDER BY serial"):  # noqa: S608 - our own columns
                chain = _link(chain, tuple(row))
                if link != chain or row[0] != expected:
                    return expected
                expected += 1
        return None


def _text(event: Event) -> str:
    if event.edit is None:
        return ""
    # ASCII escapes: a lone surrogate is no UTF-8, but may stand in a scraped text
    return json.dumps({name: value for name in _EDIT_FIELDS if (value := getattr(event.edit, name))}, ensure_ascii=True)


def _event(row: tuple[int, Act, str, float, str, str, str, str]) -> Event:
    serial, act, edit_id, at, author, source, edit_set, edit = row
    return Event(
        serial=serial, act=act, id=edit_id, at=at, author=author, source=source, edit_set=edit_set,
        edit=Edit(**json.loads(edit)) if edit else None,
    )  # fmt: skip


def _link(chain: bytes, row: tuple[object, ...]) -> bytes:
    return hashlib.sha256(chain + json.dumps(row).encode()).digest()
