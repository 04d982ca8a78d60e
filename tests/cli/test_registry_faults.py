"""A fault of one version or alias is one clear line, beside the rest of the table."""

import contextlib
import json
import shutil
import sqlite3
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "registry"))
from conftest_registry import candidate, good, half, items, sums

from quintain.cli import cli
from quintain.cli.registry_store import ProjectRegistry
from quintain.data_root import reports_root
from quintain.errors import QuintainError
from quintain.registry.promotion import CHAMPION, FORMER
from quintain.registry.registration import register
from quintain.registry.store import open_store
from tests.empty_project import empty_project

NAME = "quintain-student"
PACK = items(groups=4)


@pytest.fixture(scope="module")
def registry(tmp_path_factory, mlflow_tables):
    """Three versions; their project, the client, and the folder of each one's evidence."""
    root = empty_project(tmp_path_factory.mktemp("project"))
    shutil.copy(mlflow_tables, root / "mlflow.db")
    (root / "conf/base/promotion.yml").write_text(
        "benchmarks: {default: {margin: 0.05}}\nmost_unread: 0.01\nreplicates: 200\n"
    )
    uri = f"sqlite:///{root / 'mlflow.db'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.delenv("DVC_EXP_NAME", raising=False)
        client = open_store(uri)
        for student, weights, passes in (("base", "a", half), ("webr", "b", good), ("bmc", "c", good)):
            others = {"sums": sums(lambda i: i % 2, n=20 if weights == "c" else 40, digest=weights * 64)}
            register(client, uri, "quintain", NAME, candidate(student, weights * 64, passes, pack=PACK, others=others))
        client.set_registered_model_alias(NAME, CHAMPION, "1")
        client.set_registered_model_alias(NAME, FORMER, "2")
    folders = {
        number: Path(client.get_run(client.get_model_version(NAME, number).run_id).info.artifact_uri)
        for number in ("1", "2", "3")
    }
    return root, client, folders


@pytest.fixture
def project(registry, monkeypatch):
    """The same, mended after the test."""
    root, client, folders = registry
    kept = {path: path.read_bytes() for folder in folders.values() for path in folder.rglob("*") if path.is_file()}
    database = (root / "mlflow.db").read_bytes()
    monkeypatch.chdir(root)
    monkeypatch.delenv("DVC_EXP_NAME", raising=False)
    yield root, client, folders
    for path, content in kept.items():
        path.write_bytes(content)
    (root / "mlflow.db").write_bytes(database)


def said(*arguments):
    """What a command printed, or the one line of its error."""
    result = CliRunner().invoke(cli, [str(each) for each in arguments])
    if result.exception is not None:
        assert isinstance(result.exception, QuintainError), result.exception
        assert "\n" not in str(result.exception) or arguments[0] == "promote"
        return str(result.exception)
    return result.output


DAMAGES = {
    "no JSON": lambda path: path.write_bytes(b"{"),
    "not UTF-8": lambda path: path.write_bytes(b"\xff\xfe{}"),
    "deeply nested": lambda path: path.write_text("[" * 100_000),
    "gone": lambda path: path.unlink(),
    "a text for a number": lambda path: path.write_text(path.read_text().replace('"n_items": 120', '"n_items": "x"')),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_one_damaged_scorecard_leaves_the_rest_of_the_board(project, damage):
    _, _, folders = project
    damage(folders["2"] / "scorecard/pack/scorecard.json")
    board = said("leaderboard")
    assert "base v1 (champion)" in board
    assert "Not read:\n\n- webr v2 (previous-champion): version 2: " in board
    assert "Traceback" not in board
    assert "version 2: the scorecards that the registry keeps of it cannot be read" in said("promote", "2", "--dry-run")
    assert "the title stays with version 1: version 2: " in said("rollback")
    assert "version 2: the scorecards" in said("models", "card", "2")
    assert "| webr" in said("models", "list").replace("|    webr", "| webr")


def test_an_environment_has_reports_of_its_own_and_its_leaderboard_lies_among_them(project, monkeypatch):
    root, client, _ = project
    (root / "conf/smoke").mkdir(exist_ok=True)
    (root / "conf/smoke/globals.yml").write_text("data: data/smoke\n")
    registry = ProjectRegistry(root, client, f"sqlite:///{root / 'mlflow.db'}", NAME)
    assert reports_root(root) == root / "data/08_reporting"
    assert reports_root(root, "smoke") == root / "data/smoke/08_reporting"
    kept = reports_root(root, "smoke") / "webr/registration.json"
    kept.parent.mkdir(parents=True)
    kept.write_text(json.dumps({"version": "2", "digest": "b" * 64}))
    for asked in (("scorecard", "webr"), ("compare", "webr", "1"), ("models", "show", "webr")):
        assert "webr is a student of the environment smoke: name its version, or set KEDRO_ENV=smoke" in said(*asked)
    monkeypatch.setenv("KEDRO_ENV", "smoke")
    assert registry.number_of("webr") == "2"
    assert "Reports    data/smoke/08_reporting/index.html" in said("leaderboard", "--html")
    assert (reports_root(root, "smoke") / "leaderboard.html").is_file()


def test_a_version_names_the_environment_of_its_run(project):
    _, client, _ = project
    client.set_model_version_tag(NAME, "2", "environment", "smoke")
    assert "environment smoke; its parameters are on the MLflow run's page" in said("models", "show", "2", "--lineage")
    assert "registered by a run of the environment `smoke`" in said("models", "card", "2")


def forge(folder):
    path = folder / "scorecard/pack/judgements.jsonl"
    path.write_bytes(path.read_bytes().replace(b"false", b"true"))


def test_forged_judgements_are_refused_by_every_reader(project):
    _, _, folders = project
    forge(folders["2"])
    why = "judgements were changed after they were written"
    assert why in said("promote", "2", "--dry-run")
    for command in (["leaderboard"], ["models", "card", "2"], ["scorecard", "v2"], ["rollback"]):
        assert why in said(*command), command
    forge(folders["1"])
    told = said("promote", "3", "--dry-run")
    assert "refused" in told
    assert "(the champion's)" in told


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"base": 1}', b"\xff"])
def test_a_damaged_lineage_is_told_and_the_tags_are_shown(project, content, caplog):
    _, _, folders = project
    (folders["2"] / "lineage/lineage.json").write_bytes(content)
    assert "version 2" in said("models", "show", "2", "--lineage").lower()
    assert "version 2: the lineage that the registry keeps of it cannot be read" in caplog.text


def test_an_alias_of_a_version_that_is_gone_is_one_line(project):
    root, _, _ = project
    with contextlib.closing(sqlite3.connect(root / "mlflow.db")) as database, database:
        database.execute("DELETE FROM model_version_tags WHERE version = 1")
        database.execute("DELETE FROM model_versions WHERE version = 1")
    line = "The alias champion names version 1, which is gone"
    for command, also in ((["models", "list"], "webr"), (["leaderboard"], "webr v2")):
        told = said(*command)
        assert line in told
        assert also in told
    for command in (["promote"], ["rollback"], ["models", "show", "champion"], ["models", "card", "champion"]):
        assert "the alias champion of quintain-student names version 1, which is gone" in said(*command), command
    assert "version 2" in said("models", "show", "2")


@pytest.mark.parametrize("tag", ["score.headline", "dvc.path", "model.digest"])
def test_a_tag_that_somebody_changed_or_took_away_ends_no_command(project, tag):
    _, client, _ = project
    for change in (
        lambda: client.set_model_version_tag(NAME, "2", tag, "odd"),
        lambda: client.delete_model_version_tag(NAME, "2", tag),
    ):
        change()
        assert "base" in said("models", "list")
        assert "base v1" in said("leaderboard")
        for command in (["promote", "2", "--dry-run"], ["models", "show", "2"], ["models", "card", "2"]):
            assert said(*command)


def test_a_column_of_a_further_benchmark_holds_one_pack_only(project):
    board = said("leaderboard")
    (bmc,) = [line for line in board.splitlines() if line.startswith("| bmc v3")]
    # the third version was measured on 20 sums, the champion on 40
    assert [cell.strip() for cell in bmc.split("|")][-3] == "–"
