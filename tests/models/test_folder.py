"""One model has one digest, whoever asks."""

import shutil

import pytest

from quintain.datasets.model_ref import model_ref
from quintain.errors import ModelError
from quintain.models import folder
from quintain.models.folder import folder_digest


def test_a_reference_and_a_digest_name_a_model_alike(tiny_student):
    # A registered pointer finds its weights by comparing the two.
    assert folder_digest(tiny_student) == model_ref(tiny_student).digest


def test_what_a_trainer_leaves_beside_the_model_changes_nothing(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    before = folder_digest(tmp_path)
    (tmp_path / "README.md").write_text("a card")
    (tmp_path / "trainer_state.json").write_text("{}")
    (tmp_path / "checkpoint-10").mkdir()
    assert folder_digest(tmp_path) == before
    (tmp_path / "tokenizer.json").write_text("{}")
    assert folder_digest(tmp_path) != before


@pytest.fixture
def hashed(monkeypatch):
    """How often a folder was read to be hashed."""
    begun = []
    former = folder.hashlib.sha256
    monkeypatch.setattr(folder.hashlib, "sha256", lambda *given: begun.append(1) or former(*given))
    return begun


def test_a_folder_is_read_once_until_a_file_of_it_changes(tiny_student, tmp_path, monkeypatch, hashed):
    monkeypatch.setattr(folder, "_SETTLED_SECONDS", -1.0)  # as if the files had lain there for a while
    student = shutil.copytree(tiny_student, tmp_path / "student")
    before = {folder_digest(student) for _ in range(3)}
    assert (len(before), len(hashed)) == (1, 1)
    (student / "model.safetensors").touch()
    assert {folder_digest(student)} == before
    assert len(hashed) == 2
    (student / "chat_template.jinja").write_text("{{ messages }}")
    assert {folder_digest(student)} != before


def test_what_was_written_just_now_is_read_each_time(tmp_path, hashed):
    # Two writes within one tick of the clock leave the same times.
    (tmp_path / "config.json").write_text("{}")
    for _ in range(2):
        folder_digest(tmp_path)
    assert len(hashed) == 2


def test_no_model_is_one_clear_error(tmp_path):
    with pytest.raises(ModelError, match="holds no model: neither config.json nor adapter_config.json"):
        folder_digest(tmp_path)
    with pytest.raises(ModelError, match="does not exist"):
        folder_digest(tmp_path / "nowhere")
