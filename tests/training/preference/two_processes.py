"""Run by torchrun: train on preferences, and let the first process save the weights."""

import json
import sys
from pathlib import Path


def main(student: Path, scratch: Path, settings: str) -> None:
    """Train as one of two processes."""
    sys.path.insert(0, str(Path(__file__).parent))
    from conftest import make_pairs

    from quintain import offline

    offline.silence()

    import torch
    from safetensors.torch import save_file

    from quintain.training.preference.params import PreferenceParams
    from quintain.training.preference.rows import RowParams, tokenize_pairs
    from quintain.training.preference.train import train_on_preferences
    from quintain.training.processes import is_first, world_size
    from quintain.training.start_model import open_start

    rows, _ = tokenize_pairs(open_start(student)[1], make_pairs(), RowParams(max_length=128))
    trained = train_on_preferences(student, rows, PreferenceParams(**json.loads(settings)), scratch)
    assert torch.distributed.get_world_size() == world_size() == 2
    if is_first():
        save_file({name: weight.contiguous() for name, weight in trained.model.named_parameters()}, scratch / "weights")
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
