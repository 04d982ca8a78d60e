"""Memory of a training by formula, held against what autograd really keeps."""

from dataclasses import replace

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from quintain.training.memory import BatchShape, ModelShape, training_memory

SHAPE = ModelShape(
    parameters=1000,
    trainable=1000,
    layers=2,
    width=8,
    attention_width=16,
    inner_width=20,
    vocabulary=50,
    cached_numbers=64,
)
NO_LANGUAGE_MODELS = {"musicgen", "musicgen_melody", "blt", "gemma4_assistant"}
"""Music, bytes in patches, and the draft of a larger model."""
BATCH = BatchShape(rows=3, tokens=10, scored=4)


def parts(model=SHAPE, batch=BATCH, **how):
    return {part.name: part.size_bytes for part in training_memory(model, batch, **how)}


def test_each_part_is_its_formula():
    # activations: 30 positions × 2 blocks × (6·8 + 5·16 + 4·20 = 208) × 4; logits: 3·4 positions × 50 × 3 × 4
    assert parts() == {
        "weights": 4000, "gradients": 4000, "optimiser": 8000, "activations": 30 * 2 * 208 * 4, "logits": 7200,
    }  # fmt: skip


def test_with_checkpointing_a_block_keeps_its_input_alone():
    # 30 positions × (2 blocks × 8, and the 208 of the block that is computed again) × 4
    assert parts(checkpointing=True)["activations"] == 30 * (2 * 8 + 208) * 4


def test_an_adapter_has_the_gradients_and_the_model_its_own_format():
    adapter = replace(SHAPE, trainable=10)
    found = parts(adapter, weight_bytes=2, activation_bytes=2)
    assert (found["weights"], found["gradients"], found["optimiser"]) == (1000 * 2 + 10 * 4, 40, 80)


def test_a_reference_is_a_further_copy():
    assert parts(copies=1)["copies"] == 4000


@pytest.mark.parametrize("heads", [2, 4])
def test_activations_are_what_autograd_keeps_of_a_llama(heads):
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=64, hidden_size=64, intermediate_size=160, num_hidden_layers=3, num_attention_heads=heads,
        num_key_value_heads=heads, attn_implementation="sdpa",
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    weights = {weight.untyped_storage().data_ptr() for weight in model.parameters()}
    kept: dict[int, int] = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        if tensor.is_floating_point() and storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    ids = torch.randint(64, (4, 128))
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state
    assert hidden.requires_grad
    shape = ModelShape.of(config, model.num_parameters(), model.num_parameters())
    told = {part.name: part.size_bytes for part in training_memory(shape, BatchShape(rows=4, tokens=128, scored=1))}
    assert told["activations"] == pytest.approx(sum(kept.values()), rel=0.2)


def test_sizes_are_read_from_a_configuration(tiny_student):
    model = AutoModelForCausalLM.from_pretrained(tiny_student)
    count = model.num_parameters()
    shape = ModelShape.of(model.config, count, count)
    assert (shape.layers, shape.width, shape.attention_width, shape.inner_width) == (2, 32, 32, 64)
    assert shape.parameters == sum(weight.numel() for weight in model.parameters())
    assert shape.cached_numbers == cached_numbers(model)


@pytest.mark.parametrize("key_heads", [1, 2, 4])
def test_numbers_in_keys_and_values_are_what_a_cache_holds(key_heads):
    config = LlamaConfig(
        vocab_size=64, hidden_size=64, intermediate_size=160, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=key_heads,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    assert ModelShape.of(config, 1, 1).cached_numbers == cached_numbers(model)


def test_blocks_of_different_sizes_count_each_for_itself():
    config = LlamaConfig(
        vocab_size=64, hidden_size=64, intermediate_size=160, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=4, per_layer_config={1: {"num_key_value_heads": 1, "intermediate_size": 400}},
    )  # fmt: skip
    shape = ModelShape.of(config, 1, 1)
    assert shape.cached_numbers == 2 * 16 * (4 + 1 + 4)
    assert (shape.layers, shape.attention_width, shape.inner_width) == (3, 64, 400)


def test_sizes_are_read_of_every_family_of_language_models():
    for family in sorted(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.keys() - NO_LANGUAGE_MODELS):
        assert ModelShape.of(AutoConfig.for_model(family), 1, 1).cached_numbers > 0, family


def cached_numbers(model):
    """Numbers that a cache keeps of one token."""
    cache = model(input_ids=torch.zeros(1, 1, dtype=torch.long)).past_key_values
    return sum(layer.keys.numel() + layer.values.numel() for layer in cache.layers)
