"""Random Llamas of `gpu.py`, and how much it measures on them."""

import dataclasses
from pathlib import Path
from typing import Any

import torch


@dataclasses.dataclass(frozen=True)
class Shape:
    """Shape of a random Llama."""

    name: str
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    feed_forward: int
    vocabulary: int


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    shapes: tuple[Shape, ...]
    context: int
    rows: int
    """Rows per step of fine-tuning."""
    pairs: int
    """Pairs per step of preference training."""
    steps: int
    warm_up: int
    prompts: int
    new_tokens: int
    student: Shape
    student_steps: int
    student_rows: int
    items: int


FULL = Sizes(
    shapes=(
        Shape("0.5B", 896, 24, 14, 2, 4864, 32_000),
        Shape("1.5B", 1536, 28, 12, 2, 8960, 32_000),
    ),
    context=2048, rows=8, pairs=4, steps=14, warm_up=5, prompts=128, new_tokens=256,
    student=Shape("almanac 10M", 320, 8, 8, 8, 880, 1536), student_steps=1500, student_rows=64, items=480,
)  # fmt: skip
TINY = Sizes(
    shapes=(Shape("tiny", 32, 2, 2, 1, 64, 1600),),
    context=256, rows=2, pairs=2, steps=3, warm_up=1, prompts=4, new_tokens=8,
    student=Shape("almanac tiny", 32, 2, 2, 2, 64, 1536), student_steps=3, student_rows=4, items=12,
)  # fmt: skip


def save_random(shape: Shape, tokenizer: Any, context: int, folder: Path) -> Path:
    """An untrained Llama in a folder."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=max(shape.vocabulary, len(tokenizer)), hidden_size=shape.hidden, num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads, num_key_value_heads=shape.kv_heads, intermediate_size=shape.feed_forward,
        max_position_embeddings=context, tie_word_embeddings=True, pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = LlamaForCausalLM(config)
    model.bfloat16().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
