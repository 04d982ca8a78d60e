"""Layers of a new adapter: named, known to peft, or all linear ones."""

import pytest
from peft import get_peft_model
from peft.utils import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING
from transformers import AutoConfig, AutoModelForCausalLM

from quintain.errors import ModelError
from quintain.training.adapter_config import adapter_config

SMALL = {"vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48,
         "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}  # fmt: skip


def model_of(family):
    return AutoModelForCausalLM.from_config(AutoConfig.for_model(family, **SMALL))


def adapted(family, **lora):
    """Last names of the layers under an adapter."""
    model = model_of(family)
    whole = get_peft_model(model, adapter_config(model, {"r": 2, **lora}))
    return {name.partition(".lora_A")[0].rpartition(".")[2] for name, _ in whole.named_parameters() if "lora_A" in name}


@pytest.mark.parametrize("family", ["llama", "mixtral"])
def test_a_family_that_peft_knows_gets_its_layers(family):
    assert adapted(family) == {"q_proj", "v_proj"}


@pytest.mark.parametrize(
    ("family", "layers"),
    [
        ("olmo2", {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}),
        ("phi3", {"qkv_proj", "o_proj", "gate_up_proj", "down_proj"}),
        ("mamba", {"in_proj", "x_proj"}),
        ("phimoe", {"q_proj", "k_proj", "v_proj", "o_proj"}),  # no router: it gives more than a product
    ],
)
def test_another_family_gets_all_linear_layers_but_the_output(family, layers):
    assert adapted(family) == layers


def test_a_model_without_the_layers_that_peft_names_gets_all_linear_ones(monkeypatch):
    monkeypatch.setitem(TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING, "llama", ["query_key_value"])
    assert adapted("llama") == {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}


def test_layers_that_are_named_count():
    assert adapted("olmo2", target_modules=["up_proj"]) == {"up_proj"}
    assert adapted("olmo2", exclude_modules=["q_proj"]) == adapted("olmo2", target_modules=None) - {"q_proj"}
    assert adapted("llama", target_modules=r".*\.1\.self_attn\.k_proj") == {"k_proj"}
    assert adapted("llama", target_modules="all-linear", exclude_modules=["down_proj"]) >= {"up_proj", "q_proj"}


@pytest.mark.parametrize("named", [["query_key_value", "dense"], r"transformer\.h\..*"])
def test_layers_that_the_model_does_not_have_are_refused_with_those_it_has(named):
    with pytest.raises(ModelError, match=r"no such layer; it has down_proj, gate_proj, .* all-linear means them all"):
        adapter_config(model_of("llama"), {"r": 2, "target_modules": named})
