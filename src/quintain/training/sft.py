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
from quintain.training.checkpoints import scratch_folder
from quintain.training.dropped_rows import refuse_dropped
from quintain.training.finite import finite_training
from quintain.training.launcher import is_launched, train_in_processes, world_of
from quintain.training.order import length_grouped_order
from quintain.training.packing import packed, require_apart
from quintain.training.processes import require_all, world_size
from quintain.training.row_rendering import Learn, encoder_of_folder
from quintain.training.start_model import open_to_train
from quintain.training.token_rows import TokenRow, as_rows
from quintain.training.trainer_settings import TrainerParams, trainer_settings
from quintain.training.training_run import early_stopping, run
from quintain.training.validation import best_of, curve_of, held_out

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
    learn: Learn = "last"
    """Responses of a chat that carry loss: `last`, or `all` of the assistant's turns; each is learned behind the prompt
    that the student is asked with."""
    packing: bool = False
    """Fill sequences of max_length tokens with rows behind each other, none of which sees another; batch_size then
    counts sequences. Faster on a GPU, where rows differ in length."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.packing and self.kl_weight:
            raise ValueError("packing does not go with kl_weight, which asks for rows apart; take one of them out")


@dataclass(frozen=True)
class FineTuned:
    """A fine-tuned student and how it came about."""

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    curve: list[dict[str, float]]
    """Points of the loss curve: step, loss (nats per response token), learning_rate, tokens so far."""
    validation: list[dict[str, float]]
    """Points of the held-out loss: step, loss (nats per response token); empty where nothing is held out."""
    summary: dict[str, Any]
    """Steps, rows, rows dropped by reason, tokens, first and last loss; the step that is kept and its held-out loss;
    seconds and speed of this process."""


def fine_tune(
    start: Path, pairs: Sequence[InstructionPair], params: SftParams, scratch: Path, *, setting: str = "finetuning.sft"
) -> FineTuned:
    """Fine-tune a student; the loss is taken on the response only.

    A killed training continues at its last checkpoint and ends as if it had not been killed. Rows are grouped by
    length, so that little is spent on padding. Where prompts are held out, the student with the lowest loss on them is
    kept, and the last one else.

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
        ConfigError: Another process is at this very training, or a library that the settings ask for is not here.
        RunError: One of several processes ended before the training did.
    """
    import torch

    torch.set_num_threads(params.threads)
    start_digest = folder_digest(start)
    if is_adapter(start) and not params.lora:
        raise ModelError(
            f"{start} is an adapter and all weights are to be trained (`lora` is empty); start from a whole model, or "
            "train an adapter"
        )
    identity = content_id(asdict(params), params.number_format, [pair.id for pair in pairs], start_digest)
    if world_of(params.launcher) > 1 and not is_launched():
        job = {"start": str(start), "pairs": list(pairs), "params": params, "scratch": str(scratch), "setting": setting}
        folder = scratch / f"{identity}.launch"
        return FineTuned(**train_in_processes("sft", job, start, params.launcher, folder, params.threads))
    model, tokenizer = open_to_train(start, params, packed=params.packing)
    learned, unseen = held_out(pairs, lambda pair: pair.instruction, params.validation_share, setting)
    encoder = encoder_of_folder(start)
    made, validation = (
        as_rows(encoder, some, params.max_length, keep_reasoning=params.keep_reasoning, learn=params.learn)
        for some in (learned, unseen)
    )
    for some, rows in ((learned, made), (unseen, validation)):
        if some and rows.dropped_by_reason()["too-long"] == len(some):
            raise RecordError(
                f"none of {len(some)} pairs fits into {params.max_length} tokens (the first is "
                f"{rows.dropped[0].where}); raise {setting}.max_length or give shorter pairs"
            )
    refuse_dropped([*made.dropped, *validation.dropped], len(pairs), params.most_dropped, setting)
    with scratch_folder(scratch, identity) as folder, finite_training(params, setting, folder):
        trained, log, speed = _train(model, tokenizer, made.rows, validation.rows, params, folder)
    curve, losses = _curve(log), curve_of(log)
    summary = {
        "steps": int(log[-1]["step"]),
        "rows": len(made.rows),
        "rows_with_reasoning": made.with_reasoning,
        **{f"dropped_{why.replace('-', '_')}": count for why, count in made.dropped_by_reason().items()},
        "tokens": curve[-1]["tokens"],
        **speed,
        "first_loss": curve[0]["loss"],
        "last_loss": curve[-1]["loss"],
        **best_of(losses),
    }
    return FineTuned(trained, tokenizer, curve, losses, summary)


def _train(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    rows: list[TokenRow],
    validation: list[TokenRow],
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
    dataset_of = functools.partial(packed, length=params.max_length) if params.packing else Dataset.from_list
    learned = dataset_of(rows)
    lengths = [len(ids) for ids in learned["input_ids"]]
    batches = params.steps * params.accumulation_steps * world_size()
    order = length_grouped_order(lengths, params.batch_size, batches, params.seed)
    progress = ProgressLog()
    trainer_of: Callable[..., ResponseTrainer] = ResponseTrainer
    if params.kl_weight:
        start = None if peft_config else copy.deepcopy(model)
        trainer_of = functools.partial(AnchoredTrainer, kl_weight=params.kl_weight, start=start)
    trainer = trainer_of(
        model=model,
        args=SFTConfig(
            **trainer_settings(params, scratch),
            padding_free=params.packing,
            include_num_input_tokens_seen="non_padding",
        ),
        train_dataset=learned.select(order),
        eval_dataset=dataset_of(validation) if validation else None,
        processing_class=tokenizer,
        peft_config=peft_config,
        callbacks=[progress, FiniteGuard(), *early_stopping(params)],
    )
    require_all(trainer.args.world_size)
    trainer.remove_callback(PrinterCallback)  # ProgressLog says it in one line
    if params.packing:
        require_apart(trainer.model, trainer.data_collator, params.number_format)
    with progress:
        run(trainer, scratch)
    speed = {
        "seconds": round(progress.seconds, 1),
        "tokens_per_second": round(progress.tokens_per_second(trainer.state)),
    }
    return cast("PreTrainedModel", trainer.model), trainer.state.log_history, speed


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
