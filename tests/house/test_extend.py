"""The examples of docs/how-to/extend.md run as they stand."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from quintain.records import InstructionPair

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "how-to" / "extend.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r'^```(\w+) title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
_GENERATED = 2
SMALL = (
    "finetuning.sft.steps=2,finetuning.sft.batch_size=2,evaluation.sampling.max_new_tokens=8,"
    "evaluation.resampling.replicates=50"
)


def apply_diff(text: str, diff: str) -> str:
    """Replace the lines that a block shows without its `+` by those with it."""
    lines = diff.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if not line.startswith("+"))
    assert text.count(before) == 1, f"the example's place is not there, or not once:\n{before}"
    return text.replace(before, "".join(line[1:] for line in lines))


@pytest.fixture(scope="module")
def project(tmp_path_factory, tiny_student):
    """A copy of the code and of conf with the page's blocks in it, beside a package that offers the benchmark."""
    root = tmp_path_factory.mktemp("extended")
    without = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(REPOSITORY / "src", root / "src", ignore=without)
    shutil.copytree(REPOSITORY / "conf", root / "conf", ignore=without)
    shutil.copy(REPOSITORY / "pyproject.toml", root)
    package = tmp_path_factory.mktemp("package")
    for language, title, text in _BLOCK.findall(PAGE):
        target = (root if "/" in title else package) / title
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(apply_diff(target.read_text(), text) if language == "diff" else text, encoding="utf-8")
    about = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    info = package / f"{about['name']}-{about['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\n")
    offered = "".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
        for group, points in about["entry-points"].items()
    )
    (info / "entry_points.txt").write_text(offered)
    pairs = [
        InstructionPair(
            instruction=f"Tell me about town {n}.", response="The mayor is kind. " * (n + 1), kind="web-as-response"
        )
        for n in range(8)
    ]
    (root / "pairs.jsonl").write_text(
        "".join(
            json.dumps({"instruction": pair.instruction, "response": pair.response, "kind": pair.kind}) + "\n"
            for pair in pairs
        )
    )
    environment = root / "conf" / "extended"
    (environment / "globals.yml").write_text(
        f"student: {{source: {tiny_student}, revision: ''}}\npairs: {root / 'pairs.jsonl'}\n"
    )
    (environment / "tracking.yml").write_text("enabled: false\n")
    return root, {**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{package}", "OMP_NUM_THREADS": "1"}


def run(project, *command: str) -> str:
    root, environment = project
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_both_examples_run_together(project):
    root, _ = project
    run(project, "kedro", "run", "--env", "extended", "--params", SMALL)
    reports = root / "data" / "08_reporting"
    assert {folder.name for folder in reports.iterdir()} >= {"base", "longest", "few"}
    # 8 pairs: a half of them are 4, the quarter that `with` asks for is 2.
    assert json.loads((reports / "longest" / "training.json").read_text())["rows"] == 4
    assert json.loads((reports / "few" / "training.json").read_text())["rows"] == 2
    scorecard = json.loads((reports / "longest" / "capitals" / "scorecard.json").read_text())
    assert "capitals-1" in json.dumps(scorecard)


def test_the_example_of_a_test_passes(project):
    run(project, "pytest", "-q", "-p", "no:cacheprovider", "tests/pipelines/test_selection.py")


def test_a_benchmark_costs_at_most_5_files_and_a_pipeline_at_most_10():
    benchmark, pipeline = PAGE.split("## A training pipeline")
    counted = [
        len(re.findall(r"`[^`|]+\.(?:py|yml|yaml|toml|md)`", "".join(re.findall(r"^\| (`.*?) \|", part, re.MULTILINE))))
        for part in (benchmark, pipeline)
    ]
    assert counted == [5, 10]
    named = {title for _, title, _ in _BLOCK.findall(pipeline)}
    assert len(named) + _GENERATED <= 10
