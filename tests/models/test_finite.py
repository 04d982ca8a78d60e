"""Weights that are nan or infinite are no model, whoever opens, keeps, adopts or saves them."""

import dataclasses
import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from quintain.datasets import AdoptedModelDataset, ForeignModelDataset, HFModelDataset
from quintain.errors import ModelError
from quintain.models import finite
from quintain.models.finite import is_finite, require_finite
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.training.start_model import open_start

WHY = r"model\.safetensors holds nan or infinity in 1 weights, such as model\.embed_tokens\.weight"


def spoil(folder, value=torch.nan, name="model.embed_tokens.weight", file="model.safetensors"):
    weights = load_file(folder / file)
    weights[name].view(-1)[-1] = value
    save_file(weights, folder / file, metadata={"format": "pt"})


@pytest.fixture
def spoiled(tiny_student, tmp_path):
    folder = tmp_path / "spoiled"
    shutil.copytree(tiny_student, folder)
    spoil(folder)
    return folder


@pytest.mark.parametrize("value", [torch.nan, torch.inf, -torch.inf])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16, torch.float64])
def test_one_number_of_a_tensor_is_enough(value, dtype):
    tensor = torch.ones(3, 5, dtype=dtype)
    assert is_finite(tensor)
    tensor[2, 4] = value
    assert not is_finite(tensor)


def test_the_largest_numbers_of_a_format_and_whole_numbers_are_numbers():
    for dtype in (torch.float16, torch.bfloat16, torch.float32):
        assert is_finite(torch.full((100,), torch.finfo(dtype).max, dtype=dtype))
    assert is_finite(torch.ones(3, dtype=torch.int8))
    assert is_finite(torch.ones(0))
    eight = torch.ones(4, dtype=torch.float8_e4m3fn)
    assert is_finite(eight)
    assert not is_finite(torch.tensor([1.0, torch.nan]).to(torch.float8_e4m3fn))


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_a_folder_with_one_such_number_names_file_and_weight(tiny_student, tmp_path, value):
    shutil.copytree(tiny_student, tmp_path / "student")
    require_finite(tmp_path / "student")
    spoil(tmp_path / "student", value)
    with pytest.raises(ModelError, match=WHY):
        require_finite(tmp_path / "student")


@pytest.mark.parametrize(
    "use",
    [
        lambda folder: LocalModel(folder, Sampling()),
        open_start,
        lambda folder: HFModelDataset(filepath=str(folder)).load(),
        lambda folder: ForeignModelDataset(source=str(folder)).load(),
    ],
    ids=["ask", "train", "load", "foreign"],
)
def test_nobody_opens_it(spoiled, use):
    with pytest.raises(Exception, match=WHY):
        use(spoiled)


def test_an_adapter_is_refused_for_its_own_weights_and_for_its_bases(tiny_student, tmp_path):
    from peft import LoraConfig, get_peft_model

    base, adapter = tmp_path / "base", tmp_path / "adapter"
    shutil.copytree(tiny_student, base)
    model, tokenizer = HFModelDataset(filepath=str(base)).load()
    HFModelDataset(filepath=str(adapter)).save(
        (get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", r=2)), tokenizer)
    )
    LocalModel(adapter, Sampling())
    whole = (adapter / "adapter_model.safetensors").read_bytes()
    spoil(adapter, name=next(iter(load_file(adapter / "adapter_model.safetensors"))), file="adapter_model.safetensors")
    for use in (lambda: LocalModel(adapter, Sampling()), lambda: open_start(adapter)):
        with pytest.raises(ModelError, match=r"adapter_model\.safetensors holds nan"):
            use()
    (adapter / "adapter_model.safetensors").write_bytes(whole)
    (adapter / "base_model.json").unlink()  # as of an adapter from elsewhere, which notes no digest
    config = adapter / "adapter_config.json"
    settings = json.loads(config.read_text()) | {"base_model_name_or_path": str(base)}
    config.write_text(json.dumps(settings))
    spoil(base)
    for use in (lambda: LocalModel(adapter, Sampling()), lambda: open_start(adapter)):
        with pytest.raises(ModelError, match=WHY):
            use()


def test_it_is_not_saved_and_the_former_folder_stays(tiny_student, tmp_path):
    kept = HFModelDataset(filepath=str(tmp_path / "student"))
    model, tokenizer = HFModelDataset(filepath=str(tiny_student)).load()
    kept.save((model, tokenizer))
    former = (tmp_path / "student/model.safetensors").read_bytes()
    with torch.no_grad():
        model.model.norm.weight[0] = torch.inf
    with pytest.raises(Exception, match=r"holds nan or infinity in 1 weights, such as model\.norm\.weight"):
        kept.save((model, tokenizer))
    assert (tmp_path / "student/model.safetensors").read_bytes() == former


def test_it_is_not_adopted(spoiled, tiny_student, tmp_path):
    foreign = ForeignModelDataset(source=str(tiny_student)).load()
    adopted = AdoptedModelDataset(filepath=str(tmp_path / "mine"))
    with pytest.raises(Exception, match=WHY):
        adopted.save(dataclasses.replace(foreign, path=str(spoiled)))
    assert not (tmp_path / "mine").exists()


def test_a_file_that_is_no_safetensors_is_one_clear_error(spoiled):
    (spoiled / "model.safetensors").write_bytes(b"\x00" * 100)
    with pytest.raises(
        ModelError, match=r"model\.safetensors could not be opened as a model's weights: .*dvc checkout"
    ):
        require_finite(spoiled)


def test_every_file_is_read_once_until_it_changes(tiny_student, tmp_path, monkeypatch):
    shutil.copytree(tiny_student, tmp_path / "student")
    read = []
    former = finite._spoiled
    monkeypatch.setattr(finite, "_spoiled", lambda path: read.append(path) or former(path))
    for _ in range(3):
        require_finite(tmp_path / "student")
    assert len(read) == 1
    (tmp_path / "student/model.safetensors").touch()
    require_finite(tmp_path / "student")
    assert len(read) == 2
