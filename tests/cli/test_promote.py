"""The verbs of the registry, as a user types them in a project folder."""

import dataclasses
import shutil
import sys
from pathlib import Path

import pytest
from lxml import html

sys.path.insert(0, str(Path(__file__).parents[1] / "registry"))
from conftest_registry import candidate, good, half, sums

from quintain.registry.store import open_store
from tests.console import quintain
from tests.empty_project import empty_project
from tests.registered_project import project_of_candidates

POLICY = (
    "benchmarks:\n  pack: {margin: 0.05, tier: critical}\n  sums: {margin: 0.05, tier: advisory}\n"
    "most_unread: 0.01\nreplicates: 200\n"
)


def entrant(student, digest, passes, step, environment):
    """A candidate that also does every `step`th of the sums."""
    others = {"sums": sums(lambda i: i % step == 0, digest=digest)}
    return dataclasses.replace(candidate(student, digest, passes, others=others), environment=environment)


@pytest.fixture(scope="module")
def project(tmp_path_factory, mlflow_tables):
    root = tmp_path_factory.mktemp("project")
    entrants = entrant("base", "a" * 64, good, 2, "base"), entrant("worse", "b" * 64, half, 3, "smoke")
    project_of_candidates(root, mlflow_tables, POLICY, entrants)
    return root


def test_the_title_is_won_refused_with_3_forced_and_given_back(project):
    first = quintain(project, "promote", "1")
    assert first.returncode == 0, first.stderr
    assert "Version 1, the first champion: promoted" in first.stdout
    refused = quintain(project, "promote", "v2")
    assert refused.returncode == 3
    assert "Version 2 over version 1: refused" in refused.stderr
    assert "FAIL  pack, macro HSR: -15.0 points" in refused.stderr
    # every second of the sums against every third: 67 of 200 against 100
    assert "note  sums, score: -16.5 points" in refused.stderr
    assert "Traceback" not in refused.stderr
    unreasoned = quintain(project, "promote", "2", "--force")
    assert unreasoned.returncode == 1
    assert "--force needs --reason" in unreasoned.stderr
    forced = quintain(project, "promote", "2", "--force", "--reason", "a customer insists")
    assert forced.returncode == 0
    assert "by force: a customer insists" in forced.stdout
    assert "Version 1 is champion again" in quintain(project, "rollback").stdout
    board = quintain(project, "leaderboard", "--html")
    assert "base v1 (champion)" in board.stdout
    page = project / "data/08_reporting/leaderboard.html"
    assert f"Page: {page}" in board.stdout
    root = html.document_fromstring(page.read_text(encoding="utf-8"))
    assert [" ".join(cell.itertext()) for cell in root.xpath("//thead//th")][1:3] == ["pack HSR", "sums score"]
    names = [cell.text_content() for cell in root.xpath("//tbody//th")]
    assert names == ["1 base v1 champion", "2 worse v2 challenger previous-champion"]  # the best first
    links = root.xpath("//td//@href")
    # no page of theirs lies in the project: one was written for each number
    assert links == [f"leaderboard/{name}-{pack}.html" for name in ("base-v1", "worse-v2") for pack in ("pack", "sums")]
    assert "the champion: -15.0 points" in (page.parent / links[2]).read_text(encoding="utf-8")
    assert "sums score" in board.stdout.splitlines()[0]
    assert (
        "\n- smoke: v2 (smoke runs, sizes for a look around: these scores mean nothing)\n- base: v1\n" in board.stdout
    )
    listed = quintain(project, "models", "list").stdout
    header, _, *rows = [line.split("|")[-3].strip() for line in listed.splitlines()]
    assert (header, rows) == ("environment", ["smoke", "base"])
    assert [cell.strip() for cell in listed.splitlines()[0].split("|")[5:7]] == ["pack", "sums"]
    assert "65.0 |" in listed
    assert "33.5 |" in listed
    assert "worse v2 (challenger, previous-champion)" in board.stdout
    assert "quintain ui" in board.stdout


def test_a_version_that_does_not_exist_names_those_that_do(project):
    done = quintain(project, "promote", "9")
    assert done.returncode == 1
    assert "has no version 9; there are 2, 1" in done.stderr


def test_outside_a_project_the_message_says_so(tmp_path):
    done = quintain(tmp_path, "leaderboard")
    assert done.returncode == 1
    assert "is not in a Quintain project" in done.stderr


@pytest.fixture
def empty(tmp_path):
    """A project with a registry in which nobody is registered."""
    empty_project(tmp_path)
    (tmp_path / "conf/base/promotion.yml").write_text("margin: 0.05\nmost_unread: 0.01\n")
    return tmp_path


def message(done):
    """Lines of an error, without the one that says where its traceback is kept."""
    return [line for line in done.stderr.splitlines() if line and not line.startswith("(traceback: ")]


@pytest.mark.parametrize("command", [["models", "list"], ["leaderboard"], ["promote"], ["promote", "3"], ["rollback"]])
def test_without_a_version_there_is_one_clear_line(empty, mlflow_tables, command):
    none = quintain(empty, *command)
    assert none.returncode == 1
    (told,) = message(none)
    assert "there is no registry at" in told
    shutil.copy(mlflow_tables, empty / "mlflow.db")
    done = quintain(empty, *command)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (told,) = [line for line in message(done) if "form of version 0.1" not in line]
    assert "quintain-student" in told


def test_one_damaged_scorecard_does_not_take_the_leaderboard_down(project):
    client = open_store(f"sqlite:///{project / 'mlflow.db'}")
    version = client.get_model_version("quintain-student", "2")
    client.log_dict(version.run_id, {"hsr": 1}, "scorecard/pack/scorecard.json")
    board = quintain(project, "leaderboard")
    assert board.returncode == 0, board.stderr
    assert "base v1 (" in board.stdout
    assert "Not read:" in board.stdout
    assert "version 2: the scorecards that the registry keeps of it cannot be read" in board.stdout
    refused = quintain(project, "promote", "2")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
