"""Run of a Trainer of transformers: from the last checkpoint on, in the number format of its settings."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

from quintain.training.autocast import halved_stream
from quintain.training.checkpoints import last_checkpoint
from quintain.training.trainer_settings import TrainerParams


def early_stopping(params: TrainerParams) -> list[Any]:
    """Callbacks that stop a training whose held-out loss no longer falls."""
    from transformers import EarlyStoppingCallback

    return [EarlyStoppingCallback(early_stopping_patience=params.patience)] if params.patience else []


def run(trainer: Any, scratch: Path) -> None:
    """Train from the last whole checkpoint on; with a held-out loss, end with the best student.

    A training in bfloat16 computes with stochastically rounded weights, and its student is kept in bfloat16.

    Args:
        trainer: Trainer of transformers.
        scratch: Folder of its checkpoints.
    """
    import torch

    from quintain.training.stochastic_rounding import rounded_weights, store_rounded

    for weight in trainer.model.parameters():
        if weight.requires_grad and weight.dtype != torch.float32:
            weight.data = weight.data.float()  # TRL halves an adapter on weights of four bits
    checkpoint = last_checkpoint(scratch)
    reference = getattr(trainer, "ref_model", None)
    with (
        halved_stream(trainer.model),
        rounded_weights(trainer.model),
        halved_stream(reference) if reference else nullcontext(),
    ):
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    if trainer.args.bf16:
        store_rounded(trainer.model)
    trainer.accelerator.wait_for_everyone()  # the first process clears the checkpoints away, which all may be reading
