"""Packed rows: nothing is lost, none sees another, and they teach what rows apart teach."""

import dataclasses

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import BloomConfig, BloomForCausalLM

from quintain.errors import ModelError
from quintain.records import InstructionPair
from quintain.training.packing import attention_of_packs, packed, require_apart
from quintain.training.row_rendering import encoder_of_folder
from quintain.training.sft import SftParams, fine_tune
from quintain.training.start_model import open_start
from tests.templates import tokenizer_for

PARAMS = SftParams(steps=4, batch_size=2, learning_rate=1e-2, max_length=120, packing=True)


def pairs(count=24):
    return [
        InstructionPair(
            instruction=f"Tell me about town {i}.", response=f"The mayor of town {i} is kind." * (1 + i % 3),
            kind="distilled",
        )
        for i in range(count)
    ]  # fmt: skip


def collator(**settings):
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    return DataCollatorForLanguageModeling(pad_token_id=0, padding_free=True, **settings)


@given(st.lists(st.integers(1, 20), min_size=1, max_size=30))
def test_every_row_comes_once_and_whole(lengths):
    rows = [
        {"input_ids": [n] * length, "labels": [-100] + [n] * (length - 1), "anchored": False}
        for n, length in enumerate(lengths)
    ]
    found = []
    for sequence in packed(rows, 20):
        assert len(sequence["input_ids"]) == sum(sequence["seq_lengths"]) <= 20
        start = 0
        for length in sequence["seq_lengths"]:
            ids = sequence["input_ids"][start : start + length]
            assert sequence["labels"][start : start + length] == [-100, *ids[1:]]
            found.append((ids[0], length))
            assert ids == [ids[0]] * length
            start += length
    assert sorted(found) == list(enumerate(lengths))


def test_packed_rows_have_the_loss_that_they_have_apart(tiny_student, tmp_path):
    apart = dataclasses.replace(PARAMS, steps=1, warmup_ratio=0.0, packing=False, batch_size=24)
    together = dataclasses.replace(apart, packing=True, batch_size=len(packed(rows_of(tiny_student), 120)))
    ours, theirs = (
        fine_tune(tiny_student, pairs(), params, tmp_path / str(params.packing)) for params in (together, apart)
    )
    assert ours.curve[0]["loss"] == pytest.approx(theirs.curve[0]["loss"], rel=1e-5)
    assert ours.curve[0]["tokens"] == theirs.curve[0]["tokens"]
    weights = dict(theirs.model.named_parameters())
    assert all(weight.allclose(weights[name], atol=1e-4) for name, weight in ours.model.named_parameters())


def rows_of(student):
    from quintain.training.token_rows import as_rows

    return as_rows(encoder_of_folder(student), pairs(), 120).rows


def test_the_held_out_loss_of_packed_rows_is_that_of_rows_apart(tiny_student, tmp_path):
    params = dataclasses.replace(PARAMS, steps=2, checkpoint_steps=1, learning_rate=1e-9, validation_share=0.5)
    ours = fine_tune(tiny_student, pairs(), params, tmp_path / "packed")
    theirs = fine_tune(tiny_student, pairs(), dataclasses.replace(params, packing=False), tmp_path / "apart")
    assert ours.validation[0]["loss"] == pytest.approx(theirs.validation[0]["loss"], rel=1e-5)


def test_packed_training_goes_on_to_learn(tiny_student, tmp_path):
    trained = fine_tune(tiny_student, pairs(), dataclasses.replace(PARAMS, steps=10), tmp_path)
    assert trained.summary["last_loss"] < trained.summary["first_loss"]


@pytest.mark.parametrize("number_format", ["float32", "bfloat16"])
def test_an_attention_that_lets_rows_see_each_other_is_stopped(tiny_student, number_format):
    model = open_start(tiny_student, attn_implementation=attention_of_packs("float32"))[0]
    require_apart(model, collator(), number_format)

    def one_row(rows):  # positions that run on: the mask no longer knows where a row begins
        batch = collator()(rows)
        return batch | {"position_ids": torch.arange(24)[None]}

    with pytest.raises(ModelError, match="packed rows of this model would see each other"):
        require_apart(model, one_row, number_format)


def test_packing_and_a_divergence_row_by_row_are_refused_together():
    with pytest.raises(ValueError, match="packing does not go with kl_weight"):
        dataclasses.replace(PARAMS, kl_weight=1.0)


def test_the_kernel_of_varying_lengths_refuses_a_batch_that_is_not_packed():
    from quintain.training.packing import varlen_attention

    query = torch.zeros(1, 2, 5, 4)
    with pytest.raises(ModelError, match="set packing: false"):
        varlen_attention(torch.nn.Identity(), query, query, query, None)


def test_a_family_without_such_an_attention_is_refused_with_the_setting(tmp_path):
    folder = tmp_path / "model"
    config = BloomConfig(vocab_size=600, hidden_size=32, n_layer=1, n_head=2)
    BloomForCausalLM(config).save_pretrained(folder)
    tokenizer_for("qwen2_5").save_pretrained(folder)
    with pytest.raises(ModelError, match=r"cannot be trained on packed rows: .* \(sdpa\); set packing: false"):
        fine_tune(folder, pairs(), PARAMS, tmp_path / "scratch")


def test_a_model_that_says_itself_that_it_cannot_is_refused_with_the_setting(tiny_student):
    class Unable(torch.nn.Module):
        def __init__(self, model):
            super().__init__()
            self.model, self.get_input_embeddings = model, model.get_input_embeddings

        def forward(self, **_):
            raise ValueError("install a kernel.")

    with pytest.raises(ModelError, match="cannot be trained on packed rows: install a kernel. Or set packing: false"):
        require_apart(Unable(open_start(tiny_student)[0]), collator(), "float32")
