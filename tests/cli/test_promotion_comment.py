"""What a pull request is told: outcome, tables, links; and whose version a student's name stands for."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "registry"))
from conftest_registry import candidate, good, half

from quintain.cli import promotion_comment as module
from quintain.registry.datasets import Claim, TitleDataset
from quintain.registry.settings import read_settings
from tests.console import quintain
from tests.registered_project import project_of_candidates

POLICY = "benchmarks:\n  pack: {margin: 0.05}\nmost_unread: 0.01\nreplicates: 200\nautomatic: false\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory, mlflow_tables):
    """Two students, the weaker one first, in a project whose runs do not move the title."""
    root = tmp_path_factory.mktemp("project")
    entrants = candidate("base", "a" * 64, half), candidate("tuned", "b" * 64, good)
    for each, registered in zip(entrants, project_of_candidates(root, mlflow_tables, POLICY, entrants), strict=True):
        file = root / f"data/08_reporting/{each.student}/registration.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({"version": registered.version, "digest": registered.digest}))
    return root


def test_a_run_asks_and_leaves_the_title_where_it_is(project):
    policy = read_settings(project, "promotion")
    gate = TitleDataset(filepath=str(project / "data/08_reporting/tuned/gate.json"))
    gate.save(Claim({"name": "quintain-student", "version": "2"}, policy))
    decided = gate.load()
    assert (decided["decision"]["outcome"], decided["moved"]) == ("promoted", False)
    assert "champion" not in quintain(project, "models", "list").stdout


def test_it_says_what_the_gate_thinks_before_and_after_the_title_moves(project):
    def told(*arguments, code=0):
        done = quintain(project, "promote", *arguments, "--markdown", "comment.md")
        assert done.returncode == code, done.stderr
        return (project / "comment.md").read_text()

    first = told("base")
    assert first.startswith("### base v1: promoted, the first champion\n\nIt is champion now.\n")
    asked = told("tuned", "--dry-run")
    assert asked.startswith(
        "### tuned v2: promoted, over base v1\n\nThe gate agrees, and the title has not moved: `quintain promote 2` "
    )
    table = asked.split("\n\n")[3].splitlines()
    assert [line.split("|")[1].strip() for line in table] == ["model", ":-------", "tuned v2", "base v1"]
    # half of the items, and a half of every fourth group besides: 15 points more
    assert "tuned v2 follows more constraints than base v1: +15.0 points of macro HSR" in asked
    assert "| macro HSR | pass | " in asked
    assert f"tuned v2: version 2 of quintain-student in sqlite:///{project}/mlflow.db, commit `cccccccccccc`" in asked
    assert "It is champion now." in told("tuned")
    assert told("champion").startswith("### tuned v2 is the champion already\n")
    refused = told("1", code=3)
    assert refused.startswith("### base v1: refused, over tuned v2\n\nThe title stays with tuned v2.\n")
    assert "| macro HSR | **fail** | -15.0 points" in refused
    assert "It was made champion by force." in told("base", "--force", "--reason", "a customer insists")


def test_a_student_of_another_registry_is_named(project):
    file = project / "data/08_reporting/tuned/registration.json"
    file.write_text(json.dumps({"version": "1", "digest": "b" * 64}))
    done = quintain(project, "promote", "tuned", "--dry-run")
    assert done.returncode == 1
    assert "tuned is version 1 with weights bbbbbbbbbbbb, which this registry does not have" in done.stderr
    unknown = quintain(project, "promote", "nobody")
    assert "has no alias 'nobody'; there are the aliases" in unknown.stderr


def test_a_server_is_linked_without_its_password():
    assert module._pages("http://me:secret@mlflow.team:5000/sub/") == "http://mlflow.team:5000/sub"
