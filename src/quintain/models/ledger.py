"""The ledger: every answered call, once, on disk.

A call is known by what was asked: model, messages, fields, sampling, sample index. So a run that was killed goes on
where it stood, a paid call is never repeated, and every row of data can be traced to the words that made it.
"""

import hashlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import msgspec
from filelock import FileLock

from quintain.errors import LedgerError, ModelError
from quintain.models.language_model import ClosingModel, ForcedModel, LanguageModel, Sampling, StreamingModel
from quintain.records import Completion, Request
from quintain.usage import Price, Usage

_SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    key TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    stage TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt TEXT NOT NULL,
    request BLOB NOT NULL,
    completion BLOB NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    answered_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS reuses (
    role TEXT NOT NULL,
    stage TEXT NOT NULL,
    model TEXT NOT NULL,
    calls INTEGER NOT NULL,
    PRIMARY KEY (role, stage, model)
);
"""
# What ledgers of 0.1 lack; one that may only be read stays as it is.
_SINCE = """
CREATE TABLE IF NOT EXISTS failures (
    role TEXT NOT NULL,
    stage TEXT NOT NULL,
    model TEXT NOT NULL,
    calls INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    PRIMARY KEY (role, stage, model)
);
CREATE INDEX IF NOT EXISTS spending ON calls (role, stage, model, prompt_tokens, completion_tokens);
"""
_WAIT_SECONDS = 60
_CHUNK_CALLS = 256
_CHUNK_KEYS = 500


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


def call_key(model: str, sampling: Sampling, request: Request) -> str:
    """Identity of a call: SHA-256 of whatever may change its answer."""
    messages = [(message.role, message.content) for message in request.messages]
    asked = [model, asdict(sampling), request.prompt, messages, request.fields, request.sample]
    text = json.dumps(asked, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Ledger:
    """A SQLite file of answered calls, safe for several processes.

    Args:
        path: The file; made with its folder when it is missing.

    Raises:
        LedgerError: The file is no ledger, cannot be written, or stays locked.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held = threading.local()
        # SQLite does not wait for its turn when two processes turn on write-ahead logging in a fresh file.
        with self._failures_named():
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{path}.lock", timeout=_WAIT_SECONDS), self._connection() as connection:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.executescript(_SCHEMA)
                if os.access(path, os.W_OK):
                    connection.executescript(_SINCE)

    @contextmanager
    def _failures_named(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.DatabaseError, msgspec.DecodeError, OSError) as error:
            if isinstance(error, TimeoutError) or "locked" in str(error):
                what, next_step = "is locked by another process", "Wait for that process, or end it"
            elif isinstance(error, OSError) or "full" in str(error) or "readonly" in str(error):
                what, next_step = "cannot be written", "Make room or give access, then run again; what it holds stays"
            else:
                what, next_step = "cannot be used", "Move the file away to start a new ledger"
            raise LedgerError(f"the ledger {self._path} {what}: {error}. {next_step}") from error

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._failures_named(), self.held() as connection, connection:
            yield connection

    @contextmanager
    def held(self) -> Iterator[sqlite3.Connection]:
        """Keep the file open in this thread: closing it folds the write-ahead log in, which takes longer than a write.

        Yields:
            The connection that every call in this thread uses meanwhile.
        """
        if (open_already := getattr(self._held, "connection", None)) is not None:
            yield open_already
            return
        with self._failures_named():
            self._held.connection = sqlite3.connect(self._path, timeout=_WAIT_SECONDS)
            # What was written survives any end of the process; waiting for the disk would only matter in a power cut.
            self._held.connection.execute("PRAGMA synchronous=NORMAL")
        try:
            yield self._held.connection
        finally:
            self._held.connection.close()
            del self._held.connection

    def answered(self, keys: Sequence[str]) -> dict[str, Completion]:
        """Completions of the keys that are known."""
        found: dict[str, Completion] = {}
        decode = msgspec.json.Decoder(Completion).decode
        with self._connection() as connection:
            for start in range(0, len(keys), _CHUNK_KEYS):
                some = keys[start : start + _CHUNK_KEYS]
                marks = ",".join("?" * len(some))
                rows = connection.execute(f"SELECT key, completion FROM calls WHERE key IN ({marks})", some)  # noqa: S608 - only question marks
                found |= {key: decode(blob) for key, blob in rows}
        return found

    def keep(
        self, role: str, stage: str, model: str, calls: Sequence[tuple[str, Request, Completion]]
    ) -> dict[str, Completion]:
        """Keep answered calls, all of them or none; one that is known already stays as it was.

        Args:
            role: Role that asked.
            stage: Pipeline that asked.
            model: Name of the model that answered.
            calls: Key, request and completion of each call.

        Returns:
            Key → the completion that everybody goes on with: another process may have been first.
        """
        encode = msgspec.json.encode
        rows = [
            (key, role, stage, model, request.prompt, encode(request), encode(completion),
             completion.prompt_tokens, completion.completion_tokens, time.time())
            for key, request, completion in calls
        ]  # fmt: skip
        if not calls:
            return {}
        with self._connection() as connection:
            written = connection.executemany("INSERT OR IGNORE INTO calls VALUES (?,?,?,?,?,?,?,?,?,?)", rows).rowcount
        kept = {key: completion for key, _, completion in calls}
        return kept if written == len(rows) else self.answered(list(kept))

    def count_reuse(self, role: str, stage: str, model: str, calls: int) -> None:
        """Note that calls were answered from the ledger."""
        with self._connection() as connection:
            connection.execute(
                "INSERT INTO reuses VALUES (?,?,?,?) "
                "ON CONFLICT (role, stage, model) DO UPDATE SET calls = calls + excluded.calls",
                (role, stage, model, calls),
            )

    def count_failures(self, role: str, stage: str, model: str, cost: Usage) -> None:
        """Note what calls took that gave nothing to keep."""
        with self._connection() as connection:
            connection.execute(
                "INSERT INTO failures VALUES (?,?,?,?,?,?) ON CONFLICT (role, stage, model) DO UPDATE SET "
                "calls = calls + excluded.calls, prompt_tokens = prompt_tokens + excluded.prompt_tokens, "
                "completion_tokens = completion_tokens + excluded.completion_tokens",
                (role, stage, model, cost.calls, cost.prompt_tokens, cost.completion_tokens),
            )

    def spent(self, role: str, model: str) -> Usage:
        """Usage of a model by a role in all runs, failed calls included."""
        with self._connection() as connection:
            counts = connection.execute(
                "SELECT COALESCE(SUM(calls), 0), COALESCE(SUM(prompt_tokens), 0), COALESCE(SUM(completion_tokens), 0) "  # noqa: S608
                "FROM (SELECT COUNT(*) AS calls, SUM(prompt_tokens) AS prompt_tokens, "
                "SUM(completion_tokens) AS completion_tokens FROM calls WHERE role = :role AND model = :model "
                f"UNION ALL SELECT calls, prompt_tokens, completion_tokens FROM {_failures(connection)} "
                "WHERE role = :role AND model = :model)",
                {"role": role, "model": model},
            ).fetchone()
        return Usage(*counts)

    def accounts(self) -> list[Account]:
        """Calls and tokens by role, stage and model, over everything that was ever asked.

        Tokens of calls that failed are in the sums, for they were paid; the calls themselves are not.
        """
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT role, stage, model, SUM(calls), SUM(cached), SUM(prompt_tokens), SUM(completion_tokens) FROM ("  # noqa: S608
                "SELECT role, stage, model, 1 AS calls, 0 AS cached, prompt_tokens, completion_tokens FROM calls "
                "UNION ALL SELECT role, stage, model, 0, calls, 0, 0 FROM reuses "
                "UNION ALL SELECT role, stage, model, 0, 0, prompt_tokens, completion_tokens "
                f"FROM {_failures(connection)}) "
                "GROUP BY role, stage, model ORDER BY role, stage, model"
            )
            fields = ("role", "stage", "model", "calls", "cached", "prompt_tokens", "completion_tokens")
            return [Account(**dict(zip(fields, row, strict=True))) for row in rows]


def _failures(connection: sqlite3.Connection) -> str:
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'failures'").fetchone():
        return "failures"
    return "(SELECT role, stage, model, 0 AS calls, 0 AS prompt_tokens, 0 AS completion_tokens FROM reuses)"


class LedgeredModel:
    """A model whose answers are looked up before they are asked for.

    As a context manager it ends what was started for it.

    Args:
        model: The model behind.
        ledger: Where answers are kept.
        role: Role that asks, for the accounts.
        stage: Pipeline that asks, for the accounts.
    """

    def __init__(self, model: LanguageModel, ledger: Ledger, role: str, stage: str = "") -> None:
        self._model = model
        self._ledger = ledger
        self._role = role
        self._stage = stage
        self.asked = 0

    @property
    def name(self) -> str:
        """Identity of the model behind."""
        return self._model.name

    @property
    def sampling(self) -> Sampling:
        """Sampling of the model behind."""
        return self._model.sampling

    @property
    def predicts_forced(self) -> bool:
        """True when `predict_forced` works: the weights are in this process."""
        return isinstance(self._model, ForcedModel)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if isinstance(self._model, ClosingModel):
            self._model.close()

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """Complete each request; only calls that the ledger does not know reach the model, each once.

        Answers of a model that streams are kept as they come, those of any other in chunks: a kill loses at most the
        calls in flight. Failed calls are handed on but not kept, so that a later run asks them again.
        """
        keys = [call_key(self.name, self.sampling, request) for request in requests]
        with self._ledger.held():
            known = self._ledger.answered(list(dict.fromkeys(keys)))
            missing = {key: request for key, request in zip(keys, requests, strict=True) if key not in known}
            if len(missing) < len(requests):
                self._ledger.count_reuse(self._role, self._stage, self.name, len(requests) - len(missing))
            todo = list(missing.items())
            for batch in self._completed(list(missing.values())):
                known |= self._keep([(*todo[index], completion) for index, completion in batch])
        return [known[key] for key in keys]

    def predict_forced(self, requests: Sequence[Request], targets: Sequence[str]) -> list[tuple[list[int], list[int]]]:
        """Predict each token of a given response from all right ones before it; the ledger keeps nothing of it.

        Args:
            requests: What is asked.
            targets: The response to each.

        Returns:
            The likeliest tokens and the tokens of the target, of one length, per request.

        Raises:
            ModelError: The weights are not in this process.
        """
        if not isinstance(self._model, ForcedModel):
            raise ModelError(
                f"{self.name} cannot be held to a given response: that takes the weights in this process "
                f"(roles.bindings.{self._role}: the backend `local`)"
            )
        return self._model.predict_forced(requests, targets)

    def _completed(self, requests: list[Request]) -> Iterator[list[tuple[int, Completion]]]:
        if not requests:
            return
        if isinstance(self._model, StreamingModel):
            yield from self._model.stream(requests)
            return
        for start in range(0, len(requests), _CHUNK_CALLS):
            yield list(enumerate(self._model.generate(requests[start : start + _CHUNK_CALLS]), start))

    def _keep(self, calls: list[tuple[str, Request, Completion]]) -> dict[str, Completion]:
        self.asked += len(calls)
        good = [call for call in calls if call[2].finish_reason != "error"]
        failed = {key: completion for key, _, completion in calls if completion.finish_reason == "error"}
        lost = Usage.of(failed.values())
        if lost.tokens:
            self._ledger.count_failures(self._role, self._stage, self.name, lost)
        return failed | self._ledger.keep(self._role, self._stage, self.name, good)
