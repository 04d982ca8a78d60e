"""The ledger: every answered call, once, on disk.

A call is known by what was asked: model, messages, fields, sampling, sample index. So a run that was killed goes on
where it stood, a paid call is never repeated, and every row of data can be traced to the words that made it.
"""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from quintain.errors import LedgerError
from quintain.models.language_model import LanguageModel, Sampling
from quintain.records import Completion, Request, content_id

_SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    key TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt TEXT NOT NULL,
    request BLOB NOT NULL,
    completion BLOB NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    answered_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS calls_by_role ON calls (role, model);
"""
_WAIT_SECONDS = 60
_CHUNK_CALLS = 256


@dataclass(frozen=True)
class Account:
    """What one role spent."""

    role: str
    model: str
    calls: int
    prompt_tokens: int
    completion_tokens: int


def call_key(model: str, sampling: Sampling, request: Request) -> str:
    """Identity of a call: whatever may change its answer."""
    messages = [(message.role, message.content) for message in request.messages]
    return content_id(model, asdict(sampling), request.prompt, messages, request.fields, request.sample)


class Ledger:
    """A SQLite file of answered calls, safe for several processes.

    Args:
        path: The file; made with its folder when it is missing.

    Raises:
        LedgerError: The file is no ledger, or stays locked.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connection() as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(self._path, timeout=_WAIT_SECONDS)
            try:
                with connection:
                    yield connection
            finally:
                connection.close()
        except sqlite3.DatabaseError as error:
            locked = "locked" in str(error)
            raise LedgerError(
                f"the ledger {self._path} {'is locked by another process' if locked else 'cannot be used'}: {error}. "
                + ("Wait for that process, or end it" if locked else "Move the file away to start a new ledger")
            ) from error

    def answered(self, keys: Sequence[str]) -> dict[str, Completion]:
        """Completions of the keys that are known."""
        found: dict[str, Completion] = {}
        decode = msgspec.json.Decoder(Completion).decode
        with self._connection() as connection:
            for start in range(0, len(keys), 500):
                some = keys[start : start + 500]
                marks = ",".join("?" * len(some))
                rows = connection.execute(f"SELECT key, completion FROM calls WHERE key IN ({marks})", some)  # noqa: S608 - only question marks
                found |= {key: decode(blob) for key, blob in rows}
        return found

    def write(self, role: str, model: str, calls: Sequence[tuple[str, Request, Completion]]) -> None:
        """Keep answered calls, all of them or none; one that is known already stays as it was."""
        encode = msgspec.json.encode
        rows = [
            (key, role, model, request.prompt, encode(request), encode(completion),
             completion.prompt_tokens, completion.completion_tokens, time.time())
            for key, request, completion in calls
        ]  # fmt: skip
        with self._connection() as connection:
            connection.executemany("INSERT OR IGNORE INTO calls VALUES (?,?,?,?,?,?,?,?,?)", rows)

    def accounts(self) -> list[Account]:
        """Calls and tokens by role and model, over everything that was ever asked."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT role, model, COUNT(*), SUM(prompt_tokens), SUM(completion_tokens) FROM calls "
                "GROUP BY role, model ORDER BY role, model"
            )
            return [Account(*row) for row in rows]


class LedgeredModel:
    """A model whose answers are looked up before they are asked for.

    Args:
        model: The model behind.
        ledger: Where answers are kept.
        role: Role that asks, for the accounts.
    """

    def __init__(self, model: LanguageModel, ledger: Ledger, role: str) -> None:
        self._model = model
        self._ledger = ledger
        self._role = role
        self.asked = 0

    @property
    def name(self) -> str:
        """Identity of the model behind."""
        return self._model.name

    @property
    def sampling(self) -> Sampling:
        """Sampling of the model behind."""
        return self._model.sampling

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """Complete each request; only calls that the ledger does not know reach the model, each once.

        Failed calls are handed on but not kept, so that a later run asks them again.
        """
        keys = [call_key(self.name, self.sampling, request) for request in requests]
        known = self._ledger.answered(keys)
        missing = {key: request for key, request in zip(keys, requests, strict=True) if key not in known}
        todo = list(missing.items())
        for start in range(0, len(todo), _CHUNK_CALLS):
            chunk = todo[start : start + _CHUNK_CALLS]
            completions = self._model.generate([request for _, request in chunk])
            self.asked += len(chunk)
            calls = [(key, request, done) for (key, request), done in zip(chunk, completions, strict=True)]
            self._ledger.write(self._role, self.name, [call for call in calls if call[2].finish_reason != "error"])
            known |= {key: completion for key, _, completion in calls}
        return [known[key] for key in keys]
