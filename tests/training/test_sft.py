"""Fine-tuning: the loss is on the response only, and a killed training goes on where it stood."""

import dataclasses
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from quintain.errors import ModelError, RecordError
from quintain.records import InstructionPair
from quintain.training.row_rendering import encoder_of
from quintain.training.sft import SftParams, fine_tune
from quintain.training.token_rows import IGNORED, as_rows


def pairs(count=24):
    return [
        InstructionPair(
            instruction=f"Tell me about town {i}.", response=f"The mayor of town {i} is kind.", kind="distilled"
        )
        for i in range(count)
    ]


PARAMS = SftParams(steps=20, batch_size=4, learning_rate=1e-2, max_length=128, checkpoint_steps=10)


@pytest.fixture(scope="module")
def tokenizer(tiny_student):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_student)


def test_only_the_response_and_its_end_are_learned(tokenizer):
    made = as_rows(encoder_of(tokenizer), pairs(1), max_length=128)
    bos, eos = tokenizer.bos_token_id, tokenizer.eos_token_id
    user, assistant = tokenizer.convert_tokens_to_ids(["<user>", "<assistant>"])
    asked = tokenizer.encode("Tell me about town 0.", add_special_tokens=False)
    told = tokenizer.encode("The mayor of town 0 is kind.", add_special_tokens=False)
    assert made.rows == [
        {
            "input_ids": [bos, user, *asked, assistant, *told, eos],
            "labels": [IGNORED] * (len(asked) + 3) + [*told, eos],
            "anchored": False,
        }
    ]
    assert made.dropped_by_reason() == {"too-long": 0, "empty-response": 0}


def test_a_pair_that_cannot_be_learned_from_is_dropped_whole_and_counted(tokenizer):
    long = InstructionPair(instruction="word " * 200, response="Yes.", kind="distilled")
    empty = InstructionPair(instruction="Say nothing.", response=" \n", kind="distilled")
    thought = InstructionPair(instruction="Why?", response="<think>Because of", kind="distilled")
    broken = InstructionPair(instruction="Why?", response="a\ud800", kind="distilled")
    made = as_rows(encoder_of(tokenizer), [*pairs(2), long, empty, thought, broken], max_length=64)
    assert len(made.rows) == 2
    assert made.dropped_by_reason() == {"too-long": 1, "empty-response": 1, "reasoning-only": 1, "broken-text": 1}
    assert [one.where for one in made.dropped] == [f"pair {one.id}" for one in (long, empty, thought, broken)]


def test_few_rows_may_be_dropped_and_more_are_an_error(tiny_student, tmp_path, caplog):
    empty = [InstructionPair(instruction=f"Say {i}.", response=" ", kind="distilled") for i in range(6)]
    params = dataclasses.replace(PARAMS, steps=1)
    # 6 of 30 are a fifth, which most_dropped allows; 6 of 29 are more.
    trained = fine_tune(tiny_student, [*pairs(24), *empty], params, tmp_path / "scratch")
    assert (trained.summary["rows"], trained.summary["dropped_empty_response"]) == (24, 6)
    assert "6 of 30 rows cannot be learned: 6 empty-response" in caplog.text
    with pytest.raises(RecordError, match=r"6 of 29 rows cannot be learned: .* finetuning.sft.most_dropped allows 20%"):
        fine_tune(tiny_student, [*pairs(23), *empty], params, tmp_path / "scratch")


def test_the_end_is_learned_where_the_template_writes_none(tiny_student):
    from transformers import AutoTokenizer

    endless = AutoTokenizer.from_pretrained(tiny_student)
    endless.chat_template = endless.chat_template.replace("eos_token", "''")
    (row,) = as_rows(encoder_of(endless), pairs(1), max_length=128).rows
    assert row["labels"][-1] == endless.eos_token_id


def test_training_lowers_the_loss_and_says_how_it_went(tiny_student, tokenizer, tmp_path):
    trained = fine_tune(tiny_student, pairs(), PARAMS, tmp_path / "scratch")
    # 20 steps of 4 rows: 80 rows are 3 rounds of 24 and 8 more; without padding every row is counted as it is.
    lengths = [len(row["input_ids"]) for row in as_rows(encoder_of(tokenizer), pairs(), 128).rows]
    assert 80 * min(lengths) <= trained.summary["tokens"] <= 80 * max(lengths)
    assert trained.summary["tokens"] == trained.curve[-1]["tokens"]
    assert (trained.summary["rows"], trained.summary["steps"], trained.summary["dropped_too_long"]) == (24, 20, 0)
    assert trained.summary["last_loss"] < trained.summary["first_loss"]
    assert [point["step"] for point in trained.curve] == [2, 4, 6, 8, 10, 12, 14, 16, 18, 20]
    assert trained.curve[-1]["learning_rate"] < max(point["learning_rate"] for point in trained.curve)
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize("accumulation_steps", [1, 2])
@pytest.mark.parametrize("lora", [{}, {"r": 2, "target_modules": "all-linear"}])
def test_the_loss_is_the_one_that_trl_takes_over_every_position(
    tiny_student, tmp_path, monkeypatch, accumulation_steps, lora
):
    from trl import SFTTrainer

    from quintain.training.response_trainer import ResponseTrainer

    params = dataclasses.replace(PARAMS, steps=4, accumulation_steps=accumulation_steps, lora=lora)
    ours = fine_tune(tiny_student, pairs(), params, tmp_path / "ours")
    with monkeypatch.context() as patch:
        patch.setattr(ResponseTrainer, "compute_loss", SFTTrainer.compute_loss)
        theirs = fine_tune(tiny_student, pairs(), params, tmp_path / "theirs")
    assert [point["loss"] for point in ours.curve] == pytest.approx([point["loss"] for point in theirs.curve], rel=1e-4)


def test_full_training_computes_in_single_precision_whatever_the_folder_stores(tiny_student, tmp_path):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    AutoModelForCausalLM.from_pretrained(tiny_student, dtype=torch.bfloat16).save_pretrained(tmp_path / "half")
    AutoTokenizer.from_pretrained(tiny_student).save_pretrained(tmp_path / "half")
    params = dataclasses.replace(PARAMS, steps=1)
    assert fine_tune(tmp_path / "half", pairs(), params, tmp_path / "scratch").model.dtype == torch.float32


def test_lora_trains_an_adapter_and_leaves_the_weights(tiny_student, tmp_path):
    from peft import PeftModel

    lora = {"r": 2, "lora_alpha": 4, "target_modules": "all-linear"}
    params = SftParams(steps=3, batch_size=4, learning_rate=1e-2, max_length=128, lora=lora)
    trained = fine_tune(tiny_student, pairs(), params, tmp_path / "scratch")
    assert isinstance(trained.model, PeftModel)
    trained.model.save_pretrained(tmp_path / "adapter")
    assert (tmp_path / "adapter/adapter_config.json").is_file()


def test_an_adapter_comes_out_the_same_twice(tiny_student, tmp_path):
    import torch

    lora = {"r": 2, "lora_alpha": 4, "target_modules": "all-linear"}
    params = SftParams(steps=2, batch_size=4, learning_rate=1e-2, max_length=128, lora=lora)
    weights = []
    for name in ("first", "second"):
        torch.manual_seed(hash(name))  # whatever was drawn before in this process
        weights.append(fine_tune(tiny_student, pairs(), params, tmp_path / name).model.state_dict())
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


SCRIPT = """
import json, logging, sys, time
from pathlib import Path
sys.path.insert(0, {folder!r})
from test_sft import PARAMS, pairs
logging.basicConfig(level=logging.INFO, format="%(message)s")
from quintain.training import sft
if {slow}:
    import trl
    step = trl.SFTTrainer.training_step
    def slowly(self, *arguments, **named):
        time.sleep(0.2)
        return step(self, *arguments, **named)
    trl.SFTTrainer.training_step = slowly
trained = sft.fine_tune(Path({start!r}), pairs(), PARAMS, Path({scratch!r}))
weights = {{name: float(weight.double().sum()) for name, weight in trained.model.named_parameters()}}
print(json.dumps([trained.curve, weights]))
"""


def run(tiny_student, scratch, slow=False):
    script = textwrap.dedent(SCRIPT).format(
        folder=str(Path(__file__).parent), start=str(tiny_student), scratch=str(scratch), slow=slow
    )
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_killed_training_ends_as_if_it_had_not_been(tiny_student, tmp_path):
    killed = run(tiny_student, tmp_path / "killed", slow=True)
    while not list((tmp_path / "killed").glob("*/checkpoint-10/trainer_state.json")):
        assert killed.poll() is None, killed.communicate()[1]
        time.sleep(0.05)
    time.sleep(0.2)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    resumed, errors = run(tiny_student, tmp_path / "killed").communicate(timeout=500)
    whole, _ = run(tiny_student, tmp_path / "whole").communicate(timeout=500)
    assert resumed, errors
    assert "continuing at step 10 of 20" in errors
    assert resumed.splitlines()[-1] == whole.splitlines()[-1]


def test_nothing_to_learn_and_no_model_are_clear_errors(tiny_student, tmp_path):
    short = SftParams(steps=2, batch_size=2, learning_rate=1e-3, max_length=4)
    with pytest.raises(RecordError, match=r"none of 24 pairs fits into 4 tokens .*raise editing.sft.max_length or"):
        fine_tune(tiny_student, pairs(), short, tmp_path / "scratch", setting="editing.sft")
    with pytest.raises(ModelError, match="holds no model"):
        fine_tune(tmp_path, pairs(), PARAMS, tmp_path / "scratch")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="could not be opened as a model to start from"):
        fine_tune(tmp_path, pairs(), PARAMS, tmp_path / "scratch")


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"batch_size": 0}, {"learning_rate": 0.0}])
def test_a_parameter_out_of_range_is_named(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SftParams(**{"steps": 1, "batch_size": 1, "learning_rate": 1e-3, "max_length": 8, **wrong})


def test_an_adapter_goes_on_being_trained_on_its_own_base(tiny_student, tmp_path):
    from quintain.datasets import HFModelDataset

    lora = {"r": 2, "lora_alpha": 4, "target_modules": "all-linear"}
    params = SftParams(steps=2, batch_size=4, learning_rate=1e-2, max_length=128, lora=lora)
    first = fine_tune(tiny_student, pairs(), params, tmp_path / "scratch")
    HFModelDataset(filepath=str(tmp_path / "first")).save((first.model, first.tokenizer))
    second = fine_tune(tmp_path / "first", pairs(), params, tmp_path / "scratch")
    HFModelDataset(filepath=str(tmp_path / "second")).save((second.model, second.tokenizer))
    assert list(second.model.peft_config) == ["default"]  # one adapter, not one on another
    assert second.curve[0]["loss"] < first.curve[0]["loss"]
    note = (tmp_path / "second/base_model.json").read_text()
    assert note == (tmp_path / "first/base_model.json").read_text()
    with pytest.raises(ModelError, match="is an adapter and all weights are to be trained"):
        fine_tune(tmp_path / "first", pairs(), dataclasses.replace(params, lora={}), tmp_path / "scratch")
