"""A reference changes exactly when the model does."""

import hashlib

import pytest
from kedro.io import DatasetError

from quintain.datasets import ModelRef, ModelRefDataset
from quintain.datasets.model_ref import model_ref
from quintain.errors import ModelError


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_bytes(b"{}")
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def test_the_digest_is_a_hash_over_names_sizes_and_bytes(folder):
    stream = b"config.json\x002\x00{}" + b"model.safetensors\x007\x00weights"
    # 2 + 7 bytes
    assert ModelRefDataset(filepath=str(folder)).load() == ModelRef(
        path=str(folder), digest=hashlib.sha256(stream).hexdigest(), size_bytes=9
    )


def test_a_copy_elsewhere_has_the_same_digest(folder, tmp_path):
    before = model_ref(folder).digest
    assert model_ref(folder.rename(tmp_path / "moved")).digest == before


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json", "chat_template.jinja"])
def test_any_part_of_the_model_changes_the_digest(folder, name):
    before = model_ref(folder).digest
    (folder / name).write_bytes(b"something else")
    assert model_ref(folder).digest != before


@pytest.mark.parametrize("name", ["README.md", "training_args.bin", "trainer_state.json", "optimizer.pt", ".lock"])
def test_what_is_no_part_of_the_model_does_not(folder, name):
    before = model_ref(folder).digest
    (folder / name).write_bytes(b"something else")
    assert model_ref(folder).digest == before


def test_a_folder_without_a_model_has_no_reference(tmp_path):
    with pytest.raises(ModelError, match="holds no model"):
        model_ref(tmp_path)
    assert not ModelRefDataset(filepath=str(tmp_path)).exists()


def test_a_model_cannot_be_saved_through_its_reference(folder):
    dataset = ModelRefDataset(filepath=str(folder))
    with pytest.raises(DatasetError, match="written through the @hf view of the model"):
        dataset.save(dataset.load())
