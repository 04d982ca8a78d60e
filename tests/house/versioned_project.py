"""A project under git and DVC, as `quintain new` leaves one, with the configuration of a test."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

# Every kind of stage; evaluation and registration only of the students that the tests ask about.
EVERY_KIND = """\
students:
  base: {start: world}
  webr: {from: base, by: finetuning}
  lion: {from: webr, by: distillation, benchmarks: []}
  bmc: {from: lion, by: preference, benchmarks: []}
  lte: {from: bmc, by: editing}
benchmarks: [almanac]
"""


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
