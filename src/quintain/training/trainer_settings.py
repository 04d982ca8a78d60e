"""Arguments that every training through TRL shares."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class TrainerParams:
    """Settings of the optimiser, whatever the loss.

    Raises:
        ValueError: A value is out of range.
    """

    steps: int
    """Optimiser steps."""
    batch_size: int
    """Pairs per step and device."""
    learning_rate: float
    """Highest rate of AdamW, reached after the warm-up; it falls to 0 along a cosine."""
    warmup_ratio: float = 0.05
    """Share of the steps in which the rate rises from 0."""
    weight_decay: float = 0.0
    """AdamW's decoupled weight decay."""
    max_grad_norm: float = 1.0
    """Norm to which a larger gradient is scaled down."""
    accumulation_steps: int = 1
    """Batches whose gradients are summed up in one step."""
    gradient_checkpointing: bool = False
    """Recompute activations: a third slower, far less memory. Set it for models of a billion parameters."""
    lora: dict[str, Any] = field(default_factory=dict)
    """Arguments of peft's LoraConfig, such as `r` and `lora_alpha`; empty trains all weights."""
    checkpoint_steps: int = 200
    """Steps between checkpoints, from which a killed training resumes."""
    threads: int = 1
    """CPU threads of the training; the bytes of the weights depend on it."""
    seed: int = 0
    """Seed of the order of rows and of an adapter's first weights."""

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "accumulation_steps", "checkpoint_steps"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        for name in ("learning_rate", "max_grad_norm"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} must be positive and finite, got {getattr(self, name)}")
        if not 0 <= self.weight_decay < math.inf:
            raise ValueError(f"weight_decay must be at least 0 and finite, got {self.weight_decay}")
        if not 0 <= self.warmup_ratio <= 1:
            raise ValueError(f"warmup_ratio must be in [0, 1], got {self.warmup_ratio}")
        for name, value in self.lora.items():
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"lora.{name} must be finite, got {value}")


def trainer_settings(params: TrainerParams, scratch: Path) -> dict[str, Any]:
    """Arguments that TRL's configurations share.

    Args:
        params: How to optimise.
        scratch: Folder for checkpoints.

    Returns:
        Arguments of `SFTConfig` and `DPOConfig`: rows come in their order and are short enough, nothing is reported to
        anybody, and bfloat16 is used on a GPU that has it.
    """
    import torch

    on_gpu = torch.cuda.is_available()
    return {
        "output_dir": str(scratch),
        "max_steps": params.steps,
        "per_device_train_batch_size": params.batch_size,
        "gradient_accumulation_steps": params.accumulation_steps,
        "learning_rate": params.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": round(params.warmup_ratio * params.steps),
        "weight_decay": params.weight_decay,
        "max_grad_norm": params.max_grad_norm,
        "activation_checkpointing": params.gradient_checkpointing,
        "train_sampling_strategy": "sequential",  # the rows come in their order already
        "max_length": None,  # rows that are too long are dropped or cut already, where it can be counted
        "bf16": on_gpu and torch.cuda.is_bf16_supported(),
        "use_cpu": not on_gpu,
        # Means are logged over whole windows, also across a kill: a checkpoint never falls inside one.
        "logging_nan_inf_filter": False,  # a loss that is nan is said, not left out of the mean
        "logging_steps": math.gcd(min(10, max(1, params.steps // 5)), params.checkpoint_steps),
        "save_strategy": "steps",
        "save_steps": params.checkpoint_steps,
        "save_total_limit": 1,
        "dataloader_pin_memory": on_gpu,
        "report_to": "none",
        "disable_tqdm": True,
        "seed": params.seed,
        "data_seed": params.seed,
    }
