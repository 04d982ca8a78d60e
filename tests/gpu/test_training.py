"""Every way to train, in bfloat16: on a GPU, and at tiny size where there is none."""

import dataclasses
import importlib.util

import pytest
import torch

from quintain.errors import ConfigError
from quintain.records import PreferencePair
from quintain.training.preference.params import PreferenceParams
from quintain.training.preference.tokenized_pairs import TokenizationParams, tokenize_pairs
from quintain.training.preference.train import train_on_preferences
from quintain.training.row_rendering import encoder_of_folder
from quintain.training.sft import SftParams, fine_tune
from tests.gpu.conftest import pairs

LORA = {"r": 8, "lora_alpha": 16, "target_modules": "all-linear"}
SFT = SftParams(
    steps=20, batch_size=4, learning_rate=1e-3, max_length=128, checkpoint_steps=10, dtype="bfloat16",
    validation_share=0.2,
)  # fmt: skip
PREFERENCE = PreferenceParams(
    steps=20, batch_size=4, learning_rate=1e-4, checkpoint_steps=10, dtype="bfloat16", validation_share=0.2
)


def rows_of(student):
    told = [
        PreferencePair(prompt=f"Tell me about town {i}.", chosen=f"The mayor of town {i} is kind.", rejected="Town.")
        for i in range(48)
    ]
    return tokenize_pairs(encoder_of_folder(student), told, TokenizationParams(max_length=128))[0]


def assert_learned(trained):
    assert trained.summary["last_loss"] < trained.summary["first_loss"]
    kept = torch.float32 if hasattr(trained.model, "peft_config") else torch.bfloat16
    assert {weight.dtype for weight in trained.model.parameters() if weight.requires_grad} == {kept}
    assert [point["step"] for point in trained.validation] == [10, 20]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"lora": LORA},
        {"packing": True},
        {"packing": True, "lora": LORA},
        {"gradient_checkpointing": True},
        {"gradient_checkpointing": True, "lora": LORA},
        {"accumulation_steps": 2},
        {"kl_weight": 0.5},
        {"kl_weight": 0.5, "lora": LORA},
    ],
    ids=str,
)
def test_fine_tuning_learns(device, student, tmp_path, settings):
    assert_learned(fine_tune(student, pairs(), dataclasses.replace(SFT, **settings), tmp_path))


@pytest.mark.parametrize("lora", [{}, LORA], ids=["whole", "adapter"])
@pytest.mark.parametrize("reference", ["cached", "live"])
def test_preference_training_learns(device, student, tmp_path, lora, reference):
    params = dataclasses.replace(PREFERENCE, lora=lora, reference=reference, learning_rate=1e-3 if lora else 1e-4)
    trained = train_on_preferences(student, rows_of(student), params, tmp_path)
    assert_learned(trained)
    assert trained.summary["rewards_accuracy"] > 0.5
    # Both sides are computed alike, so policy and reference begin together.
    assert abs(trained.curve[0]["displacement/chosen"]) < 5


@pytest.mark.parametrize(
    "settings",
    [
        {"variant": "ipo"},
        {"variant": "simpo", "beta": 2.0, "gamma": 0.5},
        {"variant": "orpo", "beta": 0.5},
        {"gradient_checkpointing": True},
        {"weight_source": "own"},
        {"delta": None},
    ],
    ids=str,
)
def test_every_loss_is_computed(device, student, tmp_path, settings):
    params = dataclasses.replace(PREFERENCE, **settings)
    trained = train_on_preferences(student, rows_of(student), params, tmp_path)
    assert trained.summary["last_loss"] < trained.summary["first_loss"]


def test_packed_rows_teach_what_rows_apart_teach(device, student, tmp_path):
    params = dataclasses.replace(SFT, validation_share=0.5, checkpoint_steps=1, steps=1, learning_rate=1e-9)
    together, apart = (
        fine_tune(student, pairs(), dataclasses.replace(params, packing=packing), tmp_path / str(packing))
        for packing in (True, False)
    )
    assert together.validation[0]["loss"] == pytest.approx(apart.validation[0]["loss"], rel=2e-3)


def test_liger_takes_the_same_steps(device, student, tmp_path):
    params = dataclasses.replace(SFT, liger=True)
    if device == "cpu":
        with pytest.raises(ConfigError, match="liger: true needs a GPU"):
            fine_tune(student, pairs(), params, tmp_path)
        return
    if importlib.util.find_spec("liger_kernel") is None:
        with pytest.raises(ConfigError, match=r"pip install 'quintain\[gpu\]'"):
            fine_tune(student, pairs(), params, tmp_path)
        pytest.skip("liger-kernel is not installed")
    ours = fine_tune(student, pairs(), params, tmp_path / "liger")
    theirs = fine_tune(student, pairs(), dataclasses.replace(params, liger=False), tmp_path / "plain")
    assert [point["loss"] for point in ours.curve] == pytest.approx([point["loss"] for point in theirs.curve], rel=0.05)


@pytest.mark.parametrize("method", ["fine-tuning", "preferences"])
def test_four_bits_under_an_adapter_learn(device, student, tmp_path, method):
    def train():
        if method == "fine-tuning":
            return fine_tune(student, pairs(), dataclasses.replace(SFT, lora=LORA, quantization="nf4"), tmp_path)
        params = dataclasses.replace(PREFERENCE, lora=LORA, quantization="nf4", learning_rate=1e-3)
        return train_on_preferences(student, rows_of(student), params, tmp_path)

    if importlib.util.find_spec("bitsandbytes") is None:
        with pytest.raises(ConfigError, match=r"quantization: nf4 needs bitsandbytes.*pip install 'quintain\[gpu\]'"):
            train()
        pytest.skip("bitsandbytes is not installed")
    assert_learned(train())


@pytest.mark.parametrize("strategy", ["ddp", "fsdp2"])
def test_several_gpus_learn_what_one_learns(student, tmp_path, strategy):
    count = torch.cuda.device_count()
    if count < 2:
        pytest.skip(f"torch sees {count} GPUs; two processes on a processor are tests/training/test_launcher.py")
    params = dataclasses.replace(SFT, launcher={"processes": 2, "strategy": strategy})
    two = fine_tune(student, pairs(), params, tmp_path / "two")
    one = fine_tune(student, pairs(), dataclasses.replace(params, launcher={}, accumulation_steps=2), tmp_path / "one")
    assert [point["loss"] for point in two.curve] == pytest.approx([point["loss"] for point in one.curve], rel=0.02)
