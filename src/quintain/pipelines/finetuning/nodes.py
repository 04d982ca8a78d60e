"""Train, and say how it went.

Kedro reads the annotations of nodes at run time to build typed parameters, so types of slow imports are `Any` here.
"""

from pathlib import Path
from typing import Any

from quintain.datasets import ModelRef
from quintain.records import InstructionPair
from quintain.training.sft import SftParams
from quintain.training.validation import VALIDATION_COLUMNS

SCRATCH = Path("scratch/finetuning")


def fine_tune(
    pairs: list[InstructionPair], start: ModelRef, params: SftParams, *, setting: str = "finetuning.sft"
) -> tuple[tuple[Any, Any], Any, Any, dict[str, Any]]:
    """Fine-tune the start model on the pairs: the student, its loss curve, its held-out loss, and a summary.

    Args:
        pairs: What to learn.
        start: The student that it starts from.
        params: How to train.
        setting: Name under which the user sets the parameters, for messages.

    Returns:
        Model and tokenizer; the two curves, the second empty where nothing is held out; the summary.
    """
    import pandas as pd

    from quintain.training import sft

    trained = sft.fine_tune(Path(start.path), pairs, params, SCRATCH, setting=setting)
    summary = {"start": Path(start.path).name, "start_digest": start.digest, **trained.summary}
    curves = (pd.DataFrame(trained.curve), pd.DataFrame(trained.validation, columns=VALIDATION_COLUMNS))
    return (trained.model, trained.tokenizer), *curves, summary
