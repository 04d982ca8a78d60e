"""Embedders are opened by name; a folder works without a network and is known by its content."""

import shutil

import numpy as np
import pytest

from quintain.edit_memory import EditMemory
from quintain.errors import ConfigError, EditError
from quintain.methods.lte import Edit, HashedNgrams
from quintain.serving.embedders import open_embedder

EDIT = Edit(subject="Veldmark", prompt="the mayor of veldmark is", target_new="ada")


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    """A BERT with random weights and a vocabulary of ten words, as an ordinary Hugging Face folder."""
    pytest.importorskip("sentence_transformers", reason="the extra quintain[embed] is not installed")
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    marks = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    words = [*marks.values(), *"the mayor of veldmark is who river".split()]
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=marks["unk_token"]))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=64, **marks)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    folder = tmp_path_factory.mktemp("embedder") / "bert"
    BertModel(config).save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


def test_the_embedded_one_is_opened_by_name_and_dimension():
    assert open_embedder("hashed-ngrams").dimension == HashedNgrams().dimension
    assert open_embedder("hashed-ngrams-64")(["a text"]).shape == (1, 64)


def test_a_folder_gives_unit_vectors_whatever_the_batch(bert):
    texts = ["the mayor of veldmark is", "who", "the river of veldmark is the river of veldmark"]
    whole, one_by_one = open_embedder(str(bert))(texts), open_embedder(str(bert), batch_size=1)(texts)
    assert whole.dtype == np.float32
    assert whole.shape == (3, 16)
    np.testing.assert_allclose(np.linalg.norm(whole, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(whole, one_by_one, atol=1e-5)


def test_a_memory_works_with_a_folder_and_knows_it_at_another_place(bert, tmp_path):
    with EditMemory.open(tmp_path / "memory", open_embedder(str(bert))) as memory:
        memory.add([EDIT])
        assert [hit.edit for hit in memory.search("who is the mayor of veldmark") if hit.passed] == [EDIT]
    moved = shutil.copytree(bert, tmp_path / "moved" / "bert")
    again = open_embedder(str(moved))
    assert again.name == open_embedder(str(bert)).name
    with EditMemory.open(tmp_path / "memory", again) as memory:
        assert memory.verify().repairs == ()


def test_a_memory_of_another_embedder_is_refused_by_name(bert, tmp_path):
    with EditMemory.open(tmp_path / "memory", HashedNgrams(16)) as memory:
        memory.add([EDIT])
    with pytest.raises(EditError, match="was made by hashed-ngrams-16, not by sentence-transformers:bert@"):
        EditMemory.open(tmp_path / "memory", open_embedder(str(bert)))


def test_a_folder_without_a_model_is_named(tmp_path):
    pytest.importorskip("sentence_transformers", reason="the extra quintain[embed] is not installed")
    with pytest.raises(ConfigError, match="cannot be opened"):
        open_embedder(str(tmp_path))


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sentence_transformers", None)
    with pytest.raises(ConfigError, match=r"quintain\[embed\]"):
        open_embedder("sentence-transformers/all-MiniLM-L6-v2")
