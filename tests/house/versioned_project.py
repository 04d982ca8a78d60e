"""What `quintain new` does to a folder that is laid out, once the test has written its own configuration into it."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def version(project: Path, environment: Mapping[str, str]) -> None:
    """Put a project under git and DVC, with the stages of its configuration, and commit it."""
    for command in (
        ["git", "init", "--quiet"],
        ["dvc", "init", "--quiet"],
        [sys.executable, "-m", "quintain", "dvc-sync"],
        ["git", "config", "user.email", "tests@quintain.invalid"],
        ["git", "config", "user.name", "tests"],
        ["git", "add", "--all"],
        ["git", "commit", "--quiet", "--message", "A project"],
    ):
        subprocess.run(command, cwd=project, env=environment, check=True, capture_output=True)
