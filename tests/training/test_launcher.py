"""Several processes at one training: they learn what one does, end together, and go on where they stood."""

import dataclasses
import json
import logging
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from quintain.errors import ConfigError, ModelError, RecordError, RunError
from quintain.records import InstructionPair
from quintain.training.launcher import launch, require_sensible, torchrun
from quintain.training.preference.params import PreferenceParams
from quintain.training.preference.tokenized_pairs import TokenizationParams, tokenize_pairs
from quintain.training.preference.train import train_on_preferences
from quintain.training.row_rendering import encoder_of_folder
from quintain.training.sft import SftParams, fine_tune

TWO = {"processes": 2}
SHARDED = {"processes": 2, "strategy": "fsdp2"}
LORA = {"r": 2, "lora_alpha": 4, "target_modules": "all-linear"}
PARAMS = SftParams(steps=6, batch_size=3, learning_rate=1e-2, max_length=128, checkpoint_steps=2)


def pairs(count=24):
    return [
        InstructionPair(
            instruction=f"Tell me about town {i}.", response=f"The mayor of town {i} is kind." * (1 + i % 3),
            kind="distilled",
        )
        for i in range(count)
    ]  # fmt: skip


def of_one(params):
    """The same batches in one process: two in a row for each step."""
    return dataclasses.replace(params, launcher={}, accumulation_steps=2)


def assert_same_curve(ours, theirs):
    assert [point["step"] for point in ours] == [point["step"] for point in theirs]
    assert [point["loss"] for point in ours] == pytest.approx([point["loss"] for point in theirs], rel=1e-5)


@pytest.mark.parametrize(
    ("lora", "launcher"),
    [
        pytest.param({}, TWO, id="whole-ddp"),
        pytest.param(LORA, SHARDED, id="adapter-fsdp2"),
        pytest.param({}, SHARDED, id="whole-fsdp2", marks=pytest.mark.slow),
        pytest.param(LORA, TWO, id="adapter-ddp", marks=pytest.mark.slow),
    ],
)
def test_two_processes_learn_what_one_learns_from_the_same_batches(tiny_student, tmp_path, launcher, lora, caplog):
    caplog.set_level(logging.INFO)
    params = dataclasses.replace(PARAMS, launcher=launcher, lora=lora, validation_share=0.25)
    two = fine_tune(tiny_student, pairs(), params, tmp_path / "two")
    one = fine_tune(tiny_student, pairs(), of_one(params), tmp_path / "one")
    assert_same_curve(two.curve, one.curve)
    assert_same_curve(two.validation, one.validation)
    theirs = dict(two.model.named_parameters())
    assert len(theirs) == len(dict(one.model.named_parameters()))
    for name, weight in one.model.named_parameters():
        assert weight.allclose(theirs[name], atol=2e-5), name
    assert two.tokenizer.get_vocab() == one.tokenizer.get_vocab()
    assert list((tmp_path / "two").iterdir()) == []


@pytest.mark.parametrize(
    "launcher", [pytest.param(TWO, id="ddp", marks=pytest.mark.slow), pytest.param(SHARDED, id="fsdp2")]
)
def test_preference_training_is_shared_out_too(tiny_student, tmp_path, launcher):
    from tests.training.preference.conftest import make_pairs

    rows, _ = tokenize_pairs(encoder_of_folder(tiny_student), make_pairs(), TokenizationParams(max_length=128))
    params = PreferenceParams(steps=4, batch_size=3, learning_rate=1e-3, checkpoint_steps=2, launcher=launcher)
    two = train_on_preferences(tiny_student, rows, params, tmp_path / "two")
    one = train_on_preferences(tiny_student, rows, of_one(params), tmp_path / "one")
    assert_same_curve(two.curve, one.curve)
    assert two.summary["rewards_margin"] == pytest.approx(one.summary["rewards_margin"], rel=1e-3)


def workers(folder):
    """Process id of each rank that works in a folder."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder).encode() in (entry / "cmdline").read_bytes():
                variables = dict(
                    part.split(b"=", 1) for part in (entry / "environ").read_bytes().split(b"\0") if b"=" in part
                )
                if b"LOCAL_RANK" in variables:
                    found[int(variables[b"RANK"])] = int(entry.name)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found


@pytest.mark.parametrize(
    "launcher", [pytest.param(TWO, id="ddp"), pytest.param(SHARDED, id="fsdp2", marks=pytest.mark.slow)]
)
def test_a_killed_process_ends_the_others_and_the_next_run_goes_on(tiny_student, tmp_path, launcher, caplog):
    caplog.set_level(logging.INFO)
    scratch = tmp_path / "killed"
    params = dataclasses.replace(PARAMS, steps=60, checkpoint_steps=10, launcher=launcher)
    killed = {}

    def kill():
        while not list(scratch.glob("*/checkpoint-10/trainer_state.json")):
            time.sleep(0.02)
        killed.update(workers(scratch))
        os.kill(killed[1], signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    with pytest.raises(RunError, match=r"ended before it did: .*Run it again to go on from the last checkpoint"):
        fine_tune(tiny_student, pairs(), params, scratch)
    killer.join()
    assert len(killed) == 2
    assert workers(scratch) == {}
    caplog.clear()
    again = fine_tune(tiny_student, pairs(), params, scratch)
    assert "continuing at step" in caplog.text
    assert_same_curve(again.curve, fine_tune(tiny_student, pairs(), of_one(params), tmp_path / "one").curve)


def test_what_a_process_says_is_the_error_of_the_node(tiny_student, tmp_path):
    params = dataclasses.replace(PARAMS, max_length=4, launcher=TWO)
    with pytest.raises(RecordError, match=r"none of 24 pairs fits into 4 tokens .*raise finetuning\.sft\.max_length"):
        fine_tune(tiny_student, pairs(), params, tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="holds no model"):
        fine_tune(tmp_path / "empty", pairs(), dataclasses.replace(PARAMS, launcher=TWO), tmp_path)


def test_another_number_of_processes_than_the_training_is_for_is_refused(tiny_student, tmp_path):
    params = dataclasses.replace(PARAMS, launcher={"processes": 3})
    job = {"start": str(tiny_student), "pairs": pairs(2), "params": params, "scratch": str(tmp_path), "setting": "x"}
    with pytest.raises(ConfigError, match="is for 3 processes and torchrun started 2"):
        launch("sft", job, TWO, tmp_path / "job.launch", threads=1)


def test_settings_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="fsdp2 has nothing to share out in one process"):
        require_sensible({"strategy": "fsdp2"})
    with pytest.raises(ValueError, match=r"launcher\.rendezvous must be host:port"):
        require_sensible({"machines": 2, "processes": 8})
    with pytest.raises(ValueError, match="launcher"):
        dataclasses.replace(PARAMS, launcher={"processes": 0})
    with pytest.raises(ValueError, match="strategy"):
        dataclasses.replace(PARAMS, launcher={"processes": 2, "strategy": "zero3"})


def test_more_processes_than_gpus_are_refused(tiny_student, tmp_path, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(ConfigError, match=r"launcher\.processes is 2, and torch sees 1 GPUs"):
        fine_tune(tiny_student, pairs(), dataclasses.replace(PARAMS, launcher=TWO), tmp_path)


def test_several_machines_meet_at_the_first_one(tiny_student, tmp_path):
    import socket
    import subprocess
    import sys

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    launcher = {"processes": 1, "machines": 2, "rendezvous": f"localhost:{port}"}
    params = dataclasses.replace(PARAMS, launcher=launcher)
    others = []

    def join():
        while not (jobs := list(tmp_path.glob("two/*.launch/job.json"))):
            time.sleep(0.02)
        json.loads(jobs[0].read_text())
        others.append(subprocess.run(torchrun(launcher, jobs[0].parent), check=False, capture_output=True))

    other = threading.Thread(target=join, daemon=True)
    other.start()
    two = fine_tune(tiny_student, pairs(), params, tmp_path / "two")
    other.join()
    assert others[0].returncode == 0, others[0].stderr
    assert others[0].args[0] == sys.executable
    assert_same_curve(two.curve, fine_tune(tiny_student, pairs(), of_one(params), tmp_path / "one").curve)
