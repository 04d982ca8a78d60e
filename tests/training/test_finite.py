"""A training that loses its numbers stops with the step, the setting and the last good checkpoint."""

import dataclasses
import math

import pytest
import torch

from quintain.errors import ModelError
from quintain.records import InstructionPair
from quintain.training import finite_guard
from quintain.training.finite import likely_cause
from quintain.training.preference.params import PreferenceParams
from quintain.training.pretraining import ArchitectureParams, PretrainingParams, pretrain, small_llama
from quintain.training.sft import SftParams, fine_tune
from quintain.training.tokenizer import train_tokenizer

PAIRS = [
    InstructionPair(
        instruction=f"Tell me about town {i}.", response=f"The mayor of town {i} is kind.", kind="distilled"
    )
    for i in range(12)
]
SFT = SftParams(steps=6, batch_size=4, learning_rate=1e-2, max_length=128, checkpoint_steps=2)
PREFERENCE = PreferenceParams(steps=2, batch_size=2, learning_rate=1e-3)
PRETRAINING = PretrainingParams(tokens=2_000, tokens_per_step=200, checkpoint_steps=3)


@pytest.mark.parametrize("lora", [{}, {"r": 2, "target_modules": "all-linear"}])
@pytest.mark.parametrize("changed", [{"learning_rate": 1e30}, {"weight_decay": 1e30}])
def test_fine_tuning_stops_and_names_the_setting_that_did_it(tiny_student, tmp_path, changed, lora):
    ((name, value),) = changed.items()
    params = dataclasses.replace(SFT, lora=lora, **changed)
    with pytest.raises(ModelError) as stopped:
        fine_tune(tiny_student, PAIRS, params, tmp_path, setting="distillation.imitation")
    told = str(stopped.value)
    assert told.startswith("the training lost its numbers: ")
    assert f"Most likely distillation.imitation.{name} is too large ({value}); lower it" in told
    assert "nothing was saved" in told


def test_the_last_good_checkpoint_is_named_and_holds_numbers(tiny_student, tmp_path, monkeypatch):
    from safetensors.torch import load_file

    # From the third step on, as a batch in a half-precision format would do.
    former = finite_guard.FiniteLoss.training_step

    def spoiled(trainer, *arguments, **named):
        if trainer.state.global_step == 2:
            with torch.no_grad():
                next(iter(trainer.model.parameters())).fill_(math.nan)
        return former(trainer, *arguments, **named)

    monkeypatch.setattr(finite_guard.FiniteLoss, "training_step", spoiled)
    with pytest.raises(ModelError, match=r"the loss is nan at step 3\. .*good checkpoint is .*checkpoint-2; nothing"):
        fine_tune(tiny_student, PAIRS, SFT, tmp_path)
    (kept,) = tmp_path.glob("*/checkpoint-*/model.safetensors")
    assert all(weight.isfinite().all() for weight in load_file(kept).values())


def test_the_last_step_is_looked_at_too(tiny_student, tmp_path):
    # One step: the loss before it is a number, the weights after it are none.
    params = dataclasses.replace(SFT, steps=1, learning_rate=1e38, weight_decay=1e3)
    with pytest.raises(ModelError, match="holds nan or infinity at step 1"):
        fine_tune(tiny_student, PAIRS, params, tmp_path)


@pytest.fixture(scope="module")
def untrained():
    tokenizer = train_tokenizer(["the mayor of the town is old " * 3] * 20, [], vocab_size=300, context_tokens=64)
    shape = ArchitectureParams(hidden_size=16, layers=1, heads=2, feed_forward=16, context_tokens=64)
    return lambda: small_llama(shape, tokenizer, seed=0)


TEXTS = [[1, *range(5, 25), 2]] * 100


@pytest.mark.parametrize("changed", [{"learning_rate": 1e30}, {"weight_decay": 1e30}])
def test_pretraining_stops_too(untrained, tmp_path, changed):
    (name,) = changed
    params = dataclasses.replace(PRETRAINING, warmup_ratio=0.0, **changed)
    with pytest.raises(ModelError, match=rf"at step \d+\. Most likely world\.pretraining\.{name} is too large"):
        pretrain(untrained(), TEXTS, 0, params, tmp_path)


def test_pretraining_names_the_checkpoint_that_it_has(untrained, tmp_path):
    model = untrained()
    forward, calls = model.model.forward, []

    def spoiled(*arguments, **named):
        calls.append(1)
        found = forward(*arguments, **named)
        if len(calls) == 9:  # the first half of the fifth batch
            found.last_hidden_state.data.fill_(math.inf)
        return found

    model.model.forward = spoiled
    with pytest.raises(ModelError, match=r"the loss is nan at step 5\. .*good checkpoint is .*pretraining\.pt"):
        pretrain(model, TEXTS, 0, PRETRAINING, tmp_path)
    kept = torch.load(tmp_path / "pretraining.pt", weights_only=True)
    assert kept["step"] == 3
    assert all(weight.isfinite().all() for weight in kept["model"].values())


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    ("params", "name"),
    [
        *((SFT, name) for name in ("learning_rate", "weight_decay", "max_grad_norm", "warmup_ratio", "kl_weight")),
        *((PREFERENCE, name) for name in ("learning_rate", "beta", "alpha", "gamma", "delta")),
        *((PRETRAINING, name) for name in
          ("learning_rate", "weight_decay", "max_grad_norm", "warmup_ratio", "final_share", "chat_share")),
    ],
)  # fmt: skip
def test_settings_that_are_no_numbers_are_refused_where_they_are_read(params, name, value):
    with pytest.raises(ValueError, match=name):
        dataclasses.replace(params, **{name: value})


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_so_are_those_of_an_adapter(value):
    with pytest.raises(ValueError, match=r"lora\.lora_alpha must be a whole number, got"):
        dataclasses.replace(SFT, lora={"r": 2, "lora_alpha": value})


def test_the_cause_is_the_setting_furthest_above_what_is_usual():
    assert likely_cause({"learning_rate": 0.1, "lora": {"lora_alpha": 1e9}}) == ("lora.lora_alpha", 1e9)
    assert likely_cause({"learning_rate": 0.1, "delta": None, "beta": 1e4}) == ("beta", 1e4)
