"""The committed dvc.yaml is what the pipelines, the catalog and the parameters say."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_dvc_yaml_is_in_step_with_the_pipelines():
    check = [sys.executable, "-m", "quintain", "dvc-sync", "--check"]
    process = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr
