"""Ask, judge by rules, score, draw: the same for every benchmark."""

import dataclasses
from pathlib import Path
from typing import Any

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.constraints import ConstraintBenchmark
from quintain.benchmarks.null_reply import null_headline
from quintain.benchmarks.scorecard import Scorecard
from quintain.benchmarks.scoring import make_scorecard
from quintain.datasets import ModelRef
from quintain.errors import ConfigError, RecordError
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles, bind
from quintain.pipelines.evaluation.asking import ask_student
from quintain.pipelines.evaluation.provenance import (
    computed_by,
    drawn_from,
    judged_from,
    memory_of,
    refuse_others,
)
from quintain.pipelines.evaluation.settings import ByBenchmark, own
from quintain.records import Completion, Judgement
from quintain.statistics.resampling import Resampling


def generate_responses(
    benchmark: Benchmark, model: ModelRef, sampling: Sampling, by_benchmark: ByBenchmark, roles: Roles
) -> list[Completion]:
    """Ask the student every prompt of the benchmark once, whatever number of items or benchmarks share it.

    Where an item gives its responses, the student is asked how likely each is. What it wrote stands in the ledger, so a
    killed run goes on where it stood, and another rule set asks nothing.
    """
    sampling = own(sampling, "sampling", benchmark.name, by_benchmark)
    with bind("student", roles, stage="evaluation", folder=model.path, sampling=sampling) as student:
        return drawn_from(ask_student(benchmark, student), model, sampling, student.computed)


def judge_responses(benchmark: Benchmark, responses: list[Completion]) -> list[Judgement]:
    """Check each response by the benchmark's rules.

    Args:
        benchmark: What was asked.
        responses: What the student said, one completion per distinct prompt.

    Returns:
        One judgement per item. What the student could not complete, what needs a judge and what nothing can satisfy
        is left unscored, with the response kept for whoever comes next.

    Raises:
        RecordError: A response is missing; the responses belong to other items.
        ConfigError: The items do not go with the rules.
    """
    by_request = {completion.request_id: completion for completion in responses}
    completions = [by_request.get(benchmark.ask(item).id) for item in benchmark.items]
    if missing := completions.count(None):
        raise RecordError(
            f"{missing} of {len(completions)} items of {benchmark.name} have no response; the responses were made for "
            "other items: run the evaluation from generate_responses"
        )
    return [
        judged_from(_judge(benchmark, item, completion), completion.id)
        for item, completion in zip(benchmark.items, completions, strict=True)
        if completion is not None
    ]


def _judge(benchmark: Benchmark, item: Any, completion: Completion) -> Judgement:
    if completion.finish_reason == "error":
        return benchmark.unscored(item, completion.text, "error")
    try:
        return benchmark.judge(item, benchmark.read(completion.text))
    except (ValueError, KeyError) as error:
        raise ConfigError(
            f"item {item.id} of {benchmark.name} does not go with the rules {benchmark.rules!r} "
            f"({benchmark.name}.items@benchmark in the catalog): {error}"
        ) from None


def score_judgements(
    benchmark: Benchmark,
    responses: list[Completion],
    judgements: list[Judgement],
    judging: dict[str, Any],
    model: ModelRef,
    sampling: Sampling,
    by_benchmark: ByBenchmark,
    resampling: Resampling,
) -> Scorecard:
    """Make the scorecard: the benchmark's measures, over all and in its tables, with intervals over clusters.

    Args:
        benchmark: What was asked.
        responses: What the student said.
        judgements: What was judged of it.
        judging: How the judges did.
        model: The student's weights.
        sampling: How it draws tokens.
        by_benchmark: What differs for this benchmark.
        resampling: How the intervals are drawn.

    Returns:
        The scorecard.

    Raises:
        RecordError: The responses are of other weights or another sampling, or the judgements of other responses.
    """
    sampling = own(sampling, "sampling", benchmark.name, by_benchmark)
    refuse_others(responses, judgements, model, sampling, benchmark.name)
    return make_scorecard(
        benchmark,
        judgements,
        model=Path(model.path).name,
        model_digest=model.digest,
        memory=memory_of(responses),
        sampling=dataclasses.asdict(sampling) | computed_by(responses),
        n_truncated=sum(completion.finish_reason == "length" for completion in responses),
        n_cut=sum("prompt_tokens_cut" in completion.origin.knobs for completion in responses),
        judging=judging,
        null_headline=null_headline(benchmark),
        resampling=resampling,
    )


# Kedro resolves the annotations of every node when it starts: a name that is imported lazily has no place in them.


def tabulate_levels(scorecard: Scorecard) -> Any:
    """Lay the rates out by level, as a data frame for DVC's plots."""
    import pandas as pd

    from quintain.reporting.levels import level_rows

    return pd.DataFrame(level_rows(scorecard))


def plot_radar(scorecard: Scorecard) -> Any:
    """Draw the headline by category, as a Matplotlib figure."""
    from quintain.reporting.radar import draw_radar

    return draw_radar({scorecard.model: scorecard})


def plot_levels(scorecard: Scorecard) -> Any:
    """Draw the measures against the level, as a Matplotlib figure."""
    from quintain.reporting.levels import draw_levels

    return draw_levels({scorecard.model: scorecard})


def render_scorecard(benchmark: Benchmark, judgements: list[Judgement], scorecard: Scorecard) -> str:
    """Lay the scorecard out as a page of HTML, down to every constraint; prompts that do not travel stay out of it."""
    from quintain.reporting.page import Section, Side, scorecard_page

    side = Side(scorecard.model, scorecard, judgements)
    if not benchmark.travels:
        # The page is an artefact of the run and travels; the released files do not.
        hint = f"`quintain scorecard {side.name} --pack FOLDER` shows the instructions."
        return scorecard_page([Section([side], no_items=hint)])
    return scorecard_page(
        [Section([side], items=benchmark.items if isinstance(benchmark, ConstraintBenchmark) else ())]
    )
