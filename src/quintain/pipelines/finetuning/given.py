"""Train on data of the user's own, screened first; a module of its own, so that other trainings depend on no screen."""

from typing import Any

from quintain.benchmarks import Benchmark
from quintain.benchmarks.decontamination import Decontamination
from quintain.datasets import ModelRef
from quintain.pipelines.finetuning.nodes import fine_tune
from quintain.pipelines.given_data import GivenParams, screen_given
from quintain.records import Dropped, InstructionPair
from quintain.training.sft import SftParams


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
