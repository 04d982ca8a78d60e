"""The console script as a user types it, in this process: a new interpreter would import MLflow for each command."""

import contextlib
import io
import logging
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

from quintain.cli import main


def quintain(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder; what it does to this process's environment ends with it.

    An error that the script does not show in one screen is raised here.
    """
    typed = ["quintain", *map(str, arguments)]
    out, err = io.StringIO(), io.StringIO()
    told = logging.StreamHandler(err)  # as Python tells warnings where nobody set up logging
    told.setLevel(logging.WARNING)
    code: object = 0
    with (
        patch.object(sys, "argv", typed),
        patch.dict(os.environ),
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        logging.getLogger().addHandler(told)
        try:
            main()
        except SystemExit as stop:
            code = stop.code or 0
        finally:
            logging.getLogger().removeHandler(told)
    return subprocess.CompletedProcess(typed, int(str(code)), out.getvalue(), err.getvalue())
