"""The verbs of the registry, as a user types them in a project folder."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "registry"))
from conftest_registry import candidate, good, half

from quintain.registry.registration import register
from quintain.registry.store import open_store


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    (root / "conf/base").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.kedro]\n")
    (root / "conf/base/tracking.yml").write_text(
        "uri: sqlite:///mlflow.db\nexperiment: quintain\nmodel_name: quintain-student\n"
    )
    (root / "conf/base/promotion.yml").write_text("margin: 0.05\nmost_unread: 0.01\nreplicates: 200\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.delenv("DVC_EXP_NAME", raising=False)
        uri = f"sqlite:///{root / 'mlflow.db'}"
        client = open_store(uri)
        register(client, uri, "quintain", "quintain-student", candidate(passes=good))
        register(client, uri, "quintain", "quintain-student", candidate(student="worse", digest="b" * 64, passes=half))
    return root


def quintain(project, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "quintain", *arguments], cwd=project, capture_output=True, text=True, check=False
    )


def test_the_title_is_won_refused_with_3_forced_and_given_back(project):
    first = quintain(project, "promote", "1")
    assert first.returncode == 0, first.stderr
    assert "Version 1, the first champion: promoted" in first.stdout
    refused = quintain(project, "promote", "v2")
    assert refused.returncode == 3
    assert "Version 2 over version 1: blocked" in refused.stderr
    assert "FAIL  macro HSR: -15.0 points" in refused.stderr
    assert "Traceback" not in refused.stderr
    unreasoned = quintain(project, "promote", "2", "--force")
    assert unreasoned.returncode == 1
    assert "--force needs --reason" in unreasoned.stderr
    forced = quintain(project, "promote", "2", "--force", "--reason", "a customer insists")
    assert forced.returncode == 0
    assert "by force: a customer insists" in forced.stdout
    assert "Version 1 is champion again" in quintain(project, "rollback").stdout
    board = quintain(project, "leaderboard")
    assert "base v1 (champion)" in board.stdout
    assert "worse v2 (challenger, previous-champion)" in board.stdout
    assert "mlflow ui" in board.stdout
    assert "kedro viz run" in board.stdout


def test_a_version_that_does_not_exist_names_those_that_do(project):
    done = quintain(project, "promote", "9")
    assert done.returncode == 1
    assert "has no version 9; there are 2, 1" in done.stderr


def test_outside_a_project_the_message_says_so(tmp_path):
    done = quintain(tmp_path, "leaderboard")
    assert done.returncode == 1
    assert "is not in a Quintain project" in done.stderr
