"""Folders of many kinds open, or one error names the file and the remedy."""

import json
import shutil

import pytest
import torch
from transformers import (
    AutoTokenizer,
    Gemma3Config,
    Gemma3ForConditionalGeneration,
    LlamaConfig,
    LlamaForCausalLM,
    LlavaConfig,
    LlavaForConditionalGeneration,
)

from quintain.errors import ModelError
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.models.open_folder import folder_end_tokens, open_tokenizer, open_weights
from quintain.records import InstructionPair, Message, Request
from quintain.training.sft import SftParams, fine_tune
from tests.templates import tokenizer_for

TEXT = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2,
        "num_key_value_heads": 1, "max_position_embeddings": 256, "vocab_size": 600}  # fmt: skip
EYES = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 16,
        "patch_size": 8}  # fmt: skip
PAIRS = [InstructionPair(instruction=f"Tell me {i}.", response="Kind.", kind="distilled") for i in range(4)]
PARAMS = SftParams(steps=2, batch_size=2, learning_rate=1e-2, max_length=100)


def gemma():
    return Gemma3ForConditionalGeneration(
        Gemma3Config(
            text_config={"head_dim": 16, **TEXT}, vision_config=EYES, mm_tokens_per_image=4, image_token_index=5
        )
    )


def llava():
    eyes = {"model_type": "clip_vision_model", "projection_dim": 16, **EYES}
    return LlavaForConditionalGeneration(
        LlavaConfig(text_config={"model_type": "llama", **TEXT}, vision_config=eyes, image_token_index=5)
    )


def saved(model, tokenizer, folder):
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    torch.manual_seed(0)
    model = LlamaForCausalLM(LlamaConfig(**TEXT, tie_word_embeddings=True))
    return saved(model, tokenizer_for("qwen2_5"), tmp_path_factory.mktemp("small") / "model")


@pytest.fixture
def copied(small, tmp_path):
    return shutil.copytree(small, tmp_path / "copy")


def change(file, **settings):
    file.write_text(json.dumps(json.loads(file.read_text()) | settings))


@pytest.mark.parametrize("make", [gemma, llava])
def test_a_language_model_with_eyes_is_asked_and_trained_as_any_other(make, tmp_path):
    torch.manual_seed(0)
    folder = saved(make(), tokenizer_for("gemma3"), tmp_path / "model")
    model = LocalModel(folder, Sampling(max_new_tokens=3), device="cpu")
    assert model.context_tokens == 256
    chat = (Message(role="system", content="Be kind."), Message(role="user", content="Who?"))
    (said,) = model.generate([Request(prompt="p", fields={}, messages=chat)])
    assert said.finish_reason in ("stop", "length")
    trained = fine_tune(folder, PAIRS, PARAMS, tmp_path / "scratch")
    assert trained.summary["rows"] == 4


def test_the_end_tokens_are_those_of_the_generation_config_and_the_tokenizer(copied):
    tokenizer = AutoTokenizer.from_pretrained(copied)
    change(copied / "generation_config.json", eos_token_id=[7, 9])
    assert folder_end_tokens(copied, tokenizer) == {7, 9, tokenizer.eos_token_id}
    (copied / "generation_config.json").unlink()
    change(copied / "config.json", eos_token_id=None, text_config={"eos_token_id": 8})
    assert folder_end_tokens(copied, tokenizer) == {8, tokenizer.eos_token_id}


def test_a_tokenizer_without_a_padding_token_fills_with_an_end_token(copied):
    assert open_tokenizer(copied).pad_token_id == AutoTokenizer.from_pretrained(copied).eos_token_id
    settings = json.loads((copied / "tokenizer_config.json").read_text())
    settings.pop("eos_token")
    (copied / "tokenizer_config.json").write_text(json.dumps(settings))
    change(copied / "generation_config.json", eos_token_id=7)
    assert open_tokenizer(copied).pad_token_id == 7
    change(copied / "generation_config.json", eos_token_id=None)
    change(copied / "config.json", eos_token_id=None)
    with pytest.raises(ModelError, match="neither a padding nor an end-of-sequence token; name `eos_token` in its"):
        open_tokenizer(copied)


def test_the_first_token_of_a_vocabulary_may_be_the_padding(copied, tmp_path):
    tokenizer = AutoTokenizer.from_pretrained(copied)
    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(0)
    tokenizer.save_pretrained(copied)
    assert open_tokenizer(copied).pad_token_id == 0
    assert fine_tune(copied, PAIRS, PARAMS, tmp_path / "scratch").tokenizer.pad_token_id == 0


def test_a_consolidated_copy_beside_shards_is_not_opened_and_a_missing_shard_is_named(copied):
    model = LlamaForCausalLM.from_pretrained(copied)
    whole = (copied / "model.safetensors").read_bytes()
    (copied / "model.safetensors").unlink()
    model.save_pretrained(copied, max_shard_size="40KB")
    (copied / "consolidated.safetensors").write_bytes(whole)
    assert open_weights(copied, "auto").num_parameters() == model.num_parameters()
    shard = min(copied.glob("model-0*.safetensors"))
    shard.unlink()
    with pytest.raises(ModelError, match=f"lacks {shard.name} of its .* files of weights; fetch it again"):
        open_weights(copied, "auto")


@pytest.mark.parametrize("method", ["bitsandbytes", "gptq", "awq", "compressed-tensors"])
def test_a_quantised_folder_without_its_library_says_so(copied, method):
    settings = {"quant_method": method, "load_in_4bit": True, "bits": 4, "group_size": 32}
    change(copied / "config.json", quantization_config=settings)
    with pytest.raises(ModelError, match=rf"config.json: the weights are quantised \({method}\), and could not be unp"):
        open_weights(copied, "auto")
    with pytest.raises(ModelError, match="only an adapter can be trained on such; set `lora`, or start from"):
        fine_tune(copied, PAIRS, PARAMS, copied.parent / "scratch")


@pytest.mark.parametrize("module", ["embed_tokens", "lm_head"])
def test_an_adapter_on_a_shared_embedding_is_refused(small, tmp_path, module):
    params = SftParams(**{**PARAMS.__dict__, "lora": {"r": 2, "target_modules": ["q_proj", module]}})
    with pytest.raises(ModelError, match=f"target_modules names {module}, which this model's input and output share"):
        fine_tune(small, PAIRS, params, tmp_path / "scratch")


@pytest.mark.parametrize("module", ["embed_tokens", "lm_head"])
def test_a_shared_embedding_that_an_adapter_trains_whole_stays_shared(small, tmp_path, module):
    lora = {"r": 2, "target_modules": "all-linear", "modules_to_save": [module]}
    trained = fine_tune(small, PAIRS, SftParams(**{**PARAMS.__dict__, "lora": lora}), tmp_path / "scratch")
    ids = torch.tensor([[1, 2, 3, 4]])
    with torch.no_grad():
        said = trained.model.eval()(ids).logits
        trained.model.merge_and_unload().save_pretrained(tmp_path / "merged")
        merged = LlamaForCausalLM.from_pretrained(tmp_path / "merged").eval()(ids).logits
    assert torch.allclose(said, merged, atol=1e-5)
