"""What is slow to make is made once for all workers of pytest-xdist."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A file or folder of this whole run of pytest: the worker that asks first makes it, the others wait for it.

    Nobody may change it. What failed on the way is made anew for the next one that asks.
    """
    base = tmp_path_factory.getbasetemp()
    # The base folder of a worker lies in that of the whole run.
    home = base.parent if base.name.startswith("popen-") else base
    place, done = home / name, home / f"{name}.done"
    with FileLock(home / f"{name}.turn"):
        if not done.exists():
            shutil.rmtree(place, ignore_errors=True)
            place.unlink(missing_ok=True)
            make(place)
            done.touch()
    return place
