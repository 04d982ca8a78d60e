"""Sums over a ledger: calls and tokens by role, stage and model, whatever single rows claim."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from quintain.usage import MOST_TOKENS, Price, Usage


def counted(column: str) -> str:
    """SQL for a count of tokens: as it stands, or a guess from the request where it is none.

    A row may hold anything: a number below 0 or beyond all bounds, which would overflow the sum, text, or a NULL.
    """
    return (
        f"CASE WHEN typeof({column}) = 'integer' AND {column} BETWEEN 0 AND {MOST_TOKENS} THEN {column} ELSE "  # noqa: S608
        "(SELECT COALESCE(LENGTH(CAST(row.request AS BLOB)), 0) / 4 FROM calls AS row "
        "WHERE row.rowid = calls.rowid) END"
    )


def bounded(column: str) -> str:
    """SQL for a sum of counts that was kept: 0 where it is none, and never so large that sums of it overflow."""
    return f"CASE WHEN typeof({column}) = 'integer' THEN MAX(0, MIN({column}, {MOST_TOKENS * 1_000_000})) ELSE 0 END"


@dataclass(frozen=True, kw_only=True)
class Account(Usage):
    """Usage of one role in one stage: the calls that the model answered."""

    role: str
    stage: str
    model: str
    cached: int
    """Calls that the ledger answered instead."""

    def money(self, prices: Mapping[str, Price]) -> float | None:
        """Cost of the tokens; None where the model has no price."""
        price = prices.get(self.model)
        return price.of(self) if price else None


def answered_usage(connection: sqlite3.Connection, role: str, model: str) -> Usage:
    """Usage of a model by a role as the answers and the failed calls of a ledger tell it."""
    names = {"role": role, "model": model}
    calls, read, written = connection.execute(
        f"SELECT COUNT(*), COALESCE(SUM({counted('prompt_tokens')}), 0), "  # noqa: S608
        f"COALESCE(SUM({counted('completion_tokens')}), 0) FROM calls WHERE role = :role AND model = :model",
        names,
    ).fetchone()
    return Usage(calls, read, written) + _failed(connection, names)


def _failed(connection: sqlite3.Connection, names: Mapping[str, str]) -> Usage:
    if not has_table(connection, "failures"):
        return Usage()
    columns = ", ".join(
        f"COALESCE(SUM({bounded(name)}), 0)" for name in ("calls", "prompt_tokens", "completion_tokens")
    )
    row = connection.execute(f"SELECT {columns} FROM failures WHERE role = :role AND model = :model", names).fetchone()  # noqa: S608
    return Usage(*row)


def spent_usage(connection: sqlite3.Connection, role: str, model: str) -> Usage:
    """Usage that was settled for a model and a role, answered or not."""
    if not has_table(connection, "spent"):
        return Usage()
    columns = ", ".join(bounded(name) for name in ("calls", "prompt_tokens", "completion_tokens"))
    row = connection.execute(f"SELECT {columns} FROM spent WHERE role = ? AND model = ?", (role, model)).fetchone()  # noqa: S608
    return Usage(*row) if row else Usage()


def accounts(connection: sqlite3.Connection) -> list[Account]:
    """Calls and tokens by role, stage and model."""
    failures = (
        f"UNION ALL SELECT role, stage, model, 0, 0, {bounded('prompt_tokens')}, {bounded('completion_tokens')} "  # noqa: S608
        "FROM failures"
        if has_table(connection, "failures")
        else ""
    )
    rows = connection.execute(
        "SELECT role, stage, model, SUM(calls), SUM(cached), SUM(prompt_tokens), SUM(completion_tokens) FROM ("  # noqa: S608
        f"SELECT role, stage, model, 1 AS calls, 0 AS cached, {counted('prompt_tokens')} AS prompt_tokens, "
        f"{counted('completion_tokens')} AS completion_tokens FROM calls "
        f"UNION ALL SELECT role, stage, model, 0, {bounded('calls')}, 0, 0 FROM reuses {failures}) "
        "GROUP BY role, stage, model ORDER BY role, stage, model"
    )
    fields = ("role", "stage", "model", "calls", "cached", "prompt_tokens", "completion_tokens")
    return [Account(**dict(zip(fields, row, strict=True))) for row in rows]


def has_table(connection: sqlite3.Connection, name: str) -> bool:
    """True when the file has a table of this name."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone() is not None
