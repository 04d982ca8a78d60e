"""Repair of a ledger: all that can be read in a new file, put in the old one's place."""

import os
import shutil
import sqlite3
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from quintain.errors import LedgerError
from quintain.models.ledger_file import journal_mode, make_tables
from quintain.models.ledger_salvage import Salvage, faults_of, salvage
from quintain.usage import Usage

_WAIT_SECONDS = 5
_BESIDE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Repaired:
    """A ledger that was repaired."""

    calls: int
    """Answers that it holds."""
    lost: int
    """Rows of answers that could not be read."""
    kept: Path
    """The file as it was."""


def repair(path: Path) -> Repaired:
    """Put all that can be read of a ledger into a new file and that in the old one's place, in one move.

    Args:
        path: The ledger; no run may use it meanwhile.

    Returns:
        What the new one holds, and where the old one is kept.

    Raises:
        LedgerError: A run uses the ledger, or there is no room.
    """
    kept = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}")
    new = path.with_name(f"{path.name}.new")
    try:
        with FileLock(f"{path}.lock", timeout=_WAIT_SECONDS):
            _require_unused(path)
            for beside in ("", *_BESIDE):
                with suppress(FileNotFoundError):
                    shutil.copy2(f"{path}{beside}", f"{kept}{beside}")
            new.unlink(missing_ok=True)
            left = _write(new, kept)
            new.replace(path)
            # The log of the old file would be read into the new one.
            for beside in _BESIDE:
                Path(f"{path}{beside}").unlink(missing_ok=True)
            with sqlite3.connect(path) as connection:
                connection.execute(f"PRAGMA journal_mode={journal_mode(path)}")
            connection.close()
    except Timeout:
        raise LedgerError(f"the ledger {path} is in use by another process; end it, then repair") from None
    except (OSError, sqlite3.DatabaseError) as error:
        new.unlink(missing_ok=True)
        raise LedgerError(f"the ledger {path} could not be repaired: {error}; it stays as it was") from error
    lost = sum("its answer" in fault or "its key" in fault or "row is damaged" in fault for fault in left.faults)
    return Repaired(len(left.calls), lost, kept)


def needs_repair(path: Path) -> list[str]:
    """All faults of a ledger; none where it is sound."""
    return faults_of(path)[1]


def _require_unused(path: Path) -> None:
    """Refuse while another process has the ledger open: what it wrote after the look would be lost."""
    connection = sqlite3.connect(path, timeout=_WAIT_SECONDS)
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.rollback()
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise LedgerError(
                f"the ledger {path} is in use by another process; end the runs that write to it, then repair"
            ) from None
    except sqlite3.DatabaseError:
        pass  # nobody can use what is no database
    finally:
        connection.close()


def _write(path: Path, kept: Path) -> Salvage:
    connection = sqlite3.connect(path)
    try:
        with connection:
            make_tables(connection)
            # A page that was freed may still hold a row that has moved since: the same answer, twice.
            insert = "INSERT OR REPLACE INTO calls VALUES (?,?,?,?,?,?,?,?,?,?)"
            left = salvage(kept, lambda row: connection.execute(insert, row))
            connection.executemany("INSERT INTO reuses VALUES (?,?,?,?)", ((*k, n) for k, n in left.reuses.items()))
            connection.executemany(
                "INSERT INTO failures VALUES (?,?,?,?,?,?)", ((*k, *_counts(one)) for k, one in left.failures.items())
            )
            # Nobody is left to settle what is reserved: its calls may have been paid.
            spent = {names: left.spent(*names) for names in left.settled}
            for role, model, most in left.reserved.values():
                spent[role, model] = spent.get((role, model), left.spent(role, model)) + most
            connection.executemany(
                "INSERT INTO spent VALUES (?,?,?,?,?)", ((*k, *_counts(one)) for k, one in spent.items())
            )
    finally:
        connection.close()
    return left


def _counts(usage: Usage) -> tuple[int, int, int]:
    return usage.calls, usage.prompt_tokens, usage.completion_tokens
