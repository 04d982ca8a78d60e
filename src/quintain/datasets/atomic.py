"""Whole or not at all: a file or folder takes its name only when it is complete."""

import copy
import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

from quintain.errors import RecordError
from quintain.text.file_names import short_name

# From <fcntl.h> and <linux/fs.h>.
_HERE = -100
_EXCHANGE = 2


@contextmanager
def written(target: Path) -> Iterator[Path]:
    """Hand out a temporary name beside the target; on success it becomes the target, on failure it goes.

    A rename also leaves alone what a DVC cache may have hard-linked to the former file.

    Args:
        target: File or folder to be written; its parent is made.

    Yields:
        Path: Where to write a file or make a folder.

    Raises:
        RecordError: The disk refused; the former target is untouched.
    """
    temporary = _beside(target, "tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        if temporary.is_dir():
            _swap_folder(temporary, target)
        else:
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            temporary.replace(target)
    except OSError as error:
        raise refused(target, error) from error
    finally:
        if temporary.is_dir():
            shutil.rmtree(temporary, ignore_errors=True)
        elif temporary.exists():
            temporary.unlink()


def refused(target: Path, error: OSError) -> RecordError:
    """Say that the disk took nothing, and what to do."""
    return RecordError(
        f"{target} could not be written: {error.strerror or error}; what stood there before is untouched. "
        f"Free some space or fix the permissions of {target.parent}, then run again"
    )


def _beside(target: Path, ending: str) -> Path:
    # The process id keeps two runs apart that save the same dataset.
    return target.with_name(f".{short_name(target.name)}.{os.getpid()}.{ending}")


def _swap_folder(temporary: Path, target: Path) -> None:
    if _exchanged(temporary, target):
        shutil.rmtree(temporary, ignore_errors=True)  # the former one
        return
    # The former folder steps aside, and comes back if the move fails.
    former = _beside(target, "former.tmp")
    while True:
        with suppress(FileNotFoundError):
            target.rename(former)
        try:
            temporary.rename(target)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):  # another process was quicker; the last one wins
                shutil.rmtree(former, ignore_errors=True)
                continue
            with suppress(FileNotFoundError):
                former.rename(target)
            raise
        shutil.rmtree(former, ignore_errors=True)
        return


def _exchanged(one: Path, other: Path) -> bool:
    """Let two folders change names in one step; False where one is missing or the system cannot."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if sys.platform == "linux" else None
    # Some network file systems know no exchange.
    return rename is not None and rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0


class WholeSave:
    """Gives a Kedro dataset that writes in place a save that is whole or not at all; stands first among the bases."""

    _filepath: PurePosixPath

    def save(self, data: Any) -> None:
        """Save through a copy of the dataset that points at a temporary name.

        Args:
            data: What the dataset takes.

        Raises:
            RecordError: The disk refused; the former file is untouched.
        """
        with written(Path(self._filepath)) as temporary:
            aside = copy.copy(self)
            aside._filepath = PurePosixPath(temporary)
            # Past Kedro's wrapper, which would hide from `written` that the disk refused.
            super(WholeSave, aside).save.__wrapped__(aside, data)  # type: ignore[misc]
