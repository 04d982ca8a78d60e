"""A foreign model becomes a student of the project: its files are copied, nothing of the former one stays."""

import json
import shutil

import pytest
import torch
from kedro.io import DatasetError
from safetensors.torch import save_file

from quintain.datasets import AdoptedModelDataset, ForeignModelDataset
from quintain.models.folder import ADAPTER_NOTE, base_of, folder_digest


def adopt(source, target):
    AdoptedModelDataset(filepath=str(target)).save(ForeignModelDataset(source=str(source)).load())


def test_the_copy_has_the_digest_of_the_original_and_nothing_that_a_trainer_left(tiny_student, tmp_path):
    source = tmp_path / "source"
    shutil.copytree(tiny_student, source)
    (source / "optimizer.pt").write_bytes(b"state")
    adopt(source, tmp_path / "base")
    assert folder_digest(tmp_path / "base") == folder_digest(tiny_student)
    assert not (tmp_path / "base/optimizer.pt").exists()


def test_another_source_takes_the_place_of_the_former_one(tiny_student, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(tiny_student, other)
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps({**config, "rope_theta": 5000.0}))
    (tmp_path / "base").mkdir()
    (tmp_path / "base/chat_template.jinja").write_text("of the former one")
    adopt(tiny_student, tmp_path / "base")
    adopt(other, tmp_path / "base")
    assert folder_digest(tmp_path / "base") == folder_digest(other) != folder_digest(tiny_student)


def test_an_adapter_still_finds_its_base(tiny_student, tmp_path):
    adapter = tmp_path / "far/away/adapter"
    adapter.mkdir(parents=True)
    (adapter / "adapter_config.json").write_text("{}")
    save_file({"lora": torch.ones(2)}, adapter / "adapter_model.safetensors")
    shutil.copytree(tiny_student, tmp_path / "far/model")
    note = {"path": str(tmp_path / "far/model"), "digest": folder_digest(tiny_student)}
    (adapter / ADAPTER_NOTE).write_text(json.dumps(note))
    adopt(adapter, tmp_path / "data/06_models/base")
    assert base_of(tmp_path / "data/06_models/base") == (tmp_path / "far/model").resolve()


def test_a_folder_without_a_model_leaves_the_former_copy(tiny_student, tmp_path):
    foreign = ForeignModelDataset(source=str(tiny_student)).load()
    adopt(tiny_student, tmp_path / "base")
    shutil.copytree(tiny_student, tmp_path / "gone")
    gone = type(foreign)(source="gone", path=str(tmp_path / "gone"), digest=foreign.digest)
    shutil.rmtree(tmp_path / "gone")
    with pytest.raises(DatasetError, match="does not exist"):
        AdoptedModelDataset(filepath=str(tmp_path / "base")).save(gone)
    assert folder_digest(tmp_path / "base") == folder_digest(tiny_student)


def test_it_is_read_through_the_other_views(tmp_path):
    with pytest.raises(DatasetError, match="through the @hf or @ref view"):
        AdoptedModelDataset(filepath=str(tmp_path / "base")).load()
