"""Adapters with random weights on a model folder, as a training would leave them."""

import shutil

import torch
from peft import LoraConfig, PromptTuningConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from quintain.datasets.adapter import save_adapter


def make_adapter(base, folder, *, scale=0.1, dtype=torch.float32, **settings):
    """Write an adapter of a kind into a folder beside its base; `scale` is the size of what it adds."""
    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=dtype)
    config = LoraConfig(task_type="CAUSAL_LM", r=4, **({"target_modules": ["q_proj", "down_proj"]} | settings))
    model = get_peft_model(model, config)
    for name, weight in model.named_parameters():
        if "lora_" in name or "modules_to_save" in name or "trainable_tokens" in name:
            with torch.no_grad():
                weight.add_(scale * torch.randn_like(weight))
    folder.mkdir(parents=True)
    save_adapter(model, folder)
    AutoTokenizer.from_pretrained(base).save_pretrained(folder)
    return folder


def make_soft_prompt(base, folder):
    """Write an adapter that adds to the prompt and to no weight."""
    model = AutoModelForCausalLM.from_pretrained(base)
    model = get_peft_model(model, PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=3))
    folder.mkdir(parents=True)
    save_adapter(model, folder)
    AutoTokenizer.from_pretrained(base).save_pretrained(folder)
    return folder


def copied(folder, target):
    """A copy of a model folder that a test may change."""
    return shutil.copytree(folder, target)
