"""A run on three benchmarks: columns of the leaderboard, sections of the scorecard, lines of the retention report.

The almanac's own items, its arithmetic and two-hop questions, and GSM8K as a task of the suite `retention`, at smoke
size: scores are not looked at. Half a minute of one core.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.benchmarks.harness.local_tasks import INSTALLED
from tests.console import quintain

pytestmark = [INSTALLED, pytest.mark.slow, pytest.mark.timeout(0)]
BENCHMARKS = ["almanac", "questions", "retention"]
# Half of the rows are longer than the context of the smoke student.
SMALL = {"finetuning": {"sft": {"most_dropped": 0.6}}}
LIFECYCLE = {
    "students": {
        "base": {"start": "world"},
        "tuned": {"from": "base", "by": "finetuning", "on": "packs", "with": SMALL},
    },
    "benchmarks": BENCHMARKS,
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project of two students after one `kedro run`."""
    root = tmp_path_factory.mktemp("several") / "mine"
    assert quintain(root.parent, "new", root, "--env", "smoke").returncode == 0
    gsm8k = root / "data/01_raw/gsm8k"
    gsm8k.mkdir(parents=True)
    rows = [{"question": f"What is {n} plus {n}?", "answer": f"It is {2 * n}.\n#### {2 * n}"} for n in range(1, 7)]
    (gsm8k / "test.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    entry = {
        "type": "quintain.datasets.BenchmarkDataset", "name": "retention", "benchmark": "harness",
        "suite": "retention", "tasks": ["gsm8k"], "sources": {"gsm8k": "data/01_raw/gsm8k"},
    }  # fmt: skip
    small = {
        "packs": {"exercises": {"pairs": 16, "seeds": 6, "prompts": 12}, "edits": {"size": 6}},
        "evaluation": {"by_benchmark": {"retention": {"sampling": {"max_new_tokens": 8}}}},
    }
    for name, document in {
        "lifecycle.yml": LIFECYCLE,
        "catalog_retention.yml": {"retention.items@benchmark": entry},
        "parameters_several.yml": small,
    }.items():
        (root / "conf/smoke" / name).write_text(yaml.safe_dump(document))
    done = subprocess.run(
        [Path(sys.executable).parent / "kedro", "run"],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return root


def test_every_benchmark_has_a_scorecard_of_every_student_and_tasks_are_its_categories(project):
    cards = {
        (student, name): json.loads((project / f"data/08_reporting/{student}/{name}/scorecard.json").read_text())
        for student in ("base", "tuned")
        for name in BENCHMARKS
    }
    assert {key: card["n_items"] for key, card in cards.items() if key[0] == "tuned"} == {
        ("tuned", "almanac"): 60, ("tuned", "questions"): 24, ("tuned", "retention"): 6,
    }  # fmt: skip
    tables = cards["tuned", "questions"]["tables"]
    assert {row["category"] for row in tables} >= {"almanac_arithmetic", "almanac_two_hop"}


def test_the_leaderboard_has_a_column_and_the_scorecard_a_section_per_benchmark(project):
    board = quintain(project, "leaderboard")
    assert board.returncode == 0, board.stderr
    header = next(line for line in board.stdout.splitlines() if line.startswith("| model"))
    columns = [cell.strip() for cell in header.split("|")]
    assert [name for cell in columns for name in BENCHMARKS if cell.startswith(f"{name} ")] == BENCHMARKS
    shown = quintain(project, "scorecard", "tuned", "base")
    assert shown.returncode == 0, shown.stderr
    assert [line.removeprefix("## ") for line in shown.stdout.splitlines() if line.startswith("## ")] == BENCHMARKS
    (page,) = (project / "data/08_reporting/scorecards").glob("*.html")
    assert re.findall("<h2.*>(.*)</h2>", page.read_text()) == BENCHMARKS


def test_the_retention_report_has_every_benchmark_and_stands_on_the_versions_page(project):
    report = (project / "data/08_reporting/tuned/retention.md").read_text()
    lines = [line for line in report.splitlines() if line.startswith("| **")]
    assert [line.split("**")[1] for line in lines] == BENCHMARKS
    found = json.loads((project / "data/08_reporting/tuned/retention.json").read_text())
    assert (found["student"], found["start"], found["left_out"]) == ("tuned", "base", {})
    assert not (project / "data/08_reporting/base/retention.md").exists()
