"""A whole lifecycle that is killed again and again: the same command, given once more, ends as if nothing had been."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.attacks.trials import seeded
from tests.house.conftest import newcomer_environment
from tests.house.test_all_cores import contents

AREA = "kills"
KILLS = 4
COMMAND = ["kedro", "run", "--env", "smoke", "--runner", "quintain.runner.BranchRunner"]


def new_project(folder):
    subprocess.run([sys.executable, "-m", "quintain", "new", str(folder)], check=True, capture_output=True)
    return folder


def start(project):
    environment = {**newcomer_environment("http://127.0.0.1:9"), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        COMMAND, cwd=project, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def finish(project):
    began = time.monotonic()
    process = start(project)
    errors = process.communicate()[1]
    assert process.returncode == 0, errors[-3000:]
    return time.monotonic() - began


def done(project):
    """Files without what a registration says of itself: a version that was there before the kill is not created."""
    files = contents(project)
    for name, document in files.items():
        if Path(name).name == "registration.json":
            document.pop("created")
        elif Path(name).name == "gate.json":
            files[name] = document["version"], document["decision"]["outcome"]
    return files


@pytest.mark.attack
@pytest.mark.timeout(3600)
def test_a_lifecycle(tmp_path, attack):
    rng = seeded("lifecycles")
    takes = finish(new_project(tmp_path / "calm"))
    project = new_project(tmp_path / "killed")
    with attack(AREA, "kill -9 during a lifecycle", "the command given again ends with the same files") as trials:
        for number in range(KILLS):
            # One in every quarter, so that every system is hit; what was made is made again, what was paid is not.
            seconds = takes * (number + rng.random()) / KILLS
            with trials.one(f"kill {number}, after {seconds:.1f} of {takes:.1f} s"):
                process = start(project)
                time.sleep(seconds)
                os.kill(process.pid, signal.SIGKILL)
                process.communicate()
        with trials.one("the run that was left to end"):
            finish(project)
            expected, found = done(tmp_path / "calm"), done(project)
            assert found.keys() == expected.keys()
            assert [name for name in expected if found[name] != expected[name]] == []
