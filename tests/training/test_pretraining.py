"""Pre-training from scratch: the arithmetic of its schedule, and a killed run that ends as if it had not been."""

import logging
import math
import os
import random
import re
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from torch.nn.functional import cross_entropy

from quintain.errors import ConfigError
from quintain.training.halves import HalvedBatches
from quintain.training.pretraining import (
    ArchitectureParams,
    PretrainingParams,
    batches,
    learning_rate,
    pretrain,
    small_llama,
    summed_loss,
)
from quintain.training.tokenizer import train_tokenizer

TOKENIZER = train_tokenizer(["the mayor of the town is old " * 3] * 20, [], vocab_size=300, context_tokens=64)
SHAPE = ArchitectureParams(hidden_size=32, layers=2, heads=2, feed_forward=48, context_tokens=64)
PARAMS = PretrainingParams(tokens=8_000, tokens_per_step=200, checkpoint_steps=10)


def texts(count=400):
    rng = random.Random(0)
    return [[1, *(rng.randrange(5, 40) for _ in range(rng.randint(5, 30))), 2] for _ in range(count)]


def state(model):
    return {name: weight.clone() for name, weight in model.state_dict().items()}


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


def test_steps_hold_every_sequence_once_and_keep_the_token_budget():
    lengths = [len(text) for text in texts()]
    steps = batches(lengths, 200, seed=0)
    assert sorted(i for step in steps for i in step) == list(range(400))
    for step in steps:
        assert len(step) == 1 or max(lengths[i] for i in step) * len(step) <= 200


def test_the_learning_rate_warms_up_and_ends_at_its_final_share():
    params = PretrainingParams(learning_rate=1.0, warmup_ratio=0.1, final_share=0.05)
    # 100 steps, 10 of warm-up: 1/10, 2/10, … 10/10; half of the way down a cosine is 0.05 + 0.95 / 2
    assert [learning_rate(step, 100, params) for step in (0, 4, 9)] == pytest.approx([0.1, 0.5, 1.0])
    assert learning_rate(55, 100, params) == pytest.approx(0.05 + 0.95 * 0.5)
    assert learning_rate(99, 100, params) == pytest.approx(0.05, abs=0.01)


def test_the_loss_equals_cross_entropy_over_real_positions_only():
    model = small_llama(SHAPE, TOKENIZER, seed=0)
    rows = [[1, 7, 8, 9, 2], [1, 6, 2]]
    by_hand = []
    for row in rows:
        logits = model(input_ids=torch.tensor([row])).logits[0, :-1]
        by_hand += list(cross_entropy(logits, torch.tensor(row[1:]), reduction="none"))
    assert summed_loss(model, rows, pad_id=0).item() == pytest.approx(sum(by_hand).item(), rel=1e-5)


def test_training_lowers_the_loss_and_reports_its_curve(tmp_path):
    model = small_llama(SHAPE, TOKENIZER, seed=0)
    curve = pretrain(model, texts(), 0, PARAMS, tmp_path)
    assert curve[-1].loss < curve[0].loss
    assert curve[-1].tokens == sum(map(len, texts()))
    assert list(tmp_path.iterdir()) == []


def test_a_training_tells_its_steps_loss_and_speed(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("quintain.progress.LINE_SECONDS", 0.001)
    caplog.set_level(logging.INFO, logger="quintain.progress")
    pretrain(small_llama(SHAPE, TOKENIZER, seed=0), texts(), 0, PARAMS, tmp_path)
    assert re.search(r"pre-training, steps: \d+ of \d+, loss \d+\.\d{3}, [\d,]+ tokens/s, \d+ s left", caplog.text)


def test_a_killed_training_ends_with_the_same_bytes(tmp_path, monkeypatch, caplog):
    whole = small_llama(SHAPE, TOKENIZER, seed=0)
    expected = pretrain(whole, texts(), 0, PARAMS, tmp_path / "whole")

    class Killed(Exception):
        pass

    calls = 0
    real = HalvedBatches.backward

    def dies_at_25(*arguments):
        nonlocal calls
        calls += 1
        if calls == 25:
            raise Killed
        return real(*arguments)

    monkeypatch.setattr(HalvedBatches, "backward", dies_at_25)
    with pytest.raises(Killed):
        pretrain(small_llama(SHAPE, TOKENIZER, seed=0), texts(), 0, PARAMS, tmp_path / "killed")
    monkeypatch.setattr(HalvedBatches, "backward", real)
    resumed = small_llama(SHAPE, TOKENIZER, seed=0)
    with caplog.at_level(logging.INFO):
        curve = pretrain(resumed, texts(), 0, PARAMS, tmp_path / "killed")
    assert "continuing at step 20" in caplog.text
    assert same(state(whole), state(resumed))
    assert [point.step for point in curve] == [point.step for point in expected]
    assert math.isclose(curve[-1].loss, expected[-1].loss)


def test_a_checkpoint_of_another_training_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(HalvedBatches, "backward", _raise_after(12))
    with pytest.raises(KeyboardInterrupt):
        pretrain(small_llama(SHAPE, TOKENIZER, seed=0), texts(), 0, PARAMS, tmp_path)
    with pytest.raises(ConfigError, match="checkpoint of a training with other parameters or data; delete it"):
        pretrain(small_llama(SHAPE, TOKENIZER, seed=0), texts(), 0, replace(PARAMS, learning_rate=1e-3), tmp_path)


def _raise_after(count):
    real, calls = HalvedBatches.backward, []

    def loss(*arguments):
        calls.append(1)
        if len(calls) > count:
            raise KeyboardInterrupt
        return real(*arguments)

    return loss


def test_the_student_opens_where_quintain_is_not_installed(tmp_path):
    small_llama(SHAPE, TOKENIZER, seed=0).save_pretrained(tmp_path)
    TOKENIZER.save_pretrained(tmp_path)
    script = (
        "import sys; sys.modules['quintain'] = None\n"
        "from transformers import AutoModelForCausalLM, AutoTokenizer\n"
        f"model = AutoModelForCausalLM.from_pretrained({str(tmp_path)!r})\n"
        f"tokenizer = AutoTokenizer.from_pretrained({str(tmp_path)!r})\n"
        "ids = tokenizer.apply_chat_template([{'role': 'user', 'content': 'Hi'}], add_generation_prompt=True,"
        " return_tensors='pt', return_dict=False)\n"
        "print(type(model).__name__, model.generate(ids, max_new_tokens=3).shape[0])"
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["LlamaForCausalLM", "1"]


@pytest.mark.parametrize("wrong", [{"tokens": 10}, {"chat_share": 1.5}])
def test_a_parameter_out_of_range_is_named(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        PretrainingParams(**wrong)
