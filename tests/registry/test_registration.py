"""Students enter a real registry once, whole, and can be found again."""

import dataclasses
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest_registry import candidate, good, half

from quintain.models.folder import folder_digest
from quintain.registry.gate import PromotionPolicy
from quintain.registry.kept import keep_version, kept_weights
from quintain.registry.promotion import CHAMPION, FORMER, holder, promote, rollback
from quintain.registry.registration import CHALLENGER, read_scorecard, register, students_of, versions
from quintain.registry.weights import Weights, find_weights

NAME = "quintain-student"
POLICY = PromotionPolicy(margin=0.05, most_unread=0.01, replicates=300)


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
    scorecard, judgements = read_scorecard(client, version)
    assert scorecard == entrant.scorecard
    assert judgements == entrant.judgements


def test_a_model_is_found_by_its_metrics(store):
    client, _ = store
    registered = enter(store, candidate())
    experiment = client.get_experiment_by_name("quintain").experiment_id
    found = client.search_logged_models([experiment], filter_string="metrics.`followbench.hsr_mean` > 0.4")
    assert [model.model_id for model in found] == [registered.model_id]
    assert client.search_logged_models([experiment], filter_string="metrics.`followbench.hsr_mean` > 0.6") == []


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
    sampling = {**other.scorecard["sampling"], "temperature": 1.0}
    enter(store, dataclasses.replace(other, scorecard={**other.scorecard, "sampling": sampling}))
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
    assert record["decision"]["outcome"] == "blocked"
    assert (record["over"], record["forced"], record["policy"]["margin"]) == ("1", "the customer insists", 0.05)
    # half passes 50 of 100 items a category, good 15 more: 15 points
    assert record["decision"]["comparison"]["difference"] == pytest.approx(-0.15)
    assert (version.tags["gate.outcome"], version.tags["gate.difference"]) == ("blocked", "-0.1500")
    # One note, though the gate was asked twice; the page above it stays.
    assert version.description.startswith("# worse\n## Gate\n\n**blocked**, over version 1.")
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
    assert (refused.decision.outcome, refused.moved) == ("blocked", False)
    assert title(client, CHAMPION) == "1"
    assert client.get_model_version(NAME, "2").tags["gate.outcome"] == "blocked"
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
