"""Supervised fine-tuning on instruction pairs, through TRL."""

import copy
import functools
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from quintain.errors import ModelError, RecordError
from quintain.fields import Count, NotNegative, Share
from quintain.models.folder import folder_digest, is_adapter
from quintain.records import InstructionPair, content_id
from quintain.training.adapter_config import adapter_config
from quintain.training.checkpoints import last_checkpoint, scratch_folder
from quintain.training.dropped_rows import refuse_dropped
from quintain.training.finite import finite_training
from quintain.training.order import length_grouped_order
from quintain.training.processes import require_all, world_size
from quintain.training.row_rendering import encoder_of_folder
from quintain.training.start_model import open_start
from quintain.training.token_rows import TokenRow, as_rows
from quintain.training.trainer_settings import TrainerParams, trainer_settings

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True, kw_only=True)
class SftParams(TrainerParams):
    """Settings of supervised fine-tuning.

    Raises:
        ValueError: A value is out of range.
    """

    max_length: Count
    """Longest prompt and response together, in tokens."""
    most_dropped: Share = 0.2
    """Largest share of the pairs that may be dropped because the student cannot read or hold them."""
    keep_reasoning: bool = False
    """Learn the reasoning that stands before a response; else the response alone is learned."""
    kl_weight: NotNegative = 0.0
    """Weight of KL(start‖student) on free text and on questions that no edit is about; 0 leaves the term out. The start
    is a second copy of the model, but for an adapter that begins here: without it the model is the start."""


@dataclass(frozen=True)
class FineTuned:
    """A fine-tuned student and how it came about."""

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    curve: list[dict[str, float]]
    """Points of the loss curve: step, loss (nats per response token), learning_rate, tokens so far."""
    summary: dict[str, Any]
    """Steps, rows, rows dropped by reason, tokens, first and last loss; seconds and speed of this process."""


def fine_tune(
    start: Path, pairs: Sequence[InstructionPair], params: SftParams, scratch: Path, *, setting: str = "finetuning.sft"
) -> FineTuned:
    """Fine-tune a student; the loss is taken on the response only.

    A killed training continues at its last checkpoint and ends as if it had not been killed. Rows are grouped by
    length, so that little is spent on padding.

    Args:
        start: Folder of the student to start from.
        pairs: What to learn.
        params: How to train.
        scratch: Folder for checkpoints; what this training puts there is removed at its end.
        setting: Name under which the user sets the parameters, for messages.

    Returns:
        The student, its loss curve and a summary.

    Raises:
        ModelError: The folder holds no model, or the training lost its numbers.
        RecordError: No pair can be learned, or more of them cannot than `most_dropped` says.
        ConfigError: Another process is at this very training.
    """
    import torch

    torch.set_num_threads(params.threads)
    start_digest = folder_digest(start)
    if is_adapter(start) and not params.lora:
        raise ModelError(
            f"{start} is an adapter and all weights are to be trained (`lora` is empty); start from a whole model, or "
            "train an adapter"
        )
    model, tokenizer = open_start(start, half=bool(params.lora))
    made = as_rows(encoder_of_folder(start), pairs, params.max_length, keep_reasoning=params.keep_reasoning)
    if pairs and made.dropped_by_reason()["too-long"] == len(pairs):
        raise RecordError(
            f"none of {len(pairs)} pairs fits into {params.max_length} tokens (the first is {made.dropped[0].where}); "
            f"raise {setting}.max_length or give shorter pairs"
        )
    refuse_dropped(made.dropped, len(pairs), params.most_dropped, setting)
    rows = made.rows
    identity = content_id(asdict(params), [pair.id for pair in pairs], start_digest)
    with scratch_folder(scratch, identity) as folder, finite_training(params, setting, folder):
        trained, curve, speed = _train(model, tokenizer, rows, params, folder)
    dropped = {f"dropped_{why.replace('-', '_')}": count for why, count in made.dropped_by_reason().items()}
    summary = {"steps": params.steps, "rows": len(rows), "rows_with_reasoning": made.with_reasoning, **dropped}
    losses = {"first_loss": curve[0]["loss"], "last_loss": curve[-1]["loss"]}
    return FineTuned(trained, tokenizer, curve, {**summary, "tokens": curve[-1]["tokens"], **speed, **losses})


def _train(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    rows: list[TokenRow],
    params: SftParams,
    scratch: Path,
) -> tuple["PreTrainedModel", list[dict[str, float]], dict[str, float]]:
    from datasets import Dataset
    from transformers import PrinterCallback, set_seed
    from trl import SFTConfig

    from quintain.training.anchored_trainer import AnchoredTrainer
    from quintain.training.finite_guard import FiniteGuard
    from quintain.training.progress import ProgressLog
    from quintain.training.response_trainer import ResponseTrainer

    set_seed(params.seed)  # TRL draws an adapter's first weights before its trainer sets the seed
    peft_config = None
    if params.lora and not hasattr(model, "peft_config"):
        peft_config = adapter_config(model, params.lora)
    lengths = [len(row["input_ids"]) for row in rows]
    batches = params.steps * params.accumulation_steps * world_size()
    order = length_grouped_order(lengths, params.batch_size, batches, params.seed)
    progress = ProgressLog()
    trainer_of: Callable[..., ResponseTrainer] = ResponseTrainer
    if params.kl_weight:
        start = None if peft_config else copy.deepcopy(model)
        trainer_of = functools.partial(AnchoredTrainer, kl_weight=params.kl_weight, start=start)
    trainer = trainer_of(
        model=model,
        args=SFTConfig(**trainer_settings(params, scratch), packing=False, include_num_input_tokens_seen="non_padding"),
        train_dataset=Dataset.from_list(rows).select(order),
        processing_class=tokenizer,
        peft_config=peft_config,
        callbacks=[progress, FiniteGuard()],
    )
    require_all(trainer.args.world_size)
    trainer.remove_callback(PrinterCallback)  # ProgressLog says it in one line
    checkpoint = last_checkpoint(scratch)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    speed = {
        "seconds": round(progress.seconds, 1),
        "tokens_per_second": round(progress.tokens_per_second(trainer.state)),
    }
    return cast("PreTrainedModel", trainer.model), _curve(trainer.state.log_history), speed


def _curve(log_history: list[dict[str, float]]) -> list[dict[str, float]]:
    return [
        {
            "step": entry["step"],
            "loss": entry["loss"],
            "learning_rate": entry["learning_rate"],
            "tokens": entry["num_input_tokens_seen"],
        }
        for entry in log_history
        if "loss" in entry
    ]
