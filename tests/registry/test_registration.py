"""Students enter a real registry once, whole, and can be found again."""

import contextlib
import dataclasses
import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from conftest_registry import DIGEST, candidate, good, half, items, judged, scorecard, sums

from quintain.errors import RecordError, RegistryError
from quintain.models.folder import folder_digest
from quintain.registry.kept import keep_version, kept_weights
from quintain.registry.measured import Measured, score_metrics
from quintain.registry.policy import BenchmarkPolicy, PromotionPolicy
from quintain.registry.promotion import CHAMPION, FORMER, holder, promote, rollback
from quintain.registry.registration import CHALLENGER, read_measured, register, students_of, versions
from quintain.registry.weights import Weights, find_weights

NAME = "quintain-student"
POLICY = PromotionPolicy(benchmarks={"default": BenchmarkPolicy(margin=0.05)}, most_unread=0.01, replicates=300)


def enter(store, entrant):
    client, uri = store
    return register(client, uri, "quintain", NAME, entrant)


def title(client, alias):
    return str(holder(client, NAME, alias).version)


def test_a_version_carries_scorecard_lineage_and_description(store):
    client, _ = store
    entrant = candidate()
    registered = enter(store, entrant)
    version = client.get_model_version(NAME, registered.version)
    assert version.description == "# base"
    assert version.tags["student"] == "base"
    assert version.tags["git.commit"] == "c" * 40
    assert version.tags["dvc.path"] == "data/06_models/base"
    # half passes every second item at every level: macro HSR 0.5
    assert float(version.tags["score.hsr_mean"]) == pytest.approx(0.5)
    assert read_measured(client, version) == entrant.measured


def test_a_version_carries_the_evidence_of_every_benchmark(store, tmp_path):
    client, _ = store
    other = dataclasses.replace(sums(lambda i: i % 4 == 0, digest="a" * 64), page="<h1>sums</h1>")
    version = client.get_model_version(NAME, enter(store, candidate(others={"sums": other})).version)
    assert version.tags["benchmarks"] == "pack sums"
    # half holds every second item, the sums every fourth
    assert (version.tags["score.headline"], version.tags["score.hsr_mean"]) == ("0.5000", "0.5000")
    assert (version.tags["score.sums.headline"], version.tags["score.sums.score"]) == ("0.2500", "0.2500")
    assert version.tags["pack.digest.sums"] == other.scorecard.benchmark.digest
    home = Path(client.download_artifacts(version.run_id, "scorecard", str(tmp_path)))
    found = sorted(path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file())
    assert found == [
        "pack/judgements.jsonl", "pack/scorecard.json",
        "sums/judgements.jsonl", "sums/scorecard.html", "sums/scorecard.json",
    ]  # fmt: skip
    assert list(read_measured(client, version)) == ["pack", "sums"]
    experiment = client.get_experiment_by_name("quintain").experiment_id
    assert client.search_logged_models([experiment], filter_string="metrics.`sums.score` > 0.2")


def test_one_benchmark_more_makes_another_version(store):
    client, _ = store
    enter(store, candidate())
    enter(store, candidate(others={"sums": sums(lambda i: i % 2, digest="a" * 64)}))
    enter(store, candidate(others={"sums": sums(lambda i: i % 2, n=50, digest="a" * 64)}))
    assert len(versions(client, NAME)) == 3


def test_a_scorecard_of_other_weights_is_refused_and_nothing_is_registered(store):
    client, _ = store
    with pytest.raises(
        RegistryError,
        match=r"scorecard of base on sums is of weights 000000000000, the student has "
        r"aaaaaaaaaaaa; measure it again with `kedro run --pipelines evaluation --namespaces base.sums`",
    ):
        enter(store, candidate(others={"sums": sums(lambda i: i % 2, digest=DIGEST, student="base")}))
    assert versions(client, NAME) == []


def test_scorecards_that_cannot_be_read_are_one_clear_error(store):
    client, uri = store
    version = client.get_model_version(NAME, enter(store, candidate()).version)
    client.log_dict(version.run_id, {"hsr": 1}, "scorecard/pack/scorecard.json")
    with pytest.raises(RecordError, match="version 1: the scorecards .* cannot be read .*registers its student anew"):
        read_measured(client, version)
    client.set_registered_model_alias(NAME, CHAMPION, "1")
    # The gate goes on: a champion that nobody can read was measured on nothing.
    enter(store, candidate(digest="b" * 64))
    refused = promote(client, uri, NAME, POLICY)
    assert refused.decision.outcome == "inconclusive"
    client.delete_model_version_tag(NAME, "1", "benchmarks")
    with pytest.raises(RecordError, match="version 1 was registered before 0.2"):
        read_measured(client, client.get_model_version(NAME, "1"))


def test_an_alias_of_a_version_that_is_gone_is_one_clear_error(store):
    client, uri = store
    enter(store, candidate())
    promote(client, uri, NAME, POLICY)
    enter(store, candidate(digest="b" * 64))
    _delete_version_but_not_its_aliases(uri, "1")
    with pytest.raises(RegistryError, match="alias champion of quintain-student names version 1, which is gone"):
        promote(client, uri, NAME, POLICY)


def _delete_version_but_not_its_aliases(uri, version):
    """As an older MLflow, or somebody with a database client, leaves it."""
    with contextlib.closing(sqlite3.connect(uri.removeprefix("sqlite:///"))) as database, database:
        database.execute("DELETE FROM model_version_tags WHERE version = ?", (version,))
        database.execute("DELETE FROM model_versions WHERE version = ?", (version,))


def test_a_model_is_found_by_its_metrics(store):
    client, _ = store
    registered = enter(store, candidate())
    experiment = client.get_experiment_by_name("quintain").experiment_id
    found = client.search_logged_models([experiment], filter_string="metrics.`followbench.hsr_mean` > 0.4")
    assert [model.model_id for model in found] == [registered.model_id]
    assert client.search_logged_models([experiment], filter_string="metrics.`followbench.hsr_mean` > 0.6") == []


def test_a_run_of_a_version_shows_at_most_40_metrics_and_its_model_has_them_all(store):
    client, _ = store
    others = {
        name: Measured(scorecard(pack, judgements, model="base", digest="a" * 64, name=name), judgements)
        for name in ("second", "third", "fourth")
        for pack in [items(groups=2, name=name)]
        for judgements in [judged(pack, half)]
    }
    entrant = candidate(others=others)
    registered = enter(store, entrant)
    home = client.get_experiment_by_name("quintain").experiment_id
    found = {run.info.run_name: run for run in client.search_runs([home])}
    assert {run.info.status for run in found.values()} == {"FINISHED"}
    assert all(0 < len(run.data.metrics) <= 40 for run in found.values())
    shown = found["register base"].data.metrics
    assert {"followbench.headline", "second.headline", "third.headline", "fourth.headline"} <= set(shown)
    expected = score_metrics(entrant.measured) | entrant.stage_metrics
    assert len(expected) > 40
    kept = {metric.key: metric.value for metric in client.get_logged_model(registered.model_id).metrics}
    assert kept == pytest.approx(expected)
    assert client.search_logged_models([home], filter_string="metrics.`fourth.hsr_l5` > 0.4")


def test_the_same_weights_with_the_same_scorecard_register_once(store):
    client, _ = store
    first, second = enter(store, candidate()), enter(store, candidate())
    assert (first.version, first.created, second.created) == (second.version, True, False)
    assert enter(store, candidate(digest="b" * 64)).version == "2"
    assert len(versions(client, NAME)) == 2


def test_responses_drawn_otherwise_make_another_version(store):
    client, _ = store
    first, other = candidate(), candidate()
    enter(store, first)
    measured = other.measured["pack"]
    sampling = {**measured.scorecard.sampling, "temperature": 1.0}
    drawn = dataclasses.replace(measured, scorecard=dataclasses.replace(measured.scorecard, sampling=sampling))
    enter(store, dataclasses.replace(other, measured={"pack": drawn}))
    assert len(versions(client, NAME)) == 2


def test_weights_made_again_from_a_commit_lose_the_mark_of_uncommitted_changes(store):
    client, uri = store
    made = candidate()
    strict = dataclasses.replace(POLICY, clean_tree=True)
    dirty = dataclasses.replace(made, lineage=dataclasses.replace(made.lineage, git_dirty=True), description="dirty")
    enter(store, dirty)
    refused = promote(client, uri, NAME, strict)
    assert [verdict.condition for verdict in refused.decision.verdicts if not verdict.passed] == ["clean tree"]
    assert enter(store, made).version == "1"
    assert client.get_model_version(NAME, "1").description == "# base"
    assert promote(client, uri, NAME, strict).moved


def test_a_decision_stays_with_the_version_as_a_file_tags_and_a_note(store, tmp_path):
    client, uri = store
    enter(store, candidate(passes=good))
    promote(client, uri, NAME, POLICY)
    enter(store, candidate(digest="b" * 64, passes=half, student="worse"))
    for reason in ("", "the customer insists"):
        promote(client, uri, NAME, POLICY, force_reason=reason)
    version = client.get_model_version(NAME, "2")
    record = json.loads(Path(client.download_artifacts(version.run_id, "gate.json", str(tmp_path))).read_text())
    assert record["decision"]["outcome"] == "refused"
    assert (record["over"], record["forced"], record["policy"]["benchmarks"]["default"]["margin"]) == (
        "1", "the customer insists", 0.05,
    )  # fmt: skip
    # half passes 50 of 100 items a category, good 15 more: 15 points
    assert record["decision"]["comparisons"]["pack"]["difference"] == pytest.approx(-0.15)
    assert (version.tags["gate.outcome"], version.tags["gate.difference"]) == ("refused", "-0.1500")
    # One note, though the gate was asked twice; the page above it stays.
    assert version.description.startswith("# worse\n## Gate\n\n**refused**, over version 1.")
    assert version.description.count("## Gate") == 1
    assert "The title was moved by force: the customer insists" in version.description


def test_a_student_that_was_passed_on_adds_its_name_to_the_version(store):
    client, _ = store
    for student in ("round_2", "round_3", "lion", "lion"):
        version = enter(store, candidate(student, digest="d" * 64)).version
    assert students_of(client.get_model_version(NAME, version)) == ["round_2", "round_3", "lion"]
    assert len(versions(client, NAME)) == 1


def test_the_newest_student_is_the_challenger_unless_it_is_an_experiment(store, monkeypatch):
    client, _ = store
    enter(store, candidate())
    monkeypatch.setenv("DVC_EXP_NAME", "try")
    enter(store, candidate(digest="b" * 64))
    assert title(client, CHALLENGER) == "1"


def test_the_title_moves_only_through_the_gate_and_comes_back(store):
    client, uri = store
    enter(store, candidate(passes=good))
    assert promote(client, uri, NAME, POLICY).moved
    enter(store, candidate(digest="b" * 64, passes=half, student="worse"))
    refused = promote(client, uri, NAME, POLICY)
    assert (refused.decision.outcome, refused.moved) == ("refused", False)
    assert title(client, CHAMPION) == "1"
    assert client.get_model_version(NAME, "2").tags["gate.outcome"] == "refused"
    forced = promote(client, uri, NAME, POLICY, "2", force_reason="the customer insists")
    assert forced.moved
    assert (title(client, CHAMPION), title(client, FORMER)) == ("2", "1")
    assert rollback(client, uri, NAME) == ("1", "2")
    assert title(client, CHAMPION) == "1"


def test_a_dry_run_changes_nothing(store):
    client, uri = store
    enter(store, candidate())
    assert promote(client, uri, NAME, POLICY, dry_run=True).decision.outcome == "promoted"
    assert holder(client, NAME, CHAMPION) is None
    assert "gate" not in client.get_model_version(NAME, "1").tags


def test_four_processes_on_a_fresh_store_leave_four_versions(tmp_path):
    script = (
        "import sys; sys.path.insert(0, {here!r})\n"
        "from quintain import offline; offline.silence()\n"
        "from conftest_registry import candidate\n"
        "from quintain.registry.store import open_store\n"
        "from quintain.registry.registration import register\n"
        "uri = {uri!r}\n"
        "entrant = candidate(digest=sys.argv[1] * 64)\n"
        "print(register(open_store(uri), uri, 'quintain', 'quintain-student', entrant).version)"
    ).format(here=str(Path(__file__).parent), uri=f"sqlite:///{tmp_path / 'mlflow.db'}")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, digest],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for digest in "abcd"
    ]
    outputs = [process.communicate(timeout=300) for process in processes]
    assert all(process.returncode == 0 for process in processes), outputs
    assert sorted(out.split()[-1] for out, _ in outputs) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("afterwards", [False, True], ids=["when registered", "afterwards"])
def test_weights_that_the_registry_keeps_come_back_without_project_and_dvc(store, tmp_path, tiny_student, afterwards):
    client, uri = store
    digest, project = folder_digest(tiny_student), tmp_path / "project"
    weights = Weights("data/06_models/base", digest)
    shutil.copytree(tiny_student, project / weights.path)
    entrant = candidate(digest=digest, path=weights.path)
    registered = enter(store, entrant if afterwards else dataclasses.replace(entrant, project=project))
    version = client.get_model_version(NAME, registered.version)
    if afterwards:
        assert kept_weights(version, tmp_path / "none") is None
        assert keep_version(client, NAME, version, project)
        version = client.get_model_version(NAME, registered.version)
    assert not keep_version(client, NAME, version, project)
    shutil.rmtree(project)
    found = find_weights(weights, tmp_path, tmp_path / "scratch", kept_weights(version, tmp_path / "fetched"))
    assert folder_digest(found) == digest
    program = (
        "import sys, mlflow; mlflow.set_tracking_uri(sys.argv[1]);"
        f"print(len(mlflow.pyfunc.load_model('models:/{NAME}/{version.version}').predict(['Tell me about the town.'])))"
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", program, uri], cwd=elsewhere, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "1", done.stderr
