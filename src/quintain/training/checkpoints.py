"""Checkpoints of a training that must survive being killed: one scratch folder per training, whole checkpoints only."""

import json
import logging
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from quintain.errors import ConfigError
from quintain.training.processes import is_first

logger = logging.getLogger(__name__)


@contextmanager
def scratch_folder(root: Path, identity: str) -> Iterator[Path]:
    """A folder for the checkpoints of one training: removed once it has ended, kept when it was killed or failed.

    Args:
        root: Folder of all trainings of a stage, ignored by git and DVC.
        identity: Hash of everything that shapes the training; another one has another folder.

    Yields:
        The folder, with whatever an earlier attempt left in it.

    Raises:
        ConfigError: Another process is at this very training.
    """
    folder, lock = root / identity, FileLock(root / f"{identity}.lock")
    folder.mkdir(parents=True, exist_ok=True)
    if not is_first():  # the first process of a training holds the lock for all
        yield folder
        return
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ConfigError(
            f"another process is at the same training (it holds {lock.lock_file}); wait until it has ended, or end it"
        ) from None
    try:
        if others := [path.name for path in root.iterdir() if path.is_dir() and path.stem != identity]:
            logger.info("%s also holds checkpoints of other trainings: %s; delete what nobody needs", root, others)
        yield folder
        shutil.rmtree(folder)
        Path(lock.lock_file).unlink()
    finally:
        lock.release()


def last_checkpoint(folder: Path) -> Path | None:
    """The latest checkpoint of a Trainer that was written to its end, None when there is none.

    The Trainer writes its state after all else; what a kill left without it is cleared away.
    """
    numbered = {
        int(match[1]): path for path in folder.iterdir() if (match := re.fullmatch(r"checkpoint-(\d+)", path.name))
    }
    for _, path in sorted(numbered.items(), reverse=True):
        try:
            json.loads((path / "trainer_state.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            logger.info("%s was not written to its end; going back to the one before", path)
            shutil.rmtree(path, ignore_errors=True)  # another process of the training may be at it too
        else:
            return path
    return None
