"""Folders for what a process fetches."""

import atexit
import shutil
import tempfile
from pathlib import Path


def scratch_folder(purpose: str) -> Path:
    """Make an empty folder that goes when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix=f"quintain-{purpose}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
