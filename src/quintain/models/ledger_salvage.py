"""All that can be read of a ledger, whatever has happened to its file, and all that is wrong with it."""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quintain.models.ledger_counts import Account
from quintain.models.ledger_file import TABLES
from quintain.models.ledger_pages import SqlitePages
from quintain.models.ledger_rows import COLUMNS, CallRow, examine
from quintain.usage import MOST_TOKENS, NOTHING, Usage

_MOST_SAID = 100
_OF_FIRST_VERSION = ("calls", "reuses")
_REUSES, _FAILURES, _SPENT, _RESERVED = (3, 1), (3, 3), (2, 3), (3, 3)


@dataclass
class Salvage:
    """Readable rest of a ledger."""

    calls: dict[str, tuple[str, str, str, int, int]] = field(default_factory=dict)
    """Key of an answered call → role, stage, model, tokens read and written."""
    reuses: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """Role, stage and model → calls that the ledger answered."""
    failures: dict[tuple[str, str, str], Usage] = field(default_factory=dict)
    """Role, stage and model → what failed calls took."""
    settled: dict[tuple[str, str], Usage] = field(default_factory=dict)
    """Role and model → what was settled."""
    reserved: dict[str, tuple[str, str, Usage]] = field(default_factory=dict)
    """Reservation → role, model and the most that its call may cost."""
    faults: list[str] = field(default_factory=list)
    """Everything that is wrong, one line each."""

    def spent(self, role: str, model: str) -> Usage:
        """Usage of a model by a role, answered or not; without what is in flight."""
        answered = sum(
            (Usage(1, *row[3:]) for row in self.calls.values() if (row[0], row[2]) == (role, model)), NOTHING
        )
        failed = sum((one for names, one in self.failures.items() if (names[0], names[2]) == (role, model)), NOTHING)
        return self.settled.get((role, model), NOTHING).or_more(answered + failed)

    def accounts(self) -> list[Account]:
        """Calls and tokens by role, stage and model, as `Ledger.accounts` has them."""
        sums: dict[tuple[str, str, str], Usage] = {}
        for role, stage, model, read, written in self.calls.values():
            sums[role, stage, model] = sums.get((role, stage, model), NOTHING) + Usage(1, read, written)
        for names, one in self.failures.items():
            sums[names] = sums.get(names, NOTHING) + Usage(0, one.prompt_tokens, one.completion_tokens)
        return [
            Account(
                role=role, stage=stage, model=model, cached=self.reuses.get((role, stage, model), 0),
                **vars(sums.get((role, stage, model), NOTHING)),
            )
            for role, stage, model in sorted(sums.keys() | self.reuses.keys())
        ]  # fmt: skip


def salvage(path: Path, keep: Callable[[CallRow], object] = lambda row: None) -> Salvage:
    """Read every row of a ledger that can be read, page by page.

    Args:
        path: The file.
        keep: Takes each row of an answered call, its faults mended; one key may come again.

    Returns:
        Whose the rows are and what they count, and the faults of those that cannot be read or had to be mended.

    Raises:
        OSError: The file cannot be opened.
    """
    pages, left = SqlitePages(path), Salvage()
    if pages.missing:
        left.faults.append(f"the file ends early: {pages.missing} of its pages are missing")
    for number, values in pages.rows():
        if values is None:
            left.faults.append(f"page {number}: a row is damaged")
        elif len(values) == COLUMNS:
            _take_call(left, number, values, keep)
        else:
            _take_count(left, values)
    return left


def faults_of(path: Path) -> tuple[Salvage, list[str]]:
    """Look through a ledger: its file, its tables and indexes, each of its rows.

    Args:
        path: The file.

    Returns:
        What can be read, and all faults.
    """
    left = salvage(path)
    found = list(left.faults)
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            found += _faults_of_tree(connection, left)
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        found.append(f"SQLite cannot read the file: {error}")
    return left, found


def _faults_of_tree(connection: sqlite3.Connection, left: Salvage) -> Iterable[str]:
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'index')")}
    this_version = bool(names & {"spent", "reserved"})
    wanted = (*TABLES, "spending") if this_version else _OF_FIRST_VERSION
    yield from (f"the table or index `{name}` is missing" for name in wanted if name not in names)
    for (said,) in connection.execute(f"PRAGMA integrity_check({_MOST_SAID})"):
        if said != "ok":
            yield from str(said).splitlines()
    if "calls" in names:
        (count,) = connection.execute("SELECT COUNT(*) FROM calls NOT INDEXED").fetchone()
        if count < len(left.calls):
            yield f"{len(left.calls) - count} answers stand on pages that SQLite does not find"


def _take_call(left: Salvage, number: int, values: tuple[Any, ...], keep: Callable[[CallRow], object]) -> None:
    call = examine(values)
    left.faults += [f"page {number}: {fault}" for fault in call.faults]
    if call.row is not None:
        key, role, stage, model, _, _, _, read, written, _ = call.row
        left.calls[key] = (role, stage, model, read, written)
        keep(call.row)


def _take_count(left: Salvage, values: tuple[Any, ...]) -> None:
    """Take a row of one of the small tables, told apart by its columns; of two for the same thing the larger counts."""
    if _are(values, *_REUSES):
        role, stage, model, calls = values
        left.reuses[role, stage, model] = max(left.reuses.get((role, stage, model), 0), _bounded(calls))
    elif _are(values, *_FAILURES):
        role, stage, model, *counts = values
        known = left.failures.get((role, stage, model), NOTHING)
        left.failures[role, stage, model] = known.or_more(Usage(*map(_bounded, counts)))
    elif _are(values, *_SPENT):
        role, model, *counts = values
        left.settled[role, model] = left.settled.get((role, model), NOTHING).or_more(Usage(*map(_bounded, counts)))
    elif _are(values[:6], *_RESERVED) and len(values) == 9:
        reservation, role, model, *counts = values[:6]
        left.reserved[reservation] = (role, model, Usage(*map(_bounded, counts)))


def _are(values: tuple[Any, ...], texts: int, counts: int) -> bool:
    return (
        len(values) == texts + counts
        and all(isinstance(value, str) for value in values[:texts])
        and all(type(value) is int for value in values[texts:])
    )


def _bounded(count: int) -> int:
    return max(0, min(count, MOST_TOKENS * 1_000_000))
