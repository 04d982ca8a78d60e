"""The lifecycle on all cores makes what it makes node by node: every file, every weight, every verdict."""

import json
import subprocess
from pathlib import Path

import pytest

from quintain.cli.new import lay_out

pytestmark = pytest.mark.timeout(1800)

# What no two runs share: times, and the names that MLflow draws. The ledger, the memory of edits and the page on them
# hold times, too.
OF_ONE_RUN = {"seconds", "tokens_per_second", "add_ms", "search_ms", "model_id", "run_id"}
TIMED = ("ledger.sqlite", "_memory/", "/edits.md", "08_reporting/index.html")
# What the walk through the start page writes after its run.
OF_A_VERB = ("/scorecards/", "/leaderboard")


def lasting(value: object) -> object:
    """A report without what belongs to one run alone."""
    if isinstance(value, dict):
        return {name: lasting(each) for name, each in value.items() if name not in OF_ONE_RUN}
    return [lasting(each) for each in value] if isinstance(value, list) else value


def contents(project: Path) -> dict[str, object]:
    files = {
        str(path.relative_to(project / "data")): path
        for path in (project / "data").rglob("*")
        if path.is_file() and not any(name in str(path) for name in (*TIMED, *OF_A_VERB))
    }
    return {
        name: lasting(json.loads(path.read_text())) if path.suffix == ".json" else path.read_bytes()
        for name, path in files.items()
    }


@pytest.fixture(scope="module")
def on_all_cores(tmp_path_factory, newcomer_env) -> tuple[Path, str]:
    """A project that two workers ran, and what was logged."""
    project = tmp_path_factory.mktemp("cores") / "project"
    lay_out(project)
    command = ["kedro", "run", "--env", "smoke", "--runner", "quintain.runner.BranchRunner"]
    done = subprocess.run(
        [*command, "--runner-params", "processes=2"], cwd=project, env={**newcomer_env, "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return project, done.stderr


def test_all_cores_make_the_files_and_weights_that_a_plain_run_makes(on_all_cores, request):
    walk = request.getfixturevalue("walk")  # only now: another worker may be making it
    both, alone = contents(on_all_cores[0]), contents(walk.project)
    assert alone.keys() == both.keys()
    assert [name for name in alone if alone[name] != both[name]] == []
    assert any(name.endswith("model.safetensors") for name in alone)
    assert any(name.endswith("gate.json") for name in alone)


def test_progress_counts_to_the_end_and_two_workers_did_the_work(on_all_cores):
    _, log = on_all_cores
    told = [line.split("  ", 1)[1] for line in log.splitlines() if "  [" in line and "/" in line]
    lines = [line for line in told if not line.endswith(" started")]
    assert len(told) == 2 * len(lines)
    *_, last = lines
    done, total = last.partition("]")[0].strip("[ ").split("/")
    assert done == total
    assert f"[{total}/{total}]" not in "".join(lines[:-1])
    assert "worker 1" in log
    assert "worker 2" in log
    assert "Traceback" not in log
