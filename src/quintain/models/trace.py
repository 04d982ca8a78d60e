"""From a record back to the words that made it, through the ledger."""

import sqlite3
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import msgspec

from quintain.errors import LedgerError
from quintain.records import Completion, Record, Request

_CALLS_OF = """
SELECT role, model, request, completion FROM calls
WHERE CASE WHEN json_valid(CAST(request AS TEXT)) THEN json_extract(CAST(request AS TEXT), '$.id') END IN ({marks})
"""


class Call(NamedTuple):
    """One call behind a record."""

    role: str
    """Role that was asked."""
    model: str
    """Name of the model that answered."""
    request: Request
    """What was asked: the rendered messages, their fields, and the prompt's fingerprint."""
    completion: Completion
    """What was answered."""


def trace(record: Record, ledger: Path) -> list[Call]:
    """Find the calls that a record was made by.

    Args:
        record: A record whose origin names requests among its parents, such as an InstructionPair.
        ledger: The ledger of the run.

    Returns:
        The calls, the last first, as `origin.parents` has them; parents that are no requests, such as the page, are
        left out. A request that several models answered gives one call for each.

    Raises:
        LedgerError: The file is missing or no ledger, or a call of the record is damaged.
    """
    parents = record.origin.parents
    marks = ",".join("?" * len(parents))
    try:
        connection = sqlite3.connect(f"file:{quote(str(ledger))}?mode=ro", uri=True)
        try:
            rows = connection.execute(_CALLS_OF.format(marks=marks), parents).fetchall()
        finally:
            connection.close()
        calls = [
            Call(role, model, msgspec.json.decode(asked, type=Request), msgspec.json.decode(said, type=Completion))
            for role, model, asked, said in rows
        ]
    except sqlite3.DatabaseError as error:
        raise LedgerError(f"the ledger {ledger} could not be read: {error}; name the ledger of the run") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise LedgerError(f"the ledger {ledger} holds a damaged call of {record.id}: {error}") from error
    return sorted(calls, key=lambda call: (parents.index(call.request.id), call.model))
