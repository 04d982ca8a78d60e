"""Trial of a training: its first real steps, in a process of their own, with their time and the memory they took."""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from quintain.errors import QuintainError
from quintain.records import InstructionPair, TokenizedPair
from quintain.training.launcher import LauncherArguments
from quintain.training.order import length_grouped_order
from quintain.training.preference.params import PreferenceParams
from quintain.training.trainer_settings import TrainerParams

STEPS = 3
"""Steps that are measured; one before them warms up."""
_MOST_SECONDS = 600.0
_LOG_LINES = 3


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Outcome of a trial."""

    tokens_per_second: float = 0.0
    """Speed of the measured steps, padding not counted."""
    step_seconds: float = 0.0
    """Median time of a step on one batch."""
    peak_bytes: int = 0
    """Most memory: of the GPU, or else of the process."""
    fault: str = ""
    """Reason why there are no numbers."""


def try_training(
    start: Path,
    rows: Sequence[InstructionPair] | Sequence[TokenizedPair],
    lengths: Sequence[int],
    params: TrainerParams,
) -> Trial:
    """Take a few real steps of a training, the longest row among them.

    Args:
        start: Folder of the model.
        rows: Rows of the training, all of which fit.
        lengths: Their tokens.
        params: Its settings.

    Returns:
        The outcome; `fault` says so when a step failed, or the system ended the process.
    """
    from torch.multiprocessing import get_context

    chosen = _spread(lengths, (STEPS + 1) * params.batch_size)
    # Batches are not accumulated: each is a step of its own here, of one process, with nothing held out.
    hasty = replace(
        params,
        steps=STEPS + 1,
        accumulation_steps=1,
        checkpoint_steps=STEPS + 1,
        validation_share=0.0,
        patience=0,
        launcher=LauncherArguments(),
    )
    with tempfile.TemporaryDirectory(prefix="quintain-doctor-") as scratch:
        folder = Path(scratch)
        arguments = (start.resolve(), [rows[i] for i in chosen], hasty, folder)
        process = get_context("spawn").Process(target=_train, args=arguments, name="trial", daemon=True)
        process.start()
        process.join(_MOST_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
            return Trial(fault=f"{STEPS} steps took longer than {_MOST_SECONDS:.0f} s")
        if not (folder / _RESULT).is_file():
            return Trial(fault=_last_words(folder / _LOG, process.exitcode))
        result = json.loads((folder / _RESULT).read_text(encoding="utf-8"))
    if fault := result.get("fault"):
        return Trial(fault=fault)
    picked = [lengths[i] for i in chosen]
    order = length_grouped_order(picked, hasty.batch_size, hasty.steps, hasty.seed)
    seconds = result["seconds"][-STEPS:]
    tokens = sum(picked[i] for i in order[-STEPS * hasty.batch_size :])
    return Trial(
        tokens_per_second=tokens / max(sum(seconds), 1e-9),
        step_seconds=statistics.median(seconds),
        peak_bytes=result["peak_bytes"],
    )


_RESULT, _LOG = "result.json", "log.txt"


def _spread(lengths: Sequence[int], count: int) -> list[int]:
    """Rows of all lengths, the longest included, by their indices."""
    by_length = sorted(range(len(lengths)), key=lengths.__getitem__)
    if len(by_length) <= count:
        return by_length
    return [by_length[round(n * (len(by_length) - 1) / (count - 1))] for n in range(count)]


def _last_words(log: Path, exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"the process was ended by signal {-exit_code}, as the system does where memory runs out"
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.is_file() else []
    said = [line.strip() for line in lines if line.strip()][-_LOG_LINES:]
    return " | ".join(said)[-400:] or f"the process ended with {exit_code}"


def _train(start: Path, rows: list[Any], params: TrainerParams, folder: Path) -> None:
    """Train in this process, and write down how it went."""
    with (folder / _LOG).open("w", encoding="utf-8") as log:  # libraries write what they like
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    from quintain.training import sft
    from quintain.training.preference.train import train_on_preferences

    seconds = _clock_steps()
    result: dict[str, Any]
    try:
        if isinstance(params, PreferenceParams):
            train_on_preferences(start, rows, params, folder / "scratch")
        else:
            sft.fine_tune(start, rows, params, folder / "scratch")  # type: ignore[arg-type]  # its own params
        result = {"seconds": seconds, "peak_bytes": _peak_bytes()}
    except QuintainError as error:
        result = {"fault": str(error)}
    (folder / _RESULT).write_text(json.dumps(result), encoding="utf-8")


def _clock_steps() -> list[float]:
    """Let every trainer of this process note the seconds of its steps in a list, and keep no checkpoint."""
    from transformers import TrainerCallback, trainer

    seconds: list[float] = []

    class StepClock(TrainerCallback):
        """Notes seconds of steps."""

        def on_step_begin(self, *_: Any, **__: Any) -> None:
            """Start the clock."""
            self.started = time.perf_counter()

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            """Stop it."""
            seconds.append(time.perf_counter() - self.started)
            control.should_save = False

    callbacks: list[Any] = trainer.DEFAULT_CALLBACKS
    callbacks.append(StepClock)  # the trainings take no callback of others
    return seconds


def _peak_bytes() -> int:
    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    # What `getrusage` tells on Linux counts the parent too, as it was when this process began.
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8", errors="replace").splitlines() if status.is_file() else []
    for line in lines:
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) << 10
    from quintain.runner.peak import peak_mib

    return int(peak_mib() * (1 << 20))
