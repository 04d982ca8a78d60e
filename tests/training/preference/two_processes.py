"""Run by torchrun: train on preferences, and let the first process save the weights."""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

sys.path.insert(0, str(Path(__file__).parent))
from conftest import make_pairs

from quintain import offline

offline.silence()

from quintain.training.preference.params import PreferenceParams  # noqa: E402
from quintain.training.preference.rows import RowParams, tokenize_pairs  # noqa: E402
from quintain.training.preference.train import train_on_preferences  # noqa: E402
from quintain.training.processes import is_first  # noqa: E402
from quintain.training.start_model import open_start  # noqa: E402

student, scratch, accumulation = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
rows, _ = tokenize_pairs(open_start(student)[1], make_pairs(), RowParams(max_length=128))
params = PreferenceParams(
    steps=3, batch_size=4, learning_rate=1e-3, accumulation_steps=accumulation, checkpoint_steps=2
)
trained = train_on_preferences(student, rows, params, scratch)
if is_first():
    save_file({name: weight.contiguous() for name, weight in trained.model.named_parameters()}, scratch / "weights")
    (scratch / "loss").write_text(repr([point["loss"] for point in trained.curve]))
if torch.distributed.is_initialized():
    torch.distributed.destroy_process_group()
