"""A benchmark of ten lines from another package runs, gates and registers, without a change to this one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from quintain.cli.new import lay_out

PLUGIN = """\
from quintain.benchmarks import Benchmark, Item


class Sums(Benchmark):
    name = "sums"

    def load_items(self):
        return [Item(prompt=f"What is {a} + {b}?", target=str(a + b)) for a in range(4) for b in range(4)]

    def judge(self, item, response):
        return self.judged(item, response, score=float(item.target in response))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory, tiny_student):
    """A project on a tiny model, and an environment of its own in which the plugin is installed."""
    folder = tmp_path_factory.mktemp("plugin")
    site = folder / "site"
    info = site / "sums-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "sums.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sums\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[quintain.benchmarks]\nsums = sums:Sums\n")
    path = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH", "")]))
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}

    root = folder / "project"
    lay_out(root, recipe="evaluate", student=str(tiny_student))

    def run(*command):
        return subprocess.run(
            [sys.executable, "-m", *command],
            cwd=root, env=environment, capture_output=True, text=True, timeout=500, check=False,
        )  # fmt: skip

    return root, run


def declare(project: Path, *benchmarks: str):
    file = project / "conf/base/lifecycle.yml"
    document = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump({**document, "benchmarks": list(benchmarks)}))


def test_it_runs_beside_a_built_in_one_and_becomes_a_version_that_the_gate_has_seen(project):
    root, run = project
    declare(root, "sums")
    done = run("kedro", "run")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    card = json.loads((root / "data/08_reporting/base/sums/scorecard.json").read_text())
    assert (card["benchmark"]["name"], card["benchmark"]["rules"], card["n_items"]) == ("sums", "sums", 16)
    assert 0 <= card["measures"]["score"]["value"] <= 1
    gate = json.loads((root / "data/08_reporting/base/gate.json").read_text())
    assert gate["decision"]["outcome"] == "promoted"
    shown = run("quintain", "leaderboard")
    assert shown.returncode == 0, shown.stderr
    assert "sums" in shown.stdout or "score" in shown.stdout


def test_a_name_that_nobody_offers_stops_the_run_in_one_line(project):
    root, run = project
    declare(root, "sumz")
    done = run("kedro", "run", "--pipelines", "evaluation")
    assert done.returncode == 1
    assert "benchmarks: there is no 'sumz'; did you mean sums?; no package offers it" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
