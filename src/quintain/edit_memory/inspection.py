"""A look at a memory that may be damaged, and its repair: every fault is told, and what is sound is kept."""

import contextlib
import math
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from quintain.edit_memory.acknowledged import Acknowledged
from quintain.edit_memory.log import COLUMNS, START, BrokenActError, EditLog, Event, event_of, require_link
from quintain.edit_memory.vectors import VectorFile
from quintain.errors import EditError
from quintain.limits import FUTURE_SECONDS
from quintain.methods.lte.edits import fault_of, fault_of_text

_VECTORS = ("questions.f32", "facts.f32")
_LOCK_SECONDS = 60


@dataclass(frozen=True)
class Inspection:
    """Findings of a look through a folder."""

    acts: list[Event]
    """The acts that are what was written, in order."""
    faults: list[str]
    """What is wrong with the log, in plain words; empty for a sound one."""


def inspect(folder: Path) -> Inspection:
    """Read a memory's log as far as it can be read, and say everything that is wrong with it.

    Args:
        folder: Folder of the memory.

    Returns:
        Sound acts and faults; nothing is changed.
    """
    path = folder / "log.sqlite"
    if not path.is_file():
        return Inspection([], [f"{path} is missing"])
    faults: list[str] = []
    acts: list[Event] = []
    rows = _rows(path, faults)
    before: bytes | None = START
    expected, last_at = 1, float("-inf")
    for *row, link in rows:
        serial = row[0]
        if serial != expected:
            faults.append(f"acts {expected} to {serial - 1} are missing")
            before = None
        try:
            if before is not None:
                require_link(before, row, link, serial)
            if isinstance(row[3], float) and not math.isfinite(row[3]):
                faults.append(f"act {serial}: its time {row[3]} is none")
                row[3] = max(last_at, 0.0)
            event = event_of(row)
        except BrokenActError as error:
            faults.append(f"act {serial}: {error.fault}")
        else:
            faults += _faults_of_time(event, last_at)
            last_at = max(last_at, event.at)
            if event.edit and (fault := fault_of(event.edit)):
                faults.append(f"act {serial} ({event.id}): {fault}")
            acts.append(event)
        # The hash that stands with an act is that of all before it: one altered act makes no other suspect.
        before, expected = (bytes(link) if isinstance(link, bytes) else None), serial + 1
    acknowledged = Acknowledged(folder / "head").read()
    if acknowledged and acknowledged.serial >= expected:
        faults.append(f"the log ends at act {expected - 1}, but act {acknowledged.serial} was acknowledged")
    return Inspection(acts, faults)


def faults_of_index(folder: Path) -> list[str]:
    """Say what is wrong with the files of vectors; opening a sound log makes such files again."""
    faults = []
    for name in _VECTORS:
        if (folder / name).exists():
            try:
                VectorFile(folder / name, read_only=True).close()
            except ValueError as fault:
                faults.append(f"{name} {fault}")
    return faults


def repair(folder: Path) -> list[str]:
    """Keep what is sound of a memory: a new log of the acts that are what was written, vectors to be made again.

    The former log stays beside it. Times that cannot be are set between those of the acts around them.

    Args:
        folder: Folder of the memory.

    Returns:
        What was done, in plain words; empty for a memory that needs nothing.

    Raises:
        EditError: Nothing of the log can be read, or the disk refused.
    """
    path = folder / "log.sqlite"
    try:
        with FileLock(folder / "lock", timeout=_LOCK_SECONDS):
            found = inspect(folder)
            if not found.faults:
                return []
            if not found.acts and path.is_file():
                raise EditError(
                    f"nothing of {path} can be read ({found.faults[0]}); bring the folder back from where it is "
                    "versioned"
                )
            return [*found.faults, *_written_anew(folder, found.acts)]
    except OSError as error:
        raise EditError(f"{folder} could not be repaired: {error.strerror or error}; the former log stays") from error


def _written_anew(folder: Path, acts: Sequence[Event]) -> list[str]:
    path, aside = folder / "log.sqlite", folder / f".log.{os.getpid()}.tmp"
    kept, done = _replayed(acts)
    log = EditLog(aside)
    try:
        log.append(kept)
    finally:
        log.close()
    former = next(name for name in _names(folder) if not name.exists())
    if path.is_file():
        path.rename(former)
        done.append(f"the former log is kept as {former.name}")
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
        aside.with_name(aside.name + ending).unlink(missing_ok=True)
    aside.rename(path)
    for name in (*_VECTORS, "head", "serial"):
        (folder / name).unlink(missing_ok=True)
    return [f"{len(kept)} acts were kept", *done]


def _names(folder: Path) -> Iterator[Path]:
    number = 0
    while True:
        number += 1
        yield folder / f"log.damaged-{number}.sqlite"


def _replayed(acts: Sequence[Event]) -> tuple[list[Event], list[str]]:
    """The acts as they can be done one after the other, and what had to be left out."""
    kept: list[Event] = []
    said: list[str] = []
    in_force: set[str] = set()
    last_at, latest = float("-inf"), time.time()
    for act in acts:
        at = min(max(act.at, last_at), latest)
        fault = fault_of(act.edit) if act.edit else ""
        fault = fault or next(filter(None, map(fault_of_text, (act.id, act.author, act.source, act.edit_set))), "")
        if not fault and act.edit is None and act.id not in in_force:
            fault = "the edit that it revokes is not there"
        if fault:
            said.append(f"left out: {act.act} of {ascii(act.id)[1:-1]}: {fault}")
            continue
        (in_force.add if act.edit else in_force.discard)(act.id)
        last_at = at
        kept.append(replace(act, at=at))
    return kept, said


def _faults_of_time(event: Event, last_at: float) -> list[str]:
    if event.at < last_at:
        return [f"act {event.serial}: its time lies before that of an act before it"]
    if event.at > time.time() + FUTURE_SECONDS:
        return [f"act {event.serial}: its time lies in the future"]
    return []


def _rows(path: Path, faults: list[str]) -> list[tuple[Any, ...]]:
    """Rows of the table, from both ends where one in the middle cannot be read."""
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    except sqlite3.DatabaseError as error:
        faults.append(f"the log cannot be opened: {error}")
        return []
    with contextlib.closing(connection):
        connection.text_factory = _text
        try:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
        except sqlite3.DatabaseError as error:
            faults.append(f"the log cannot be read: {error}")
            return []
        faults += [f"the table {name} is missing" for name in ("memory", "events") if name not in tables]
        if "events" not in tables:
            return []
        found: dict[int, tuple[Any, ...]] = {}
        for order in ("ASC", "DESC"):
            try:
                for row in connection.execute(f"SELECT {COLUMNS}, chain FROM events ORDER BY serial {order}"):  # noqa: S608 - our own columns
                    if row[0] in found:
                        break
                    found[row[0]] = row
                else:
                    break
            except sqlite3.DatabaseError as error:
                faults.append(f"a part of the log cannot be read: {error}")
    return [found[serial] for serial in sorted(found)]


def _text(data: bytes) -> str | bytes:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data  # no text: its act will not be what was written
