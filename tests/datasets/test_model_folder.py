"""A model folder is whole, opens without a network, and survives a failed save."""

import pytest
import torch
from kedro.io import DatasetError

from quintain.datasets import HFModelDataset
from quintain.datasets.model_ref import model_ref

PAD = "<pad>"


@pytest.fixture
def dataset(tmp_path, tiny_pair):
    dataset = HFModelDataset(filepath=str(tmp_path / "models" / "base"))
    dataset.save(tiny_pair)
    return dataset


def test_the_loaded_model_computes_what_the_saved_one_does(dataset, tiny_pair):
    model, tokenizer = dataset.load()
    tokens = tokenizer("ship harbour", return_tensors="pt")["input_ids"]
    assert tokens.tolist() == [[3, 2]]
    with torch.no_grad():
        assert torch.equal(model(tokens).logits, tiny_pair[0](tokens).logits)


def test_transformers_opens_the_folder_without_us(dataset, tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = tmp_path / "models" / "base"
    assert AutoModelForCausalLM.from_pretrained(folder).config.vocab_size == 4
    assert AutoTokenizer.from_pretrained(folder).pad_token == PAD
    assert (folder / "model.safetensors").is_file()


def test_a_save_replaces_the_whole_folder(dataset, tmp_path, tiny_pair):
    stale = tmp_path / "models" / "base" / "stale.safetensors"
    stale.write_bytes(b"of a former model")
    dataset.save(tiny_pair)
    assert not stale.exists()
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["base"]


def test_a_save_does_not_write_through_hard_links(dataset, tmp_path, tiny_pair):
    # A DVC cache of type hardlink shares its files with the workspace.
    cached = tmp_path / "cached"
    cached.hardlink_to(tmp_path / "models" / "base" / "config.json")
    before = cached.read_bytes()
    dataset.save((_other_model(), tiny_pair[1]))
    assert cached.read_bytes() == before
    assert (tmp_path / "models" / "base" / "config.json").read_bytes() != before


def _other_model():
    from transformers import LlamaConfig, LlamaForCausalLM

    return LlamaForCausalLM(
        LlamaConfig(vocab_size=4, hidden_size=32, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2)
    )


def test_a_full_disk_leaves_the_former_model(dataset, tmp_path, tiny_pair, full_disk):
    before = model_ref(tmp_path / "models" / "base")
    with full_disk(3_000), pytest.raises(DatasetError, match=r"models/base could not be written: .*File too large"):
        dataset.save((_other_model(), tiny_pair[1]))
    assert model_ref(tmp_path / "models" / "base") == before
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["base"]


class Unwritable:
    """A tokenizer whose save fails after the model's has succeeded."""

    def save_pretrained(self, folder):
        raise RuntimeError("no vocabulary")


def test_half_a_pair_is_not_kept(dataset, tmp_path):
    before = model_ref(tmp_path / "models" / "base")
    with pytest.raises(DatasetError, match="no vocabulary"):
        dataset.save((_other_model(), Unwritable()))
    assert model_ref(tmp_path / "models" / "base") == before
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["base"]


def test_a_folder_without_a_model_says_so(tmp_path):
    (tmp_path / "empty").mkdir()
    dataset = HFModelDataset(filepath=str(tmp_path / "empty"))
    assert not dataset.exists()
    with pytest.raises(DatasetError, match=r"empty holds no model: neither config\.json nor adapter_config\.json"):
        dataset.load()


def test_a_missing_folder_is_not_looked_up_on_the_hub(tmp_path):
    with pytest.raises(DatasetError, match=r"missing does not exist: .*run the pipeline that trains it"):
        HFModelDataset(filepath=str(tmp_path / "missing")).load()
