"""Train, and say how it went.

Kedro reads the annotations of nodes at run time to build typed parameters, so types of slow imports are `Any` here.
"""

from pathlib import Path
from typing import Any

from quintain.datasets import ModelRef
from quintain.records import InstructionPair
from quintain.training.sft import SftParams

SCRATCH = Path("scratch/finetuning")


def fine_tune(
    pairs: list[InstructionPair], start: ModelRef, params: SftParams, *, setting: str = "finetuning.sft"
) -> tuple[tuple[Any, Any], Any, dict[str, Any]]:
    """Fine-tune the start model on the pairs: the student, its loss curve, and a summary; messages name the setting."""
    import pandas as pd

    from quintain.training import sft

    trained = sft.fine_tune(Path(start.path), pairs, params, SCRATCH, setting=setting)
    summary = {"start": Path(start.path).name, "start_digest": start.digest, **trained.summary}
    return (trained.model, trained.tokenizer), pd.DataFrame(trained.curve), summary
