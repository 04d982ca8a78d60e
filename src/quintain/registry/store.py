"""Open the MLflow store, once at a time, and say in one line when it fails."""

import errno
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from quintain.errors import RegistryError
from quintain.registry.moved_store import ARTIFACTS, follow_the_move

if TYPE_CHECKING:
    from mlflow import MlflowClient

SQLITE = "sqlite:///"
# Without it MLflow takes an experiment for one of traces, and shows an empty page.
_KIND, _OF_MODELS, _GUESSED = "mlflow.experimentKind", "custom_model_development", "_inferred"
_LOCK_SECONDS = 120
_ANSWER_SECONDS = 8
_WRITER_SECONDS = 10
# MLflow's own patience is two minutes and seven tries: longer than anybody waits for a server that went away.
_PATIENCE = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "30", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2"}


@contextmanager
def exclusive(uri: str) -> Iterator[None]:
    """Hold a store in a file for oneself while this lasts; a server keeps its tables in order, `turn` the titles.

    Args:
        uri: Tracking address, absolute.

    Yields:
        Nothing; the store is held.

    Raises:
        RegistryError: Another process held it for two minutes, or the store failed meanwhile: it is locked, its disk is
            full, its server went away.
    """
    from filelock import Timeout

    with answering(uri):
        try:
            with _turn(uri):
                yield
        except Timeout:
            raise RegistryError(
                f"another process has held {shown(uri)} for {_LOCK_SECONDS} s; wait for it, or end it"
            ) from None


@contextmanager
def answering(uri: str) -> Iterator[None]:
    """Say in one line when the store fails while it is read.

    Args:
        uri: Tracking address, absolute.

    Yields:
        Nothing.

    Raises:
        RegistryError: The store failed.
    """
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise RegistryError(f"the MLflow store {shown(uri)} {_reason(error)}") from error


@contextmanager
def _turn(uri: str) -> Iterator[None]:
    if not uri.startswith(SQLITE):
        yield
        return
    from filelock import FileLock

    path = Path(uri.removeprefix(SQLITE))
    if path.is_file() and not os.access(path.parent, os.W_OK):
        yield  # to be read alone: there is no turn to wait for, and no lock could be made
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock", timeout=_LOCK_SECONDS):
        if path.is_file():
            _await_writer(path)
        yield


def _await_writer(path: Path) -> None:
    """Wait for a program that writes without our lock; MLflow would wait longer and print a traceback."""
    with closing(sqlite3.connect(path, timeout=_WRITER_SECONDS, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        database.execute("ROLLBACK")


def open_store(uri: str) -> "MlflowClient":
    """Point MLflow at a store and make sure that it answers.

    The first contact with a sqlite file creates its tables; two processes that do so at once ruin the file for good, so
    they take turns.

    Args:
        uri: Tracking address, absolute.

    Returns:
        A client of the store.

    Raises:
        RegistryError: The store does not answer, or is locked.
    """
    if uri.startswith(("http://", "https://")):
        _knock(uri)
    for name, value in _PATIENCE.items():
        os.environ.setdefault(name, value)
    if uri.startswith(SQLITE):
        # Runners fork after this, and a connection to SQLite that crosses a fork ruins the file: none stays open.
        os.environ.setdefault("MLFLOW_SQLALCHEMYSTORE_POOLCLASS", "NullPool")
    import mlflow

    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    with exclusive(uri):
        if uri.startswith(SQLITE):
            follow_the_move(Path(uri.removeprefix(SQLITE)))
        client = mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri)
        client.search_experiments(max_results=1)
    return client


def experiment_id(client: "MlflowClient", name: str, uri: str) -> str:
    """Id of an experiment, made when it is missing; MLflow opens it on its runs, whatever kind it would guess."""
    with exclusive(uri):
        found = client.get_experiment_by_name(name)
        if found is None:
            return str(client.create_experiment(name, _artifacts(uri), {_KIND: _OF_MODELS}))
        if found.tags.get(_KIND, _GUESSED).endswith(_GUESSED):  # what its page guessed; a user's choice stays
            client.set_experiment_tag(found.experiment_id, _KIND, _OF_MODELS)
        return str(found.experiment_id)


def _artifacts(uri: str) -> str | None:
    """Beside a sqlite file, wherever the command runs; MLflow would take the folder it is called in."""
    return str(Path(uri.removeprefix(SQLITE)).parent / ARTIFACTS) if uri.startswith(SQLITE) else None


def shown(uri: str) -> str:
    """An address without the password that may stand in it.

    >>> shown("postgresql://me:secret@db/mlflow")
    'postgresql://me:…@db/mlflow'
    """
    return re.sub(r"(://[^/:@]*):[^/@]*@", r"\1:…@", uri)


def _knock(uri: str) -> None:
    """Find out soon whether a server is there; any answer will do, its clients may need more than this asks."""
    import requests

    try:
        requests.get(f"{uri.rstrip('/')}/health", timeout=_ANSWER_SECONDS)
    except requests.RequestException as error:
        raise RegistryError(f"the MLflow store {shown(uri)} {_reason(error)}") from None


def _reason(error: Exception) -> str:
    text = str(error)
    if "database is locked" in text:
        return "is locked by another program; close it there (`fuser FILE` names it) and run this again"
    if "readonly database" in text:
        return (
            "is read-only; fix the permissions of its folder, work in a copy of the project, or name another store in "
            "MLFLOW_TRACKING_URI"
        )
    full = "disk is full" in text or "disk I/O error" in text
    if full or getattr(error, "errno", None) in (errno.ENOSPC, errno.EFBIG):
        return "could not be written; is the disk full? Make room and run this again: nothing is half-registered"
    return (
        f"does not answer: {type(error).__name__}: {text[:300]}. Check tracking.yml or MLFLOW_TRACKING_URI, and that "
        "the server runs"
    )
