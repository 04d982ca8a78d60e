"""Train, and say how it went.

Kedro reads the annotations of nodes at run time to build typed parameters, so types of slow imports are `Any` here.
"""

from pathlib import Path
from typing import Any

from quintain.benchmarks import Benchmark
from quintain.benchmarks.decontamination import Decontamination
from quintain.datasets import ModelRef
from quintain.pipelines.given_data import GivenParams, screen_given
from quintain.records import Dropped, InstructionPair
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


def fine_tune_on_given(
    pairs: list[InstructionPair],
    start: ModelRef,
    params: SftParams,
    given: GivenParams,
    decontamination: Decontamination,
    *benchmarks: Benchmark,
) -> tuple[tuple[Any, Any], Any, Any, dict[str, Any], list[Dropped]]:
    """Fine-tune the start model on pairs of the user's own, without those that hold an item of a benchmark and copies.

    Args:
        pairs: What to learn.
        start: The student that it starts from.
        params: How to train.
        given: When a pair is a copy of another.
        decontamination: When a pair holds an item.
        *benchmarks: Benchmarks that students of this lifecycle are scored on.

    Returns:
        What `fine_tune` returns, and the dropped pairs with their reasons.
    """
    kept, dropped = screen_given(pairs, given, decontamination, benchmarks)
    trained, curve, validation, summary = fine_tune(kept, start, params)
    return trained, curve, validation, {**summary, "screened_out": len(dropped)}, dropped
