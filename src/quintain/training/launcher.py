"""Several processes for one training: torchrun starts them here, its log is passed on, and they end together."""

import json
import logging
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import msgspec

from quintain.errors import ConfigError, ModelError, QuintainError, RecordError, RunError
from quintain.fields import Count
from quintain.models import server_guard
from quintain.models.folder import base_of, is_adapter
from quintain.models.open_folder import open_tokenizer, open_weights

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

WORKER = "quintain.training.launched"
JOB, RESULT, TRAINED, FAILURE = "job.json", "result", "trained.json", "failure.json"
_GRACE_SECONDS = 20.0
_SHOWN_LINES = 20


class LauncherArguments(TypedDict, total=False):
    """Processes that train together; empty trains in the process of the node."""

    processes: Count
    """Processes on each machine: one a GPU."""
    strategy: Literal["ddp", "fsdp2"]
    """`ddp` keeps the whole model in every process, `fsdp2` a part of its weights, gradients and optimiser."""
    machines: Count
    """Machines that share the folder of the project; the command for the others is in the log."""
    rendezvous: str
    """`host:port` of this machine, as the others reach it; needed with several machines."""


def world_of(launcher: LauncherArguments) -> int:
    """Number of processes on all machines."""
    return launcher.get("processes", 1) * launcher.get("machines", 1)


def require_sensible(launcher: LauncherArguments) -> None:
    """Refuse what could not work, or would have no effect.

    Args:
        launcher: The processes.

    Raises:
        ValueError: Settings do not fit each other.
    """
    if launcher.get("strategy") == "fsdp2" and world_of(launcher) == 1:
        raise ValueError("launcher.strategy fsdp2 has nothing to share out in one process; raise launcher.processes")
    if launcher.get("machines", 1) > 1 and not re.fullmatch(r"\S+:\d+", launcher.get("rendezvous", "")):
        raise ValueError("launcher.rendezvous must be host:port of the first machine when launcher.machines is above 1")


def is_launched() -> bool:
    """True in a process that torchrun started."""
    return "WORLD_SIZE" in os.environ


def train_in_processes(
    kind: str, job: Mapping[str, Any], start: Path, launcher: LauncherArguments, folder: Path, threads: int
) -> dict[str, Any]:
    """Run a training in processes of its own and open what they made.

    Args:
        kind: Which training, as `quintain.training.launched` knows it.
        job: Its arguments.
        start: Folder of the student that it starts from.
        launcher: How many processes.
        folder: Where job and result stand while it runs.
        threads: CPU threads of each process.

    Returns:
        `model`, `tokenizer`, `curve`, `validation` and `summary`.

    Raises:
        QuintainError: What a process raised, in its own words.
        RunError: A process ended without saying why.
        ConfigError: There are fewer GPUs than processes.
    """
    try:
        result = launch(kind, job, launcher, folder, threads)
        model, tokenizer = _opened(result, start)
        said = json.loads((result / TRAINED).read_text(encoding="utf-8"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # weights that are open stay readable
    return {"model": model, "tokenizer": tokenizer, **said}


def _opened(result: Path, start: Path) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
    tokenizer = open_tokenizer(result)
    if not is_adapter(result):
        return open_weights(result, "auto"), tokenizer
    from peft import PeftModel

    model = open_weights(base_of(start) if is_adapter(start) else start, "auto")
    return PeftModel.from_pretrained(model, str(result), local_files_only=True), tokenizer  # type: ignore[return-value]


def launch(kind: str, job: Mapping[str, Any], launcher: LauncherArguments, folder: Path, threads: int) -> Path:
    """Run a training in processes of its own.

    Args:
        kind: Which training, as `quintain.training.launched` knows it.
        job: Its arguments.
        launcher: How many processes.
        folder: Where job and result stand while it runs.
        threads: CPU threads of each process.

    Returns:
        Folder of the result: model, tokenizer, and `trained.json`.

    Raises:
        QuintainError: What a process raised, in its own words.
        RunError: A process ended without saying why.
        ConfigError: There are fewer GPUs than processes.
    """
    _enough_gpus(launcher.get("processes", 1))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / JOB).write_bytes(msgspec.json.encode({"kind": kind, **job}))
    command = torchrun(launcher, folder)
    logger.info("training in %d processes, %s", world_of(launcher), launcher.get("strategy", "ddp"))
    if launcher.get("machines", 1) > 1:
        logger.info(
            "start this on each of the %d other machines, in this very folder: %s",
            launcher["machines"] - 1, shlex.join(["python", *command[1:]]),
        )  # fmt: skip
    status, lines = _follow(command, threads)
    if status:
        raise _failure(folder, status, lines)
    return folder / RESULT


def torchrun(launcher: LauncherArguments, folder: Path) -> list[str]:
    """Command that starts the processes of this machine.

    Args:
        launcher: How many processes, on how many machines.
        folder: Folder of the job.

    Returns:
        The command; on several machines it is the same on each.
    """
    machines = launcher.get("machines", 1)
    meeting = ["--standalone"]
    if machines > 1:
        meeting = [
            "--nnodes", str(machines), "--rdzv-backend", "c10d", "--rdzv-endpoint", launcher["rendezvous"],
            "--rdzv-id", folder.name,
        ]  # fmt: skip
    processes = ["--nproc-per-node", str(launcher.get("processes", 1))]
    return [sys.executable, "-m", "torch.distributed.run", *meeting, *processes, "--module", WORKER, str(folder)]


def _enough_gpus(processes: int) -> None:
    import torch

    found = torch.cuda.device_count()
    if 0 < found < processes:
        raise ConfigError(f"launcher.processes is {processes}, and torch sees {found} GPUs: each process needs its own")


def _follow(command: list[str], threads: int) -> tuple[int, list[str]]:
    """Run a command under a guard that ends it with this process, and pass its lines on as they come."""
    guarded = [sys.executable, "-I", server_guard.__file__, str(os.getpid()), str(_GRACE_SECONDS), *command]
    last: deque[str] = deque(maxlen=_SHOWN_LINES)
    with subprocess.Popen(  # noqa: S603 - this very Python, no shell
        guarded,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=os.environ | {"OMP_NUM_THREADS": str(threads)},
    ) as guard:
        assert guard.stdout is not None  # noqa: S101 - a pipe was asked for
        try:
            for line in guard.stdout:
                last.append(line.rstrip())
                logger.info("%s", line.rstrip())
        except BaseException:
            guard.terminate()  # the guard ends all that it started
            raise
    return guard.returncode, list(last)


def _failure(folder: Path, status: int, lines: list[str]) -> QuintainError:
    """Last words of a process before it ended; else which one ended, and the last lines."""
    try:
        said = json.loads((folder / FAILURE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        said = None
    if said:
        kinds = {kind.__name__: kind for kind in (ConfigError, ModelError, RecordError)}
        return kinds.get(said["kind"], RunError)(said["message"])
    found = re.findall(r"rank\s*:\s*(\d+).*?exitcode\s*:\s*(-?\d+)", "\n".join(lines), re.DOTALL)
    who = "process {} ended with {}".format(*found[-1]) if found else f"torchrun ended with {status}"
    return RunError(
        f"the processes of the training ended before it did: {who}, and the others with it. Run it again to go on from "
        "the last checkpoint. Their last lines:\n" + "\n".join(lines)
    )
