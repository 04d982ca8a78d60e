"""The ledger: every answered call, once, on disk.

A call is known by what was asked: model, messages, fields, sampling, sample index. So a run that was killed goes on
where it stood, a paid call is never repeated, and every row of data can be traced to the words that made it.
"""

import hashlib
import json
import logging
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict

from quintain.errors import LedgerError
from quintain.models import ledger_counts
from quintain.models.language_model import Sampling
from quintain.models.ledger_counts import Account
from quintain.models.ledger_file import LedgerFile, is_damage
from quintain.models.ledger_rows import CallRow, call_row, read_completion
from quintain.models.ledger_salvage import Salvage, salvage
from quintain.records import Completion, Request
from quintain.usage import MOST_TOKENS, Usage

logger = logging.getLogger(__name__)

_CHUNK_KEYS = 500
# `local:FOLDER@DIGEST` and `server:PROGRAM:FOLDER@DIGEST/SHAPE`.
_FOLDER = re.compile(r"^(local|server:[^:]*):.*@", re.DOTALL)
_INSERT = "INTO calls VALUES (?,?,?,?,?,?,?,?,?,?)"


def of_weights(model: str) -> str:
    """Name of a model without that of its folder: equal weights have one.

    >>> of_weights("local:lion@6098ba738c9a"), of_weights("openai:big@4f2a")
    ('local:@6098ba738c9a', 'openai:big@4f2a')
    """
    return _FOLDER.sub(r"\1:@", model)


def call_key(model: str, sampling: Sampling, request: Request) -> str:
    """Identity of a call: SHA-256 of whatever may change its answer.

    Students of equal weights answer alike, so the name of a folder does not count, its digest does.
    """
    messages = [(message.role, message.content) for message in request.messages]
    asked = [of_weights(model), asdict(sampling), request.prompt, messages, request.fields, request.sample]
    text = json.dumps(asked, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Ledger(LedgerFile):
    """A SQLite file of answered calls, safe for several processes.

    An answer that cannot be read is skipped, said and asked again; `quintain ledger check` names it.

    Args:
        path: The file; made with its folder when it is missing.

    Raises:
        LedgerError: The file is no ledger, cannot be written, or stays locked.
    """

    def answered(self, keys: Sequence[str]) -> dict[str, Completion]:
        """Completions of the keys that are known and can be read."""
        found: dict[str, Completion] = {}
        damaged = 0
        with self._connection() as connection:
            for start in range(0, len(keys), _CHUNK_KEYS):
                for key, blob in self._blobs(connection, keys[start : start + _CHUNK_KEYS]):
                    if (completion := read_completion(blob)) is None:
                        damaged += 1
                    else:
                        found[key] = completion
        if damaged:
            logger.warning(
                "%d answers of the ledger %s cannot be read and count as not given; `quintain ledger check %s` names "
                "them, and `quintain ledger repair %s` keeps all others", damaged, self.path, self.path, self.path,
            )  # fmt: skip
        return found

    def _blobs(self, connection: sqlite3.Connection, keys: Sequence[str]) -> list[tuple[str, bytes]]:
        """Key and completion of each key; on a damaged page one by one, with nothing for those that stand on it."""
        marks = ",".join("?" * len(keys))
        try:
            query = f"SELECT key, CAST(completion AS BLOB) FROM calls WHERE key IN ({marks})"  # noqa: S608 - only question marks
            return connection.execute(query, keys).fetchall()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            if len(keys) == 1:
                return [(keys[0], b"")]
            return [pair for key in keys for pair in self._blobs(connection, [key])]

    def keep(
        self, role: str, stage: str, model: str, calls: Sequence[tuple[str, Request, Completion]]
    ) -> dict[str, Completion]:
        """Keep answered calls; one that is known already stays as it was.

        A call that cannot be written down, such as one with half a surrogate pair, is handed on all the same, and
        keeps no other from being kept.

        Args:
            role: Role that asked.
            stage: Pipeline that asked.
            model: Name of the model that answered.
            calls: Key, request and completion of each call.

        Returns:
            Key → the completion that everybody goes on with: another process may have been first.

        Raises:
            LedgerError: The ledger cannot be written; on a damaged page stands what could not be kept, and the rest is.
        """
        given = {key: completion for key, _, completion in calls}
        rows = [row for call in calls if (row := call_row(role, stage, model, *call)) is not None]
        if len(rows) < len(calls):
            logger.warning("%d answers of %s cannot be written to %s: they are asked again in the next run",
                           len(calls) - len(rows), model, self.path)  # fmt: skip
        if not rows:
            return given
        try:
            with self._connection() as connection:
                written = connection.executemany(f"INSERT OR IGNORE {_INSERT}", rows).rowcount
        except LedgerError as error:
            if not _is_of_damage(error):
                raise
            self._keep_around_damage(rows, error)
            return given
        if written == len(rows):
            return given
        known = self.answered([row[0] for row in rows])
        if damaged := [row for row in rows if row[0] not in known]:
            with self._connection() as connection:
                connection.executemany(f"INSERT OR REPLACE {_INSERT}", damaged)
        return given | known

    def _keep_around_damage(self, rows: Sequence[CallRow], error: LedgerError) -> None:
        lost = 0
        for row in rows:
            try:
                with self._connection() as connection:
                    connection.execute(f"INSERT OR REPLACE {_INSERT}", row)
            except LedgerError:
                lost += 1
        if lost:
            raise LedgerError(f"{error} ({lost} of {len(rows)} new answers could not be kept, the others are)")

    def count_reuse(self, role: str, stage: str, model: str, calls: int) -> None:
        """Note that calls were answered from the ledger."""
        self._note(
            "INSERT INTO reuses VALUES (?,?,?,?) "  # noqa: S608 - only names of columns
            f"ON CONFLICT (role, stage, model) DO UPDATE SET calls = {ledger_counts.bounded('calls')} + excluded.calls",
            (role, stage, model, calls),
        )

    def count_failures(self, role: str, stage: str, model: str, cost: Usage) -> None:
        """Note what calls took that gave nothing to keep."""
        counts = (cost.calls, cost.prompt_tokens, cost.completion_tokens)
        sums = ", ".join(
            f"{name} = {ledger_counts.bounded(name)} + excluded.{name}"
            for name in ("calls", "prompt_tokens", "completion_tokens")
        )
        self._note(
            f"INSERT INTO failures VALUES (?,?,?,?,?,?) ON CONFLICT (role, stage, model) DO UPDATE SET {sums}",  # noqa: S608
            (role, stage, model, *(max(0, min(count, MOST_TOKENS * 1000)) for count in counts)),
        )

    def _note(self, statement: str, values: Sequence[str | int]) -> None:
        """Write a count; where its page is damaged the answers are worth more than the count."""
        try:
            with self._connection() as connection:
                connection.execute(statement, values)
        except LedgerError as error:
            if not _is_of_damage(error):
                raise
            logger.warning("a count is lost: %s", error)

    def spent(self, role: str, model: str) -> Usage:
        """Usage of a model by a role in all runs, failed calls and those that may have been paid included."""
        try:
            with self._connection() as connection:
                answered = ledger_counts.answered_usage(connection, role, model)
                settled = ledger_counts.spent_usage(connection, role, model)
        except LedgerError as error:
            if not _is_of_damage(error):
                raise
            return self._salvaged(error).spent(role, model)
        return answered.or_more(settled)

    def accounts(self) -> list[Account]:
        """Calls and tokens by role, stage and model, over everything that was ever asked.

        Tokens of calls that failed are in the sums, for they were paid; the calls themselves are not.
        """
        try:
            with self._connection() as connection:
                return ledger_counts.accounts(connection)
        except LedgerError as error:
            if not _is_of_damage(error):
                raise
            return self._salvaged(error).accounts()

    def _salvaged(self, error: LedgerError) -> Salvage:
        logger.warning("counting what can be read: %s", error)
        return salvage(self.path)


def _is_of_damage(error: LedgerError) -> bool:
    return isinstance(error.__cause__, sqlite3.Error) and is_damage(error.__cause__)
