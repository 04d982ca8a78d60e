"""The lifecycle on all cores makes what it makes node by node: every file, every weight, every verdict."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(1800)

# What no two runs share: times, and the names that MLflow draws. The ledger, the memory of edits and the page on them
# hold times, too.
OF_ONE_RUN = {"seconds", "tokens_per_second", "add_ms", "search_ms", "model_id", "run_id"}
TIMED = ("ledger.sqlite", "_memory/", "/edits.md")


def lasting(value: object) -> object:
    """A report without what belongs to one run alone."""
    if isinstance(value, dict):
        return {name: lasting(each) for name, each in value.items() if name not in OF_ONE_RUN}
    return [lasting(each) for each in value] if isinstance(value, list) else value


def contents(project: Path) -> dict[str, object]:
    files = {
        str(path.relative_to(project / "data")): path
        for path in (project / "data").rglob("*")
        if path.is_file() and not any(name in str(path) for name in TIMED)
    }
    return {
        name: lasting(json.loads(path.read_text())) if path.suffix == ".json" else path.read_bytes()
        for name, path in files.items()
    }


@pytest.fixture(scope="module")
def projects(tmp_path_factory, newcomer_env) -> dict[str, tuple[Path, str]]:
    """A project and what was logged, per runner; both run at the same time."""
    folder, running = tmp_path_factory.mktemp("cores"), {}
    for runner in ("SequentialRunner", "quintain.runner.BranchRunner"):
        project = folder / runner
        subprocess.run([sys.executable, "-m", "quintain", "new", str(project)], check=True, capture_output=True)
        command = ["kedro", "run", "--env", "smoke", "--runner", runner]
        if runner != "SequentialRunner":
            command += ["--runner-params", "processes=2"]
        environment = {**newcomer_env, "OMP_NUM_THREADS": "1"}
        running[project] = subprocess.Popen(
            command, cwd=project, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
    logs = {project: process.communicate()[1] for project, process in running.items()}
    assert all(process.returncode == 0 for process in running.values()), "\n".join(log[-3000:] for log in logs.values())
    return {project.name: (project, log) for project, log in logs.items()}


def test_all_cores_make_the_same_files_and_weights(projects):
    alone, both = (contents(project) for project, _ in projects.values())
    assert alone.keys() == both.keys()
    assert [name for name in alone if alone[name] != both[name]] == []
    assert any(name.endswith("model.safetensors") for name in alone)
    assert any(name.endswith("gate.json") for name in alone)


def test_progress_counts_to_the_end_and_two_workers_did_the_work(projects):
    _, log = projects["quintain.runner.BranchRunner"]
    lines = [line.split("  ", 1)[1] for line in log.splitlines() if "  [" in line and "/" in line]
    *_, last = lines
    done, total = last.partition("]")[0].strip("[ ").split("/")
    assert done == total
    assert f"[{total}/{total}]" not in "".join(lines[:-1])
    assert "worker 1" in log
    assert "worker 2" in log
    assert "Traceback" not in log
