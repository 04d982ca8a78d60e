"""Files of a memory on disks as they are: some take no writes, and a folder may come in another one's place."""

import errno
import os
import shutil
from pathlib import Path

from quintain.edit_memory.log import EditLog


def takes_writes(folder: Path) -> bool:
    """Tell whether the disk of a folder takes writes."""
    try:
        os.close(os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o666))
    except OSError as error:
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            return False
        raise
    return True


def opened_log(folder: Path, aside: Path | None) -> EditLog:
    """Open a log; on a disk that takes nothing, a copy in `aside` where only one who may write would see all acts."""
    path = folder / "log.sqlite"
    if aside is None:
        return EditLog(path)
    wal = path.with_name("log.sqlite-wal")
    if wal.is_file() and wal.stat().st_size:
        # Acts that SQLite has not moved into the file yet are seen only by one who may write.
        copied(wal, aside)
        return EditLog(copied(path, aside))
    return EditLog(path, read_only=True)


def copied(path: Path, folder: Path) -> Path:
    """Copy a file into a folder, where it is there; its path there."""
    copy = folder / path.name
    if path.is_file():
        shutil.copyfile(path, copy)
    return copy


def identity(path: Path) -> tuple[int, int] | None:
    """Tell one file from another that came in its place; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
