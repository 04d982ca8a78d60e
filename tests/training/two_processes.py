"""The same training by two processes, started with torchrun; the first one saves the weights."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def weights_of_two(train, student, scratch, settings):
    """Weights that two processes train together.

    Args:
        train: `module:function`, which takes student, scratch and settings and gives the trained model.
        student: Folder to start from.
        scratch: Folder for checkpoints.
        settings: Settings of the training.
    """
    from safetensors.torch import load_file

    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*torchrun, "--module", "tests.training.two_processes", train, student, scratch, json.dumps(settings)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return load_file(scratch / "weights")


def main(train, student, scratch, settings):
    """Train as one of two processes."""
    from quintain import offline

    offline.silence()

    import torch
    from safetensors.torch import save_file

    from quintain.training.processes import is_first, world_size

    module, _, name = train.partition(":")
    model = getattr(importlib.import_module(module), name)(student, scratch, settings)
    assert torch.distributed.get_world_size() == world_size() == 2
    if is_first():
        save_file({name: weight.contiguous() for name, weight in model.named_parameters()}, scratch / "weights")
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), json.loads(sys.argv[4]))
