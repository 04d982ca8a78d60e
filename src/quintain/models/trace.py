"""From a record back to the words that made it, through the ledger."""

import logging
import sqlite3
from pathlib import Path
from typing import NamedTuple

from quintain.errors import LedgerError
from quintain.models.ledger_file import lenient_text
from quintain.models.ledger_rows import read_completion, read_request
from quintain.records import Completion, Record, Request

logger = logging.getLogger(__name__)

# A request that is no JSON would end the whole search.
_CALLS_OF = """
SELECT role, model, CAST(request AS BLOB), CAST(completion AS BLOB) FROM calls
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
        LedgerError: The file is missing or no ledger.
    """
    parents = record.origin.parents
    marks = ",".join("?" * len(parents))
    try:
        connection = sqlite3.connect(f"{ledger.resolve().as_uri()}?mode=ro", uri=True)
        connection.text_factory = lenient_text
        try:
            rows = connection.execute(_CALLS_OF.format(marks=marks), parents).fetchall()
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        raise LedgerError(f"the ledger {ledger} could not be read: {error}; name the ledger of the run") from error
    calls = [
        Call(role, model, request, completion)
        for role, model, asked, said in rows
        if (request := read_request(asked)) and (completion := read_completion(said))
    ]
    if damaged := len(rows) - len(calls):
        logger.warning(
            "%d of %d calls of %s are damaged in %s and left out; see `quintain ledger check`",
            damaged, len(rows), record.id, ledger,
        )  # fmt: skip
    return sorted(calls, key=lambda call: (parents.index(call.request.id), call.model))
