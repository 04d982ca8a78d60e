"""A merged adapter says what it said on its base, whatever it trained; where it would not, nothing is made."""

import json

import pytest
import torch
from safetensors.torch import load_file

from quintain.errors import ModelError
from quintain.models.exporting import merging
from quintain.models.exporting.merging import Merged, merge_adapter
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.prompts import request
from tests.models.exporting.adapters import copied, make_adapter, make_soft_prompt

# PEFT's own warnings about embeddings that are one, when such an adapter is made and opened.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Model (has|with) .tie_word_embeddings:UserWarning"),
    pytest.mark.filterwarnings("ignore:Setting .save_embedding_layers:UserWarning"),
]


@pytest.fixture
def base(tiny_student, tmp_path):
    return copied(tiny_student, tmp_path / "base")


@pytest.mark.parametrize(
    ("settings", "untied"),
    [
        ({}, False),
        ({"use_dora": True}, False),
        ({"target_modules": ["q_proj", "lm_head"]}, True),
        ({"target_modules": ["v_proj", "embed_tokens"]}, True),
        ({"modules_to_save": ["lm_head"]}, True),
        ({"modules_to_save": ["embed_tokens"]}, True),
        ({"modules_to_save": ["lm_head", "embed_tokens"]}, True),
        ({"trainable_token_indices": {"embed_tokens": [3, 5]}}, None),
    ],
    ids=str,
)
def test_whatever_an_adapter_trained_on_tied_embeddings_is_kept(base, tmp_path, settings, untied):
    adapter = make_adapter(base, tmp_path / "adapter", **settings)
    merged = merge_adapter(adapter, tmp_path / "merged")
    assert merged.agrees
    assert merged.effect > 0.05
    assert merged.error < 1e-3
    assert untied is None or merged.untied == untied
    assert json.loads((tmp_path / "merged/config.json").read_text())["tie_word_embeddings"] != merged.untied
    names = {path.name for path in (tmp_path / "merged").iterdir()}
    assert {"model.safetensors", "tokenizer.json", "chat_template.jinja", "generation_config.json"} <= names
    assert not [name for name in names if name.startswith(("adapter", "base_model"))]
    # It is asked as every student is, and says what the two said.
    question, sampling = [request("student/instruction", {"instruction": "Hello"})], Sampling(max_new_tokens=12)
    alone, together = (LocalModel(folder, sampling, dtype="float32") for folder in (tmp_path / "merged", adapter))
    assert alone.generate(question)[0].text == together.generate(question)[0].text


def test_a_head_that_would_get_lost_is_refused(base, tmp_path, monkeypatch):
    """Embeddings that stay one: the merge of a head changes what every token is read as."""
    adapter = make_adapter(base, tmp_path / "adapter", target_modules=["lm_head"])
    monkeypatch.setattr(merging, "_untie_if_trained", lambda _: True)
    with pytest.raises(ModelError, match=r"is not merged: its logits differ .* the merged weights are not the two"):
        merge_adapter(adapter, tmp_path / "merged")


def test_what_rounding_would_swallow_is_refused_and_kept_in_more_bits(base, tmp_path):
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16)
    model.save_pretrained(base)
    adapter = make_adapter(base, tmp_path / "adapter", scale=0.004)
    with pytest.raises(ModelError, match=r"in bfloat16 too little of it is left; --dtype float32 keeps it"):
        merge_adapter(adapter, tmp_path / "small")
    merged = merge_adapter(adapter, tmp_path / "large", "float32")
    assert (merged.number_format, merged.agrees) == ("float32", True)
    weights = load_file(tmp_path / "large/model.safetensors").values()
    assert {weight.dtype for weight in weights} == {torch.float32}


def test_an_adapter_that_does_nothing_may_be_merged(base, tmp_path):
    adapter = make_adapter(base, tmp_path / "adapter", scale=0.0)
    assert merge_adapter(adapter, tmp_path / "merged").effect < 1e-4


def test_a_quantised_base_is_refused(base, tmp_path):
    adapter = make_adapter(base, tmp_path / "adapter")
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps(config | {"quantization_config": {"quant_method": "bitsandbytes"}}))
    (adapter / "base_model.json").unlink()  # its digest is another one now
    stored = json.loads((adapter / "adapter_config.json").read_text())
    (adapter / "adapter_config.json").write_text(json.dumps(stored | {"base_model_name_or_path": str(base)}))
    with pytest.raises(ModelError, match=r"the base is quantised \(bitsandbytes\).*without --merge"):
        merge_adapter(adapter, tmp_path / "merged")


def test_an_adapter_that_adds_no_weights_is_refused(base, tmp_path):
    adapter = make_soft_prompt(base, tmp_path / "adapter")
    with pytest.raises(ModelError, match=r"cannot be merged \(PROMPT_TUNING\): it adds to the prompt"):
        merge_adapter(adapter, tmp_path / "merged")


def test_agreement_is_a_share_of_what_the_adapter_does():
    # error ≤ max(0.001 · spread, 0.1 · effect): 0.1 · 1 = 0.1; without an effect 0.001 · 4 = 0.004
    def agrees(error, effect):
        return Merged(effect, error, 4.0, "float32", untied=False).agrees

    assert agrees(0.1, 1.0)
    assert not agrees(0.11, 1.0)
    assert agrees(0.004, 0.0)
    assert not agrees(0.0041, 0.0)
