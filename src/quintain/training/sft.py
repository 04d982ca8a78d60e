"""Supervised fine-tuning on instruction pairs, through TRL."""

import logging
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from quintain.errors import ModelError, RecordError
from quintain.records import InstructionPair, content_id
from quintain.training.order import length_grouped_order
from quintain.training.rows import Row, as_rows

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase
    from trl import SFTConfig

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SftParams:
    """How a student is fine-tuned.

    Raises:
        ValueError: A value is out of range.
    """

    steps: int
    """Optimiser steps."""
    batch_size: int
    """Pairs per step and device."""
    learning_rate: float
    max_length: int
    """Longest prompt and response together, in tokens."""
    warmup_share: float = 0.05
    weight_decay: float = 0.0
    accumulation_steps: int = 1
    gradient_checkpointing: bool = False
    """Recompute activations: a third slower, far less memory. Set it for models of a billion parameters."""
    lora: dict[str, Any] = field(default_factory=dict)
    """Arguments of peft's LoraConfig, such as `r` and `lora_alpha`; empty trains all weights."""
    checkpoint_steps: int = 200
    threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "max_length", "accumulation_steps", "checkpoint_steps"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if self.learning_rate <= 0:
            raise ValueError(f"learning_rate must be positive, got {self.learning_rate}")


@dataclass(frozen=True)
class FineTuned:
    """A fine-tuned student and how it came about."""

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    curve: list[dict[str, float]]
    """Points of the loss curve: step, loss (nats per response token), learning_rate, tokens."""
    summary: dict[str, Any]
    """Steps, rows, rows dropped by reason, tokens, seconds, tokens per second, first and last loss."""


def fine_tune(start: Path, pairs: Sequence[InstructionPair], params: SftParams, scratch: Path) -> FineTuned:
    """Fine-tune a student; the loss is taken on the response only.

    A killed run continues at its last checkpoint. Rows are grouped by length, which on a CPU makes up for what TRL's
    per-token statistics cost.

    Args:
        start: Folder of the student to start from.
        pairs: What to learn.
        params: How to train.
        scratch: Folder for checkpoints; removed at the end.

    Returns:
        The student, its loss curve and a summary.

    Raises:
        ModelError: The folder holds no model.
        RecordError: No pair fits into max_length.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(params.threads)
    try:
        tokenizer = AutoTokenizer.from_pretrained(start, local_files_only=True)
        model = AutoModelForCausalLM.from_pretrained(start, local_files_only=True, dtype="auto")
    except (OSError, ValueError) as error:
        raise ModelError(f"{start} could not be opened as a model to start from: {error}") from error
    rows, dropped = as_rows(tokenizer, pairs, params.max_length)
    if not rows:
        raise RecordError(
            f"none of {len(pairs)} pairs fits into {params.max_length} tokens (dropped: {dropped}); "
            "raise finetuning.sft.max_length or shorten the pages"
        )
    _claim(scratch, content_id(str(asdict(params)), [pair.id for pair in pairs], str(start)))
    tokens_per_row = sum(len(row["input_ids"]) for row in rows) / len(rows)
    trained, curve, seconds = _train(model, tokenizer, rows, params, scratch, tokens_per_row)
    shutil.rmtree(scratch)
    seen = params.steps * params.batch_size * params.accumulation_steps * tokens_per_row
    return FineTuned(
        model=trained,
        tokenizer=tokenizer,
        curve=curve,
        summary={
            "steps": params.steps,
            "rows": len(rows),
            **{f"dropped_{reason}": count for reason, count in dropped.items()},
            "tokens": round(seen),
            "seconds": round(seconds, 1),
            "tokens_per_second": round(seen / seconds),
            "first_loss": curve[0]["loss"],
            "last_loss": curve[-1]["loss"],
        },
    )


def _claim(scratch: Path, identity: str) -> None:
    """Keep the checkpoints of this very training, clear away those of another."""
    mark = scratch / "identity"
    if mark.is_file() and mark.read_text() == identity:
        return
    if scratch.exists():
        logger.info("%s holds checkpoints of another training; starting anew", scratch)
        shutil.rmtree(scratch)
    scratch.mkdir(parents=True)
    mark.write_text(identity)


def _train(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    rows: list[Row],
    params: SftParams,
    scratch: Path,
    tokens_per_row: float,
) -> tuple["PreTrainedModel", list[dict[str, float]], float]:
    from datasets import Dataset
    from transformers import PrinterCallback
    from transformers.trainer_utils import get_last_checkpoint
    from trl import SFTTrainer

    from quintain.training.progress import ProgressLog

    peft_config = None
    if params.lora:
        from peft import LoraConfig

        peft_config = LoraConfig(task_type="CAUSAL_LM", **params.lora)
    tokens_per_step = params.batch_size * params.accumulation_steps * tokens_per_row
    progress = ProgressLog(params.steps, tokens_per_step)
    lengths = [len(row["input_ids"]) for row in rows]
    order = length_grouped_order(lengths, params.batch_size, params.steps * params.accumulation_steps, params.seed)
    trainer = SFTTrainer(
        model=model,
        args=_settings(params, scratch),
        train_dataset=Dataset.from_list(rows).select(order),
        processing_class=tokenizer,
        peft_config=peft_config,
        callbacks=[progress],
    )
    trainer.remove_callback(PrinterCallback)  # ProgressLog says it in one line
    started = time.monotonic()
    trainer.train(resume_from_checkpoint=get_last_checkpoint(str(scratch)))
    seconds = time.monotonic() - started
    curve = [
        {
            "step": entry["step"],
            "loss": entry["loss"],
            "learning_rate": entry["learning_rate"],
            "tokens": round(entry["step"] * tokens_per_step),
        }
        for entry in trainer.state.log_history
        if "loss" in entry
    ]
    return cast("PreTrainedModel", trainer.model), curve, seconds


def _settings(params: SftParams, scratch: Path) -> "SFTConfig":
    import torch
    from trl import SFTConfig

    on_gpu = torch.cuda.is_available()
    return SFTConfig(
        output_dir=str(scratch),
        max_steps=params.steps,
        per_device_train_batch_size=params.batch_size,
        gradient_accumulation_steps=params.accumulation_steps,
        learning_rate=params.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=round(params.warmup_share * params.steps),
        weight_decay=params.weight_decay,
        activation_checkpointing=params.gradient_checkpointing,
        train_sampling_strategy="sequential",  # the rows come in their order already
        packing=False,
        max_length=None,  # the rows are cut already, where it can be counted
        bf16=on_gpu,
        use_cpu=not on_gpu,
        logging_steps=min(10, params.steps),
        save_strategy="steps",
        save_steps=params.checkpoint_steps,
        save_total_limit=1,
        dataloader_pin_memory=on_gpu,
        report_to="none",
        disable_tqdm=True,
        seed=params.seed,
        data_seed=params.seed,
    )
