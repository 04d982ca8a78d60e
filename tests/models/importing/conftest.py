"""Tiny models as somebody else might hand them over."""

import shutil

import pytest
import torch
from tokenizers import decoders, normalizers
from tokenizers.processors import TemplateProcessing
from transformers import AutoModelForCausalLM, AutoTokenizer


@pytest.fixture(scope="session")
def ending_model(tiny_student, tmp_path_factory):
    """A model that ends every greedy reply at once: its logits are all alike, so token 0 comes first, an end token."""
    folder = tmp_path_factory.mktemp("elsewhere") / "ending"
    shutil.copytree(tiny_student, folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    torch.nn.init.zeros_(model.model.norm.weight)
    model.generation_config.eos_token_id = [0, model.config.eos_token_id]
    model.save_pretrained(folder)
    return folder


@pytest.fixture
def base_model(ending_model, tmp_path):
    """The same as most base models are: byte-level texts that begin with BOS, no chat template, replies without end."""
    folder = tmp_path / "base"
    shutil.copytree(ending_model, folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.chat_template = None
    tokenizer.backend_tokenizer.normalizer = normalizers.Sequence([])
    tokenizer.backend_tokenizer.decoder = decoders.ByteLevel()
    bos = (tokenizer.bos_token, tokenizer.bos_token_id)
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(single=f"{bos[0]} $A", special_tokens=[bos])
    for file in folder.glob("*.jinja"):
        file.unlink()
    tokenizer.save_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    model.generation_config.eos_token_id = model.config.eos_token_id
    model.save_pretrained(folder)
    return folder
