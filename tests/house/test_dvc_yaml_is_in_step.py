"""The committed dvc.yaml is what the pipelines, the catalog and the parameters say."""

import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
SECTIONS = ("outs", "metrics", "plots")


def test_dvc_yaml_is_in_step_with_the_pipelines():
    check = [sys.executable, "-m", "quintain", "dvc-sync", "--check"]
    process = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr


def test_git_keeps_every_output_that_dvc_does_not():
    # An output that neither keeps is missing in a fresh clone, and its stage runs again.
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"].values()
    outputs = [out for stage in stages for section in SECTIONS for out in stage.get(section, [])]
    uncached = [
        path for out in outputs if isinstance(out, dict) for path, how in out.items() if how.get("cache") is False
    ]
    assert len(uncached) > 20
    ignored = subprocess.run(
        ["git", "check-ignore", "--no-index", *uncached], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ignored.stdout.split() == []
