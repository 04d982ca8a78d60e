"""Ask, judge, score."""

import dataclasses
from pathlib import Path
from typing import Any

from quintain.benchmarks.ifeval.prompts import IFEvalPrompt, prompts_digest
from quintain.benchmarks.ifeval.scorecard import make_scorecard
from quintain.benchmarks.ifeval.verdicts import judge_response, not_judged
from quintain.datasets import ModelRef
from quintain.errors import RecordError
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles
from quintain.pipelines.evaluation.nodes import generate_responses
from quintain.prompts import request
from quintain.records import Completion, ConstraintItem, IFEvalVerdict
from quintain.statistics.resampling import Resampling
from quintain.text.traces import strip_trace


def ask_prompts(prompts: list[IFEvalPrompt], model: ModelRef, sampling: Sampling, roles: Roles) -> list[Completion]:
    """Ask the student every prompt once, as the evaluation asks its items: what it said stands in the ledger."""
    return generate_responses(
        [
            ConstraintItem(
                example_id=str(prompt.key),
                category="ifeval",
                level=len(prompt.instructions),
                instruction=prompt.prompt,
            )
            for prompt in prompts
        ],
        model,
        sampling,
        roles,
    )


def judge_prompts(prompts: list[IFEvalPrompt], responses: list[Completion]) -> list[IFEvalVerdict]:
    """Check each response for what its prompt asks.

    Args:
        prompts: What was asked.
        responses: What the student said, one completion per distinct prompt.

    Returns:
        One verdict per prompt; of what the student could not complete nothing is known.

    Raises:
        RecordError: A response is missing; the responses belong to another file of prompts.
    """
    by_request = {completion.request_id: completion for completion in responses}
    verdicts = []
    for prompt in prompts:
        completion = by_request.get(request("student/instruction", {"instruction": prompt.prompt}).id)
        if completion is None:
            raise RecordError(
                f"prompt {prompt.key} has no response; the responses were made for another file of prompts: run the "
                "pipeline from ask_prompts"
            )
        lost = completion.finish_reason == "error"
        verdicts.append(not_judged(prompt) if lost else judge_response(prompt, strip_trace(completion.text)))
    return verdicts


def score_verdicts(
    prompts: list[IFEvalPrompt],
    responses: list[Completion],
    verdicts: list[IFEvalVerdict],
    model: ModelRef,
    sampling: Sampling,
    resampling: Resampling,
) -> dict[str, Any]:
    """Make the scorecard: accuracy by prompt and by instruction, strict and loose, with intervals over prompts."""
    return make_scorecard(
        verdicts,
        n_prompts=len(prompts),
        prompts_digest=prompts_digest(prompts),
        model=Path(model.path).name,
        model_digest=model.digest,
        sampling=dataclasses.asdict(sampling),
        n_empty=sum(not strip_trace(completion.text).strip() for completion in responses),
        n_truncated=sum(completion.finish_reason == "length" for completion in responses),
        **dataclasses.asdict(resampling),
    ).as_dict()
