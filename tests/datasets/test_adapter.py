"""An adapter is saved alone, tied to its base model by digest."""

import json
import shutil

import pytest
import torch
from kedro.io import DatasetError

from quintain.datasets import HFModelDataset
from quintain.datasets.model_ref import model_ref

# peft asks transformers for a property under its former name.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


@pytest.fixture
def models(tmp_path, tiny_pair, monkeypatch):
    """A folder with a base model, and an adapter on it whose every weight is 0.1."""
    from peft import LoraConfig, get_peft_model

    monkeypatch.chdir(tmp_path)  # Kedro runs from the project's root
    base = HFModelDataset(filepath=str(tmp_path / "models" / "base"))
    base.save(tiny_pair)
    model, tokenizer = base.load()
    adapted = get_peft_model(model, LoraConfig(r=2, target_modules=["q_proj"], task_type="CAUSAL_LM"))
    with torch.no_grad():
        for name, weights in adapted.named_parameters():
            if "lora_" in name:
                weights.fill_(0.1)
    HFModelDataset(filepath=str(tmp_path / "models" / "webr")).save((adapted, tokenizer))
    return tmp_path / "models"


def logits(model):
    with torch.no_grad():
        return model(torch.tensor([[2, 3, 2]])).logits


def test_the_loaded_pair_is_base_and_adapter(models, tiny_pair):
    model, tokenizer = HFModelDataset(filepath=str(models / "webr")).load()
    assert tokenizer("ship")["input_ids"] == [3]
    # Weight of the query: W + (alpha / r) B A, with alpha = 8 and r = 2. Every entry of B A is 2 * 0.1 * 0.1 = 0.02,
    # times 4 is 0.08.
    merged = model.merge_and_unload().model.layers[0].self_attn.q_proj.weight
    assert torch.allclose(merged, tiny_pair[0].model.layers[0].self_attn.q_proj.weight + 0.08, atol=1e-6)


def test_only_the_adapter_is_stored(models):
    stored = sorted(path.name for path in (models / "webr").iterdir())
    assert stored == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "base_model.json",
        "tokenizer.json",
        "tokenizer_config.json",
    ]


def test_no_absolute_path_is_stored(models):
    for path in (models / "webr").glob("*.json"):
        assert str(models) not in path.read_text(encoding="utf-8"), path.name


def test_the_pair_of_folders_can_move(models, tmp_path):
    before = logits(HFModelDataset(filepath=str(models / "webr")).load()[0])
    models.rename(tmp_path / "elsewhere")
    assert torch.equal(logits(HFModelDataset(filepath=str(tmp_path / "elsewhere" / "webr")).load()[0]), before)


def test_the_note_names_the_digest_of_the_base(models):
    note = json.loads((models / "webr" / "base_model.json").read_text())
    assert note == {"path": "../base", "digest": model_ref(models / "base").digest}


def test_another_base_is_refused(models):
    config = models / "base" / "config.json"
    config.write_text(config.read_text().replace("1e-06", "1e-05"))
    with pytest.raises(
        DatasetError, match=r"webr is an adapter for a base model with digest \w{12}, but .*base has \w{12}"
    ):
        HFModelDataset(filepath=str(models / "webr")).load()


def test_a_missing_base_is_named(models):
    shutil.rmtree(models / "base")
    with pytest.raises(DatasetError, match="models/base does not exist"):
        HFModelDataset(filepath=str(models / "webr")).load()


def test_an_adapter_from_elsewhere_is_put_on_the_model_that_peft_names(models):
    (models / "webr" / "base_model.json").unlink()
    settings = models / "webr" / "adapter_config.json"
    named = json.loads(settings.read_text()) | {"base_model_name_or_path": str(models / "base")}
    settings.write_text(json.dumps(named))
    assert HFModelDataset(filepath=str(models / "webr")).load()[0].peft_config
    settings.write_text(json.dumps(named | {"base_model_name_or_path": "owner/elsewhere"}))
    with pytest.raises(DatasetError, match="is an adapter for the model owner/elsewhere, which is no folder here"):
        HFModelDataset(filepath=str(models / "webr")).load()


def test_an_adapter_on_a_model_made_in_memory_is_refused(tmp_path, tiny_pair):
    from copy import deepcopy

    from peft import LoraConfig, get_peft_model

    adapted = get_peft_model(deepcopy(tiny_pair[0]), LoraConfig(r=2, target_modules=["q_proj"]))
    with pytest.raises(
        DatasetError, match=r"base model \(made in memory\) is no model folder; save it through its `@hf`"
    ):
        HFModelDataset(filepath=str(tmp_path / "webr")).save((adapted, tiny_pair[1]))
    assert list(tmp_path.iterdir()) == []
