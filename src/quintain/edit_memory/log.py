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
from typing import Any, Literal, get_args

from quintain.errors import EditError
from quintain.methods.lte.edits import Edit

Act = Literal["add", "revise", "revoke"]
_NEVER, _FOREVER = float("-inf"), float("inf")

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
_TABLES = {"memory", "events"}
COLUMNS = "serial, act, edit_id, at, author, source, edit_set, edit"
_EDIT_FIELDS = tuple(field.name for field in fields(Edit))
START = b"\0" * 32


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


class BrokenActError(EditError):
    """An act of a log is not what was written; `serial` says which, `fault` why."""

    def __init__(self, serial: int, fault: str) -> None:
        super().__init__(f"act {serial} cannot be trusted: {fault}")
        self.serial = serial
        self.fault = fault


class EditLog:
    """An append-only SQLite file of acts; the caller holds a lock while it appends.

    Args:
        path: The file; made when it is missing.
        read_only: Whether the disk takes nothing.

    Raises:
        EditError: The file is no log of edits, or cannot be read or written.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        self._serial, self._chain = 0, START
        with self._failures_named():
            # The memory serialises its threads; SQLite would refuse a second one.
            self._connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro&immutable=1" if read_only else path,
                timeout=_WAIT_SECONDS,
                check_same_thread=False,
                uri=read_only,
            )
            self.close = weakref.finalize(self, self._connection.close)
            if not read_only:
                self._connection.execute("PRAGMA journal_mode=WAL")
                # What was written survives any end of the process; waiting for the disk would only matter in a power
                # cut.
                self._connection.execute("PRAGMA synchronous=NORMAL")
            # Not mapped into memory: a file that is cut short meanwhile would end the process.
            tables = {name for (name,) in self._connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
            if not tables and not read_only:
                self._connection.executescript(_SCHEMA)
                with self._connection:
                    self._connection.execute("INSERT INTO memory VALUES (?, ?)", (uuid.uuid4().hex, _FORMAT))
            elif not tables >= _TABLES:
                raise EditError(
                    f"{path} lacks the table {', '.join(sorted(_TABLES - tables))}; bring the folder back from where "
                    "it is versioned"
                )
            row: tuple[str, int] = self._connection.execute("SELECT id, format FROM memory").fetchone() or ("", -1)
            self.memory_id, found = row
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

    def new(self) -> Iterator[Event]:
        """Acts that were not given yet, in order, each checked against the hash that it was written with.

        Yields:
            Event: An act.

        Raises:
            BrokenActError: An act is not what was written, or the log ends otherwise than it did.
        """
        for serial, event, chain in self._checked(self._serial, self._chain):
            self._serial, self._chain = serial, chain
            yield event
        if self.end() != (self._serial, self._chain):
            raise BrokenActError(self._serial + 1, "the log is another one than it was")

    def all(self) -> Iterator[Event]:
        """Acts from the first to the last that was given, in order."""
        for serial, event, _ in self._checked(0, START):
            if serial > self._serial:
                return
            yield event

    def _checked(self, serial: int, chain: bytes) -> Iterator[tuple[int, Event, bytes]]:
        last_at = _NEVER
        with self._failures_named():
            rows = self._connection.execute(
                f"SELECT {COLUMNS}, chain FROM events WHERE serial > ? ORDER BY serial",  # noqa: S608 - our own columns
                (serial,),
            )
            for *row, link in rows:
                chain = require_link(chain, row, link, serial + 1)
                event = event_of(row, last_at)
                serial, last_at = event.serial, event.at
                yield serial, event, chain

    def event(self, serial: int) -> Event:
        """One act, checked against the hash that it was written with.

        Args:
            serial: Its place in the log.

        Returns:
            The act.

        Raises:
            BrokenActError: It is not what was written.
        """
        with self._failures_named():
            found = self._connection.execute(
                f"SELECT {COLUMNS}, chain FROM events WHERE serial IN (?, ?) ORDER BY serial",  # noqa: S608 - our own columns
                (serial - 1, serial),
            ).fetchall()
        if len(found) != 1 + (serial > 1):
            raise BrokenActError(serial, "it is missing")
        before = bytes(found[0][-1]) if serial > 1 else START
        require_link(before, found[-1][:-1], found[-1][-1], serial)
        return event_of(found[-1][:-1])

    def append(self, events: Sequence[Event]) -> list[Event]:
        """Write acts, all of them or none.

        Args:
            events: The acts; their serials are set here.

        Returns:
            The acts with their serials; once returned, they survive a kill of the process.
        """
        with self._failures_named(), self._connection:
            last = self._connection.execute("SELECT serial, chain FROM events ORDER BY serial DESC LIMIT 1").fetchone()
            serial, chain = last or (0, START)
            rows = []
            for event in events:
                serial += 1
                row = (serial, event.act, event.id, event.at, event.author, event.source, event.edit_set, _text(event))
                chain = _link(chain, row)
                rows.append((*row, chain))
            self._connection.executemany("INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?)", rows)
        self._serial, self._chain = serial, chain
        return [event_of(row[:8]) for row in rows]

    @property
    def given(self) -> tuple[int, bytes]:
        """Serial of the last act that was given, and the hash over all acts up to it."""
        return self._serial, self._chain

    def end(self) -> tuple[int, bytes]:
        """Serial of the last act on disk and the hash it stands with; 0 and zeros when there is none."""
        with self._failures_named():
            last = self._connection.execute("SELECT serial, chain FROM events ORDER BY serial DESC LIMIT 1").fetchone()
        return (last[0], bytes(last[1])) if last else (0, START)

    def chain_at(self, serial: int) -> bytes | None:
        """Hash over all acts up to one; None when the log has no such act."""
        with self._failures_named():
            found = self._connection.execute("SELECT chain FROM events WHERE serial = ?", (serial,)).fetchone()
        return bytes(found[0]) if found else START if serial == 0 else None

    def head(self) -> bytes:
        """Hash over all acts so far; zeros when there is none."""
        return self.end()[1]

    def had_head(self, head: bytes) -> bool:
        """True when the log stood at this hash at some time."""
        with self._failures_named():
            found = self._connection.execute("SELECT 1 FROM events WHERE chain = ?", (head,)).fetchone()
        return head == START or found is not None


def _text(event: Event) -> str:
    if event.edit is None:
        return ""
    # ASCII escapes: a lone surrogate is no UTF-8, but may stand in a scraped text
    return json.dumps({name: value for name in _EDIT_FIELDS if (value := getattr(event.edit, name))}, ensure_ascii=True)


def event_of(row: Sequence[Any], last_at: float = _NEVER) -> Event:
    """Read an act.

    Args:
        row: Its columns as they stand in the table.
        last_at: When the act before it happened.

    Returns:
        The act.

    Raises:
        BrokenActError: A column does not hold what it should, or the time is none or before that of the act before.
    """
    serial, act, edit_id, at, author, source, edit_set, edit = row
    texts = (edit_id, author, source, edit_set, edit)
    if act not in get_args(Act) or not all(isinstance(text, str) for text in texts):
        raise BrokenActError(serial, "its columns do not hold what they should")
    if not isinstance(at, float) or not last_at <= at < _FOREVER:
        raise BrokenActError(serial, f"its time {at!r} is none, or lies before that of the act before it")
    try:
        said = Edit(**json.loads(edit)) if edit else None
    except (ValueError, TypeError, RecursionError):
        raise BrokenActError(serial, "its edit cannot be read") from None
    return Event(
        serial=serial, act=act, id=edit_id, at=at, author=author, source=source, edit_set=edit_set, edit=said
    )  # fmt: skip


def require_link(chain: bytes, row: Sequence[Any], link: object, expected: int) -> bytes:
    """Check an act against the hash that it was written with.

    Args:
        chain: Hash over the acts before it.
        row: Its columns.
        link: The hash that stands with it.
        expected: The serial that it must have.

    Returns:
        The hash.

    Raises:
        BrokenActError: The act is not what was written.
    """
    try:
        found = _link(chain, tuple(row))
    except (TypeError, ValueError):
        found = b""
    if row[0] != expected or found != link:
        raise BrokenActError(expected, "it is not what was written")
    return found


def _link(chain: bytes, row: tuple[object, ...]) -> bytes:
    return hashlib.sha256(chain + json.dumps(row).encode()).digest()
