"""Tiny models as somebody else might hand them over."""

import shutil

import pytest
import torch
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
    """The same without a chat template, and replies that do not end."""
    folder = tmp_path / "base"
    shutil.copytree(ending_model, folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.chat_template = None
    for file in folder.glob("*.jinja"):
        file.unlink()
    tokenizer.save_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    model.generation_config.eos_token_id = model.config.eos_token_id
    model.save_pretrained(folder)
    return folder
