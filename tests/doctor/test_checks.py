"""Checks that cost nothing: all that a run lacks, known before its first node, without a model opened or asked."""

import json
import shutil
import sys

import pytest
import yaml

from quintain.cli.new import lay_out
from quintain.doctor.checks import CHECKS, troubles_before
from quintain.doctor.others_students import claim_students, spared_students
from quintain.doctor.plan import read_plan
from quintain.doctor.roles import Asked, asked
from quintain.doctor.trainings import trainings

TREE = {
    "students": {
        "mine": {"start": "student"},
        "tuned": {"from": "mine", "by": "finetuning", "on": "given", "with": {"finetuning.sft.lora": {"r": 4}}},
        "firm": {"from": "tuned", "by": "preference", "on": "given"},
        "gentle": {
            "from": "mine", "by": "preference", "on": "given",
            "with": {"preference.training.beta": 0.3, "preference.pairs.pairs": "unbridged"},
        },
    },
    "benchmarks": [],
}  # fmt: skip


def faults_before(plan):
    return [each for each in troubles_before(plan) if each.grade == "fault"]


@pytest.fixture
def model(tmp_path):
    """What can be seen of a model without opening it: a mebibyte of weights in half precision."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"dtype": "bfloat16"}))
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": "{{ messages }}"}))
    (folder / "model.safetensors").write_bytes(bytes(1 << 20))
    return folder


@pytest.fixture
def project(tmp_path, model, monkeypatch):
    root = tmp_path / "project"
    lay_out(root)
    monkeypatch.chdir(root)
    write(root, "lifecycle.yml", TREE)
    write(root, "globals.yml", {"student": {"source": str(model), "revision": ""}})
    (root / "recorded.sqlite").touch()
    recorded = {"backend": "replay", "address": "recorded.sqlite", "model": "m"}
    write(root, "parameters_roles.yml", {"roles": {"bindings": {"bridger": recorded, "judge": dict(recorded)}}})
    given = root / "data/01_raw/given"
    given.mkdir()
    (given / "pairs.jsonl").touch()
    (given / "preferences.jsonl").touch()
    return root


def write(root, name, document):
    (root / "conf/smoke" / name).write_text(yaml.safe_dump(document, sort_keys=False))


def test_a_whole_project_lacks_nothing_and_no_library_of_models_was_loaded(project):
    former = set(sys.modules)
    assert faults_before(read_plan(project, "smoke")) == []
    assert not {"transformers", "trl", "peft"} & (set(sys.modules) - former)


def test_everything_that_is_missing_is_found_with_the_line_that_names_it(project, model):
    (model / "tokenizer_config.json").unlink()
    (project / "data/01_raw/given/preferences.jsonl").unlink()
    lost = {"backend": "replay", "address": "no.sqlite", "model": "m"}
    write(project, "parameters_roles.yml", {"roles": {"bindings": {"bridger": None, "judge": lost}}})
    lines = [each.line for each in faults_before(read_plan(project, "smoke"))]
    assert len(lines) == 4
    for beginning, said in (
        ("conf/base/globals.yml:", "given_preferences: data/01_raw/given/preferences.jsonl does not exist"),
        ("conf/smoke/globals.yml:2", "has no chat template"),
        ("conf/smoke/parameters_roles.yml:3", "bridger: no model is bound to this role"),
        ("conf/smoke/parameters_roles.yml:6", "judge: no.sqlite does not exist"),
    ):
        assert any(line.startswith(beginning) and said in line for line in lines), lines


@pytest.mark.parametrize(
    ("source", "revision", "said"),
    [
        ("", "", "no model is named"),
        ("models/none", "", "pinned to no revision"),
        ("./models/none", "", "is no folder here"),
        ("owner/name", "main", "pinned to no revision, got 'main'"),
    ],
)
def test_a_source_that_cannot_be_had_is_told_from_its_name_alone(project, source, revision, said):
    write(project, "globals.yml", {"student": {"source": source, "revision": revision}})
    (fault,) = faults_before(read_plan(project, "smoke"))
    assert said in fault.said
    assert fault.place.startswith("conf/smoke/globals.yml:")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (None, "data/01_raw/mine does not exist"),
        ([], "holds nothing that pages are read from"),
        (["a.pdf", "deep/b.docx"], "holds nothing that pages are read from"),
        (["a.pdf", "deep/b.txt"], None),
    ],
)
def test_pages_that_nobody_could_read_are_a_fault_with_the_setting_that_names_them(project, model, files, said):
    write(project, "lifecycle.yml", {"students": {}, "benchmarks": [], "data": ["synthesis"]})
    student = {"source": str(model), "revision": ""}
    write(project, "globals.yml", {"student": student, "pages": "data/01_raw/mine"})
    for name in files or []:
        (project / "data/01_raw/mine" / name).parent.mkdir(parents=True, exist_ok=True)
        (project / "data/01_raw/mine" / name).touch()
    if files == []:
        (project / "data/01_raw/mine").mkdir()
    found = [each.line for each in faults_before(read_plan(project, "smoke")) if each.subject == "given_pages"]
    assert len(found) == (said is not None)
    for line in found:
        assert line.startswith("conf/smoke/globals.yml:")
        assert said in line


def test_a_model_of_the_hub_at_a_revision_is_fetched_by_no_free_check(project):
    write(project, "globals.yml", {"student": {"source": "owner/name", "revision": "0" * 40}})
    assert faults_before(read_plan(project, "smoke")) == []


def test_trainings_are_found_with_their_own_settings_and_the_adapter_that_they_go_on_with(project):
    found = {each.student.name: each for each in trainings(read_plan(project, "smoke"))}
    assert list(found) == ["tuned", "firm", "gentle"]
    assert found["tuned"].group == "students.tuned.finetuning.sft"
    assert found["tuned"].data == "given_pairs"
    assert found["tuned"].params.lora == {"r": 4}
    assert found["firm"].params.lora == {"r": 4}  # its start is the adapter of `tuned`
    assert found["gentle"].params.lora == {}
    assert found["gentle"].params.beta == 0.3
    assert {each.start.name for each in found.values()} == {"mine"}


def test_roles_are_those_that_the_settings_of_each_student_ask(project):
    plan = read_plan(project, "smoke")
    # `firm` is bridged, by the bridger, and compared, by the judge; `gentle` asks nobody.
    assert asked(plan) == [Asked("roles", "bridger"), Asked("roles", "judge")]


def test_the_place_of_a_students_own_setting_is_in_the_lifecycle_and_of_another_in_the_parameters(project):
    plan = read_plan(project, "smoke")
    own = plan.place("parameters", "students", "tuned", "finetuning", "sft", "lora")
    assert own.startswith("conf/smoke/lifecycle.yml:")
    shared = plan.place("parameters", "students", "tuned", "finetuning", "sft", "steps")
    assert shared.startswith("conf/smoke/parameters_finetuning.yml:")


def test_a_disk_without_room_for_students_and_checkpoints_is_a_fault(project, monkeypatch):
    # Three students of 2 MiB in single precision (the adapters a twentieth each) and two checkpoints of one with its
    # moments, 12 MiB: some 17 MiB, and a GiB for all else
    usage = shutil.disk_usage(project)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=(1 << 30) + (10 << 20)))
    (fault,) = faults_before(read_plan(project, "smoke"))
    assert fault.subject == "disk"
    assert "about 1.0 GiB needed" in fault.said
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=(1 << 30) + (20 << 20)))
    assert faults_before(read_plan(project, "smoke")) == []


def test_free_checks_come_first():
    free = [check.is_free for check in CHECKS]
    assert free == sorted(free, reverse=True)


def test_students_of_the_versioned_environment_are_not_written_over_by_another(tmp_path, monkeypatch):
    root = tmp_path / "versioned"
    lay_out(root)
    monkeypatch.chdir(root)
    (root / "conf/mine").mkdir()

    def faults(environment):
        (check,) = [each for each in CHECKS if each.title == "Others' students"]
        return [each for each in check.look(read_plan(root, environment)) if each.grade == "fault"]

    assert faults("mine") == []  # nothing is there yet
    kept = root / "data/06_models/webr"
    kept.mkdir()
    (kept / "config.json").write_text("{}")
    (kept / "model.safetensors").touch()
    (fault,) = faults("mine")
    assert "data holds webr of the environment base, and this run would write over it" in fault.line
    assert "add `data: data/mine` to conf/mine/globals.yml" in fault.line
    assert faults("base") == faults("smoke") == []
    (root / "conf/mine/globals.yml").write_text("data: data/mine\n")
    assert faults("mine") == []


def test_students_belong_to_the_environment_that_made_the_first_of_them(tmp_path, monkeypatch):
    root = tmp_path / "versioned"
    lay_out(root)
    monkeypatch.chdir(root)
    for name in ("mine", "yours"):
        (root / "conf" / name).mkdir()

    def faults(environment):
        return [each.said for each in spared_students(read_plan(root, environment)) if each.grade == "fault"]

    claim_students(read_plan(root, "mine"))
    kept = root / "data/06_models/webr"
    kept.mkdir()
    (kept / "config.json").write_text("{}")
    (kept / "model.safetensors").touch()
    claim_students(read_plan(root, "yours"))  # too late
    assert faults("mine") == []
    assert [said.partition(",")[0] for said in faults("yours")] == ["data holds webr of the environment mine"]
    assert faults("base") == ["data holds webr of the environment mine, and this run would write over it"]
