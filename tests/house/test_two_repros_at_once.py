"""`dvc repro` beside another, and after one that was killed: one line says who is at it, and nothing stays locked."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAGE = """\
stages:
  editing:
    cmd: touch begun; while [ ! -e permitted ]; do sleep 0.1; done; echo aligned > student
    outs: [student]
"""

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture
def project(tmp_path, newcomer_env):
    """A project with our settings of DVC and one stage, which ends when it is permitted to."""
    subprocess.run(["dvc", "init", "--no-scm", "--quiet"], cwd=tmp_path, env=newcomer_env, check=True)
    shutil.copy(ROOT / ".dvc/config", tmp_path / ".dvc/config")
    with (tmp_path / ".dvc/config").open("a") as settings:
        settings.write("    no_scm = true\n")
    (tmp_path / "dvc.yaml").write_text(STAGE)
    return tmp_path


def test_a_second_repro_says_who_is_at_it_and_a_killed_one_is_in_nobodys_way(project, newcomer_env):
    def repro(**how):
        return subprocess.Popen(
            ["dvc", "repro"], cwd=project, env=newcomer_env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True, **how,
        )  # fmt: skip

    first = repro()
    try:
        while not (project / "begun").exists():
            assert first.poll() is None, first.communicate()[0]
            time.sleep(0.1)
        second = repro()
        said = second.communicate()[0]
        assert second.returncode != 0
        assert f"PID {first.pid}" in said
        assert "Traceback" not in said
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.communicate()
    assert not (project / "student").exists()
    (project / "permitted").touch()
    third = repro()
    said = third.communicate()[0]
    assert third.returncode == 0, said
    assert (project / "student").read_text() == "aligned\n"
    assert "editing" in (project / "dvc.lock").read_text()
