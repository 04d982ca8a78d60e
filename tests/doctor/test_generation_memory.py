"""Memory of models that a run asks in its own process, told before the run takes it."""

import pytest
import yaml

from quintain.available_memory import AvailableMemory
from quintain.cli.new import lay_out
from quintain.doctor import model_room
from quintain.doctor.generation_memory import generation_memory
from quintain.doctor.plan import read_plan

STUDENT = {"backend": "local", "dtype": "float32", "device": "cpu"}
TREE = {"students": {"mine": {"start": "student"}}, "benchmarks": ["almanac"]}


@pytest.fixture
def project(tmp_path, tiny_student, monkeypatch):
    root = tmp_path / "project"
    lay_out(root)
    monkeypatch.chdir(root)
    write(root, "lifecycle.yml", TREE)
    write(root, "globals.yml", {"student": {"source": str(tiny_student), "revision": ""}})
    return root


def write(root, name, document):
    (root / "conf/smoke" / name).write_text(yaml.safe_dump(document, sort_keys=False))


def found(root, left_bytes, monkeypatch, **binding):
    monkeypatch.setattr(model_room, "available_memory", lambda: AvailableMemory(left_bytes, "this machine"))
    write(root, "parameters_roles.yml", {"roles": {"bindings": {"student": STUDENT | binding}}})
    return list(generation_memory(read_plan(root, "smoke")))


def test_a_model_that_fits_is_good_and_its_numbers_are_shown(project, monkeypatch):
    (student,) = found(project, 1 << 34, monkeypatch)
    assert student.grade == "good"
    # 32,768 tokens x 2 (keys, values) x 2 layers x 32 wide x 4 bytes
    assert "keys and values of 32,768 tokens (batch_tokens) up to 16 MiB, in float32" in student.line


def test_the_batch_that_fits_is_proposed_with_the_line_that_sets_it(project, monkeypatch):
    (student,) = found(project, 10 << 20, monkeypatch, batch_tokens=30_000)
    assert student.grade == "warning"
    assert "10 MiB of memory left (this machine)" in student.line
    assert "set batch_tokens to 17408" in student.line
    assert "conf/smoke/parameters_roles.yml:" in student.line
    (again,) = found(project, 10 << 20, monkeypatch, batch_tokens=17_408)
    assert again.grade == "good"


def test_a_model_whose_weights_do_not_fit_needs_another_machine(project, monkeypatch):
    (student,) = found(project, 1 << 10, monkeypatch)
    assert "give it more memory, or bind the role to a server that has it" in student.line


def test_models_elsewhere_take_no_memory_here(project, monkeypatch):
    server = {"backend": "openai", "address": "http://127.0.0.1:9/v1", "model": "m"}
    monkeypatch.setattr("tests.doctor.test_generation_memory.STUDENT", {})
    assert found(project, 1 << 10, monkeypatch, **server) == []
