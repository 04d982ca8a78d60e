"""One of several processes at a training, as torchrun starts it: `python -m quintain.training.launched FOLDER`."""

import ctypes
import json
import logging
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from quintain import offline
from quintain.errors import ConfigError, QuintainError
from quintain.records import InstructionPair, TokenizedPair
from quintain.training.launcher import FAILURE, JOB, RESULT, TRAINED, world_of
from quintain.training.preference.params import PreferenceParams
from quintain.training.processes import is_first, world_size
from quintain.training.sft import SftParams

if TYPE_CHECKING:
    from torch import nn
    from transformers import PreTrainedTokenizerBase

_PR_SET_PDEATHSIG = 1


class SftJob(msgspec.Struct, tag_field="kind", tag="sft"):
    """Arguments of `fine_tune`."""

    start: str
    pairs: list[InstructionPair]
    params: SftParams
    scratch: str
    setting: str


class PreferenceJob(msgspec.Struct, tag_field="kind", tag="preference"):
    """Arguments of `train_on_preferences`."""

    start: str
    rows: list[TokenizedPair]
    params: PreferenceParams
    scratch: str
    reference: str | None


def work(folder: Path) -> None:
    """Train, and let the first process write the result.

    Args:
        folder: Folder of the job.

    Raises:
        ConfigError: More or fewer processes were started than the training is for.
    """
    job = msgspec.json.decode((folder / JOB).read_bytes(), type=SftJob | PreferenceJob)
    if world_size() != world_of(job.params.launcher):
        raise ConfigError(
            f"the training is for {world_of(job.params.launcher)} processes and torchrun started {world_size()}; start "
            "it with the command in the log of the first machine, on as many machines as launcher.machines says"
        )
    trained: Any
    if isinstance(job, SftJob):
        from quintain.training.sft import fine_tune

        trained = fine_tune(Path(job.start), job.pairs, job.params, Path(job.scratch), setting=job.setting)
    else:
        from quintain.training.preference.train import train_on_preferences

        reference = Path(job.reference) if job.reference else None
        trained = train_on_preferences(Path(job.start), job.rows, job.params, Path(job.scratch), reference)
    _save(trained.model, trained.tokenizer, folder / RESULT)
    if is_first():
        said = {"curve": trained.curve, "validation": trained.validation, "summary": trained.summary}
        (folder / RESULT / TRAINED).write_text(json.dumps(said), encoding="utf-8")


def _save(model: "nn.Module", tokenizer: "PreTrainedTokenizerBase", folder: Path) -> None:
    """Write the whole model; of a shared-out one every process gives its part."""
    from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict
    from torch.distributed.tensor import DTensor

    weights = None
    if any(isinstance(weight, DTensor) for weight in model.parameters()):
        whole = StateDictOptions(
            full_state_dict=True, cpu_offload=True, ignore_frozen_params=hasattr(model, "peft_config")
        )
        tied = getattr(model, "all_tied_weights_keys", None) or {}
        weights = {
            name: weight for name, weight in get_model_state_dict(model, options=whole).items() if name not in tied
        }
    if is_first():
        model.save_pretrained(str(folder), state_dict=weights)  # type: ignore[operator]  # a model of transformers
        tokenizer.save_pretrained(str(folder))


def main(folder: Path) -> None:
    """Train as one of several; say in a file what went wrong, for the process that started all."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # not even a killed torchrun leaves it behind
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stdout)
    if is_first():
        logging.getLogger("quintain").setLevel(logging.INFO)
    offline.silence()

    import torch

    try:
        work(folder)
    except QuintainError as error:
        said = {"kind": type(error).__name__, "message": str(error)}
        (folder / FAILURE).write_text(json.dumps(said), encoding="utf-8")
        raise SystemExit(f"{type(error).__name__}: {error}") from error
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
