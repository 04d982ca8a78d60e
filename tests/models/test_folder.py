"""One model has one digest, whoever asks."""

import pytest

from quintain.datasets.model_ref import model_ref
from quintain.errors import ModelError
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


def test_no_model_is_one_clear_error(tmp_path):
    with pytest.raises(ModelError, match="holds no model: neither config.json nor adapter_config.json"):
        folder_digest(tmp_path)
    with pytest.raises(ModelError, match="does not exist"):
        folder_digest(tmp_path / "nowhere")
