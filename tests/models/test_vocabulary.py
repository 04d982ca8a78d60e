"""Tokens without an embedding are found when a model is opened, and not by a crash in the middle of a run."""

import logging

import pytest
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

from quintain.errors import ModelError
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.records import InstructionPair, Message, Request
from quintain.training.sft import SftParams, fine_tune
from tests.templates import tokenizer_for

ASKED = Request(prompt="p", fields={}, messages=(Message(role="user", content="Who?"),))
PAIRS = [InstructionPair(instruction=f"Tell me {i}.", response="Kind. " * i, kind="distilled") for i in range(1, 5)]
PARAMS = SftParams(steps=1, batch_size=4, learning_rate=1e-2, max_length=100)


@pytest.fixture
def folder(tmp_path):
    """A model with an embedding for every token of its tokenizer."""
    tokenizer = tokenizer_for("qwen2_5")
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=256,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    return tmp_path / "model"


def change(folder, settings):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_special_tokens(settings)
    tokenizer.save_pretrained(folder)
    return tokenizer


def test_a_padding_without_an_embedding_gives_way_to_an_end_token(folder, caplog):
    caplog.set_level(logging.WARNING)
    new = change(folder, {"pad_token": "[PAD]"}).pad_token_id
    (said,) = LocalModel(folder, Sampling(max_new_tokens=2), device="cpu").generate([ASKED])
    assert said.finish_reason in ("stop", "length")
    assert (
        f"'[PAD]', token {new}, has none of the model's {new:,} embeddings; short rows are filled with" in caplog.text
    )
    assert fine_tune(folder, PAIRS, PARAMS, folder.parent / "scratch").summary["rows"] == 4


def test_a_template_that_writes_a_token_without_an_embedding_is_refused(folder):
    new = change(folder, {"additional_special_tokens": ["<|turn|>"]}).convert_tokens_to_ids("<|turn|>")
    template = folder / "chat_template.jinja"
    template.write_text("<|turn|>" + template.read_text())
    message = (
        rf"its chat template writes .*: '<\|turn\|>', token {new}, has none of the model's .*resize_token_embeddings"
    )
    with pytest.raises(ModelError, match=message):
        LocalModel(folder, Sampling())
    with pytest.raises(ModelError, match=message):
        fine_tune(folder, PAIRS, PARAMS, folder.parent / "scratch")


def test_added_tokens_that_nothing_writes_do_no_harm(folder):
    change(folder, {"additional_special_tokens": ["<|unused|>"]})
    (said,) = LocalModel(folder, Sampling(max_new_tokens=2), device="cpu").generate([ASKED])
    assert said.finish_reason in ("stop", "length")
