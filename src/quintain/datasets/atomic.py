"""Whole or not at all: a file or folder takes its name only when it is complete."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from quintain.errors import RecordError


@contextmanager
def written(target: Path) -> Iterator[Path]:
    """Hand out a temporary name beside the target; on success it becomes the target, on failure it goes.

    Raises:
        RecordError: The disk refused; the former target is untouched.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        _swap(temporary, target)
    except OSError as error:
        raise RecordError(
            f"{target} could not be written: {error.strerror or error}; what stood there before is untouched. "
            f"Free some space or fix the permissions of {target.parent}, then run again"
        ) from error
    finally:
        if temporary.is_dir():
            shutil.rmtree(temporary, ignore_errors=True)
        else:
            temporary.unlink(missing_ok=True)


def _swap(temporary: Path, target: Path) -> None:
    if not temporary.is_dir():
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(target)
        return
    # A folder cannot be replaced in one step; the former one steps aside and comes back if the move fails.
    former = target.with_name(f".{target.name}.{os.getpid()}.former.tmp")
    if target.exists():
        target.rename(former)
    try:
        temporary.rename(target)
    except OSError:
        if former.exists():
            former.rename(target)
        raise
    shutil.rmtree(former, ignore_errors=True)
