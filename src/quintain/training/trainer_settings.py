"""Arguments that every training through TRL shares."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict, cast

from msgspec import Meta

from quintain.fields import Count, Natural, NotNegative, Positive, Seed, Share, check
from quintain.models.number_format import number_format
from quintain.training.autocast import Dtype, NumberFormat
from quintain.training.launcher import LauncherArguments, require_sensible


class LoraArguments(TypedDict, total=False):
    """Arguments of peft's LoraConfig; empty trains all weights."""

    r: Count
    """Rank."""
    lora_alpha: Count
    """Scale: α / r is what the update is multiplied by."""
    lora_dropout: Annotated[float, Meta(ge=0, lt=1)]
    """Share of the adapter's inputs that are dropped while training."""
    target_modules: str | list[str]
    """Layers that get an adapter, or `all-linear`."""
    exclude_modules: str | list[str]
    """Layers that get none."""
    modules_to_save: list[str]
    """Layers that are trained whole."""
    layers_to_transform: Natural | list[Natural]
    """Numbers of the blocks that get adapters."""
    layers_pattern: str | list[str]
    """Name of the blocks in the model."""
    rank_pattern: dict[str, Count]
    """Layer → its own rank."""
    alpha_pattern: dict[str, Count]
    """Layer → its own α."""
    bias: Literal["none", "all", "lora_only"]
    """Biases that are trained."""
    init_lora_weights: bool | Literal["gaussian", "eva", "olora", "pissa", "corda", "loftq", "orthogonal", "mica"]
    """First weights of the adapter."""
    use_rslora: bool
    """Scale by α / √r."""
    use_dora: bool
    """Learn size and direction of the weights apart."""
    fan_in_fan_out: bool
    """The layer stores its weights as (in, out)."""


@dataclass(frozen=True, kw_only=True)
class TrainerParams:
    """Settings of the optimiser, whatever the loss.

    Raises:
        ValueError: A value is out of range.
    """

    steps: Count
    """Optimiser steps."""
    batch_size: Count
    """Pairs per step and device."""
    learning_rate: Positive
    """Highest rate of AdamW, reached after the warm-up; it falls to 0 along a cosine."""
    warmup_ratio: Share = 0.05
    """Share of the steps in which the rate rises from 0."""
    weight_decay: NotNegative = 0.0
    """AdamW's decoupled weight decay."""
    max_grad_norm: Positive = 1.0
    """Norm to which a larger gradient is scaled down."""
    accumulation_steps: Count = 1
    """Batches whose gradients are summed up in one step."""
    gradient_checkpointing: bool = False
    """Recompute activations: a third slower, far less memory. Set it for models of a billion parameters."""
    lora: LoraArguments = field(default_factory=LoraArguments)
    """Arguments of peft's LoraConfig, such as `r` and `lora_alpha`; empty trains all weights."""
    checkpoint_steps: Count = 200
    """Steps between checkpoints, from which a killed training resumes, and between looks at the held-out loss."""
    validation_share: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    """Share of the prompts that are held out: their loss is measured at every checkpoint, and the student with the
    lowest one is kept; 0 holds none out."""
    patience: Natural = 0
    """Looks at the held-out loss without a lower one after which the training stops; 0 goes on to the last step."""
    dtype: Dtype = "auto"
    """Number format that the training computes in. What it trains stays in float32, and so does the optimiser; `auto`
    is bfloat16 on a GPU or processor that computes in it, float32 elsewhere."""
    quantization: Literal["nf4"] | None = None
    """`nf4` keeps the weights under an adapter in four bits (QLoRA); needs `quintain[gpu]`."""
    liger: bool = False
    """Layers computed by Liger's kernels, on a GPU; needs `quintain[gpu]`."""
    launcher: LauncherArguments = field(default_factory=LauncherArguments)
    """Processes that train together, such as {processes: 8, strategy: fsdp2}; empty trains in one."""
    threads: Count = 1
    """CPU threads of the training; the bytes of the weights depend on it."""
    seed: Seed = 0
    """Seed of the order of rows and of an adapter's first weights."""

    def __post_init__(self) -> None:
        check(self)
        require_sensible(self.launcher)
        if self.patience and not self.validation_share:
            raise ValueError("patience would have no effect without a held-out loss; set validation_share too")
        if self.quantization and self.launcher.get("strategy") == "fsdp2":
            raise ValueError("quantization does not go with strategy fsdp2; take ddp, which four-bit weights fit into")

    @property
    def number_format(self) -> NumberFormat:
        """Number format that `dtype` means on this machine."""
        return cast("NumberFormat", number_format(self.dtype))


def trainer_settings(params: TrainerParams, scratch: Path) -> dict[str, Any]:
    """Arguments that TRL's configurations share.

    Args:
        params: How to optimise.
        scratch: Folder for checkpoints.

    Returns:
        Arguments of `SFTConfig` and `DPOConfig`: rows come in their order and are short enough, and nothing is reported
        to anybody.
    """
    import torch

    on_gpu = torch.cuda.is_available()
    validation = {
        "eval_strategy": "steps",
        "eval_steps": params.checkpoint_steps,
        "per_device_eval_batch_size": params.batch_size,
        "prediction_loss_only": True,
        "load_best_model_at_end": True,
        "metric_for_best_model": "eval_loss",
        "greater_is_better": False,
    }
    sharding = {
        "fsdp": True,
        "fsdp_config": {
            "version": 2,
            "activation_checkpointing": params.gradient_checkpointing,
            "state_dict_type": "SHARDED_STATE_DICT",  # no process holds the whole optimiser, not even for a checkpoint
        },
    }
    sharded = params.launcher.get("strategy") == "fsdp2"
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
        "activation_checkpointing": params.gradient_checkpointing and not sharded,  # FSDP2 has its own
        "train_sampling_strategy": "sequential",  # the rows come in their order already
        "max_length": None,  # rows that are too long are dropped or cut already, where it can be counted
        "bf16": params.number_format == "bfloat16",
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
        **(validation if params.validation_share else {}),
        **(sharding if sharded else {}),
    }
