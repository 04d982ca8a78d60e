"""Imitate: the teacher responds to the train pool, and the student learns from it."""

import logging
from pathlib import Path
from typing import Any

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.decontamination import Decontamination
from quintain.datasets import ModelRef
from quintain.errors import ModelError, RecordError
from quintain.methods import lion
from quintain.methods.lion import LionParams, Outcome
from quintain.models.roles import Roles, bind
from quintain.pipelines.distillation.rounds import STAGE, Report, by_instruction, drop_held_out
from quintain.records import (
    Dropped,
    Gap,
    Instruction,
    InstructionPair,
    Response,
)
from quintain.training.sft import SftParams
from quintain.training.validation import VALIDATION_COLUMNS
from quintain.usage import RoleUsage

logger = logging.getLogger(__name__)

SCRATCH = Path("scratch/distillation")


def open_pools(
    seed_instructions: list[Instruction], decontamination: Decontamination, *benchmarks: Benchmark
) -> tuple[list[Instruction], list[Dropped], list[Response], list[Response], list[Gap], Report]:
    """Start the loop: what users ask and no benchmark holds becomes the pool; nothing is answered or judged yet."""
    distinct, dropped = lion.distinct(seed_instructions)
    pool, leaked = drop_held_out(distinct, benchmarks, decontamination)
    if not pool:
        raise RecordError(
            f"seed_instructions holds {len(seed_instructions)} instructions and none that says something new to "
            "the evaluation packs; distillation needs some to start from: run `kedro run --pipelines world`, or name "
            "your own (`on: given` in lifecycle.yml, `seeds` in globals.yml)"
        )
    return pool, [*dropped, *leaked], [], [], [], {"round": 0, "outcome": Outcome(status="open").as_dict()}


def answer_train_pool(
    pool: list[Instruction], former: list[Response], roles: Roles
) -> tuple[list[Response], RoleUsage]:
    """Ask the teacher what it was not asked in an earlier round."""
    known = {response.instruction_id for response in former}
    open_ones = [one for one in pool if one.id not in known]
    if not open_ones:
        return former, RoleUsage(role="teacher")
    model = bind("teacher", roles, stage=STAGE)
    completions = model.generate(lion.ask_responses(open_ones))
    answered = [
        response
        for response in lion.read_responses(open_ones, completions, "teacher")
        if response.finish_reason != "error"  # a later run asks again
    ]
    if not answered:
        raise ModelError(
            f"the teacher {model.name} answered none of {len(open_ones)} instructions; the first error: "
            f"{completions[0].text[:300]}"
        )
    if len(answered) < len(open_ones):
        logger.warning("the teacher left %d of %d instructions open", len(open_ones) - len(answered), len(open_ones))
    return [*former, *answered], RoleUsage.on("teacher", completions)


def pair_train_pool(
    pool: list[Instruction], teacher: list[Response], before: Report, params: LionParams
) -> list[InstructionPair]:
    """Pair what the student is to learn in this round with the teacher's responses."""
    new = [one for one in pool if one.round == before["round"]]
    earlier = [one for one in pool if one.round < before["round"]]
    pairs = lion.pair(lion.train_pool(new, earlier, before["round"] + 1, params), by_instruction(teacher))
    if new and not pairs:
        raise RecordError(
            f"none of {len(new)} responses of the teacher is whole; raise max_new_tokens in "
            "roles.bindings.teacher.sampling"
        )
    return pairs


def imitate(
    pairs: list[InstructionPair], start: ModelRef, params: SftParams
) -> tuple[tuple[Any, Any], Any, Any, dict[str, Any]]:
    """Fine-tune the student of the round before on the pairs: the student, its two curves, a summary."""
    import pandas as pd

    from quintain.datasets import HFModelDataset
    from quintain.training import sft

    summary = {"start": Path(start.path).name, "start_digest": start.digest}
    if not pairs:
        none = pd.DataFrame(columns=["step", "loss", "learning_rate", "tokens"])
        unseen = pd.DataFrame(columns=VALIDATION_COLUMNS)
        return HFModelDataset(filepath=start.path).load(), none, unseen, {**summary, "steps": 0}
    trained = sft.fine_tune(Path(start.path), pairs, params, SCRATCH, setting="distillation.imitation")
    curves = (pd.DataFrame(trained.curve), pd.DataFrame(trained.validation, columns=VALIDATION_COLUMNS))
    return (trained.model, trained.tokenizer), *curves, {**summary, **trained.summary}
