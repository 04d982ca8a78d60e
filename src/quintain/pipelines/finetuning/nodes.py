"""Train, and say how it went."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from quintain.datasets import ModelRef
from quintain.records import InstructionPair
from quintain.training.sft import SftParams

if TYPE_CHECKING:
    import pandas as pd
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

SCRATCH = Path("scratch/finetuning")


def fine_tune(
    pairs: list[InstructionPair], start: ModelRef, params: SftParams
) -> tuple[tuple["PreTrainedModel", "PreTrainedTokenizerBase"], "pd.DataFrame", dict[str, Any]]:
    """Fine-tune the start model on the pairs: the student, its loss curve, and a summary."""
    import pandas as pd

    from quintain.training import sft

    trained = sft.fine_tune(Path(start.path), pairs, params, SCRATCH)
    summary = {"start": start.path, "start_digest": start.digest, **trained.summary}
    return (trained.model, trained.tokenizer), pd.DataFrame(trained.curve), summary
