"""Artifact paths of a store that was copied or moved: MLflow keeps them absolute, so they would lead elsewhere."""

import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path

logger = logging.getLogger(__name__)

ARTIFACTS = "mlruns"
"""Folder beside a sqlite store that holds its artifacts."""
_PLACES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
"""Tables and columns of MLflow's schema that hold paths."""


def follow_the_move(store: Path) -> None:
    """Let a store that lies elsewhere than it was made point at the artifacts beside it, where it can be written.

    Args:
        store: MLflow's sqlite file.
    """
    here = store.parent / ARTIFACTS
    if not store.is_file() or not here.is_dir():
        return
    with closing(sqlite3.connect(store)) as database, database:
        former_places = _former_places(database, here, store.name)
        if former_places and not os.access(store, os.W_OK):
            logger.warning(
                "the registry was at %s and is read-only here: its artifacts are read from there, while they exist",
                former_places[0],
            )
            return
        for former in former_places:
            for table, column in _PLACES:
                if _has(database, table, column):
                    _replace(database, table, column, former, str(here))
            logger.info("the registry was at %s; its artifacts are taken from %s now", former, here)


def _former_places(database: sqlite3.Connection, here: Path, name: str) -> list[str]:
    """Folders of artifacts beside a store of this name that is gone, or of which this one is a copy."""
    if not _has(database, "experiments", "artifact_location"):
        return []
    rows = database.execute("SELECT DISTINCT artifact_location FROM experiments").fetchall()
    named = [Path(row[0]) for row in rows if row[0] and row[0].startswith("/")]
    return [
        str(each)
        for each in named
        if each.name == ARTIFACTS and each != here and (not each.exists() or (each.parent / name).is_file())
    ]


def _has(database: sqlite3.Connection, table: str, column: str) -> bool:
    return column in {row[1] for row in database.execute(f"PRAGMA table_info({table})")}


def _replace(database: sqlite3.Connection, table: str, column: str, former: str, now: str) -> None:
    """Put one beginning of a path in the place of another, with or without `file://` before it."""
    for lead in ("", "file://"):
        old, new = f"{lead}{former}", f"{lead}{now}"
        database.execute(
            f"UPDATE {table} SET {column} = ? || substr({column}, ?) "  # noqa: S608 - names of this module
            f"WHERE {column} = ? OR substr({column}, 1, ?) = ?",
            (new, len(old) + 1, old, len(old) + 1, f"{old}/"),
        )
