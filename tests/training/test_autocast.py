"""Number formats of a training: what is trained stays in float32, and bfloat16 learns what float32 learns."""

import dataclasses

import pytest
import torch

from quintain.errors import ModelError
from quintain.processors import computes_bfloat16
from quintain.records import InstructionPair
from quintain.training.autocast import computed_in, halved_stream
from quintain.training.row_rendering import encoder_of_folder
from quintain.training.sft import SftParams, fine_tune
from quintain.training.start_model import open_start, open_to_train

PARAMS = SftParams(steps=12, batch_size=4, learning_rate=5e-3, max_length=128, checkpoint_steps=6)
LORA = {"r": 4, "lora_alpha": 8, "target_modules": "all-linear"}


def pairs(count=24):
    return [
        InstructionPair(
            instruction=f"Tell me about town {i}.", response=f"The mayor of town {i} is kind.", kind="distilled"
        )
        for i in range(count)
    ]


@pytest.mark.parametrize("has", [True, False])
def test_auto_is_what_this_machine_computes_in(monkeypatch, has):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.delenv("ATEN_CPU_CAPABILITY", raising=False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True, "amx_bf16": has})
    assert computes_bfloat16() is has
    formats = {
        dtype: dataclasses.replace(PARAMS, dtype=dtype).number_format for dtype in ("auto", "float32", "bfloat16")
    }
    assert formats == {"auto": "bfloat16" if has else "float32", "float32": "float32", "bfloat16": "bfloat16"}


def test_what_flows_between_layers_is_halved_under_autocast_alone(tiny_student):
    model = open_start(tiny_student)[0]
    seen = {}
    ids = torch.tensor([[1, 2, 3]])
    with computed_in(model, "bfloat16"):
        hooks = [
            module.register_forward_hook(lambda _, __, out, name=name: seen.update({name: out}))
            for name, module in model.named_modules()
        ]
        model(input_ids=ids)
    for hook in hooks:
        hook.remove()
    flowing = {name: out.dtype for name, out in seen.items() if isinstance(out, torch.Tensor) and "rotary" not in name}
    assert set(flowing.values()) == {torch.bfloat16}
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    with halved_stream(model):
        exact = model(input_ids=ids).logits
    assert exact.equal(model(input_ids=ids).logits)
    assert exact.dtype == torch.float32


@pytest.mark.parametrize("lora", [{}, LORA], ids=["whole", "adapter"])
@pytest.mark.parametrize("gradient_checkpointing", [False, True])
def test_bfloat16_learns_what_float32_learns(tiny_student, tmp_path, lora, gradient_checkpointing):
    halved = dataclasses.replace(PARAMS, dtype="bfloat16", lora=lora, gradient_checkpointing=gradient_checkpointing)
    ours = fine_tune(tiny_student, pairs(), halved, tmp_path / "half")
    theirs = fine_tune(tiny_student, pairs(), dataclasses.replace(halved, dtype="float32"), tmp_path / "single")
    losses, exact = ([point["loss"] for point in trained.curve] for trained in (ours, theirs))
    assert losses != exact
    assert losses == pytest.approx(exact, rel=0.05)
    stored = {weight.dtype for weight in ours.model.parameters() if weight.requires_grad}
    assert stored == {torch.float32 if lora else torch.bfloat16}


def test_optimiser_and_trained_weights_are_in_single_precision(tiny_student, tmp_path, monkeypatch):
    from quintain.training.response_trainer import ResponseTrainer

    kept = {}
    train = ResponseTrainer.train

    def remembered(self, **named):
        result = train(self, **named)
        kept.update(self.optimizer.state_dict()["state"])
        return result

    monkeypatch.setattr(ResponseTrainer, "train", remembered)
    for lora in ({}, LORA):
        kept.clear()
        params = dataclasses.replace(PARAMS, steps=1, dtype="bfloat16", lora=lora)
        fine_tune(tiny_student, pairs(), params, tmp_path / str(bool(lora)))
        assert {state["exp_avg_sq"].dtype for state in kept.values()} == {torch.float32}


def test_weights_under_an_adapter_are_in_the_format_of_the_computation(tiny_student):
    params = dataclasses.replace(PARAMS, dtype="bfloat16", lora=LORA)
    assert open_to_train(tiny_student, params)[0].dtype == torch.bfloat16
    assert open_to_train(tiny_student, dataclasses.replace(params, lora={}))[0].dtype == torch.float32
    assert open_to_train(tiny_student, dataclasses.replace(params, dtype="float32"))[0].dtype == torch.float32


def test_four_bits_need_an_adapter(tiny_student):
    with pytest.raises(ModelError, match="weights of four bits cannot be trained; set lora"):
        open_to_train(tiny_student, dataclasses.replace(PARAMS, quantization="nf4"))


@pytest.mark.parametrize("lora", [{}, {"r": 4, "target_modules": "all-linear"}], ids=["whole", "adapter"])
@pytest.mark.parametrize("reference", ["cached", "live"])
def test_a_policy_in_bfloat16_starts_where_its_reference_stands(tiny_student, tmp_path, lora, reference):
    from quintain.training.preference.params import PreferenceParams
    from quintain.training.preference.tokenized_pairs import TokenizationParams, tokenize_pairs
    from quintain.training.preference.train import train_on_preferences
    from tests.training.preference.conftest import make_pairs

    rows, _ = tokenize_pairs(encoder_of_folder(tiny_student), make_pairs(), TokenizationParams(max_length=128))
    params = PreferenceParams(
        steps=1, batch_size=4, learning_rate=1e-3, dtype="bfloat16", lora=lora, reference=reference, delta=None
    )
    trained = train_on_preferences(tiny_student, rows, params, tmp_path)
    # Half precision of the cache: 11 bits, some 10 tokens of some 6 nats each.
    assert trained.curve[0]["displacement/chosen"] == pytest.approx(0, abs=0.03)
    assert trained.curve[0]["loss"] == pytest.approx(0.6931, abs=0.003)
