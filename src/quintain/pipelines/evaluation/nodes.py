"""Ask, judge, score, draw."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from quintain.benchmarks.exact.judging import judge
from quintain.benchmarks.followbench import rules as followbench
from quintain.benchmarks.followbench.rules import RuleSet, unscored
from quintain.benchmarks.satisfaction.scorecard import Pack, make_scorecard, pack_digest
from quintain.datasets import ModelRef
from quintain.errors import ConfigError, RecordError
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles, bind
from quintain.prompts import request
from quintain.records import Completion, ConstraintItem, Judgement, Request
from quintain.statistics.resampling import Resampling
from quintain.text.traces import strip_trace

ALMANAC = "almanac"
EXACT = "exact"
JUDGES = "judge"


@dataclass(frozen=True)
class PackParams:
    """Which pack is asked and by which rules it is checked.

    Raises:
        ValueError: There is no such rule set.
    """

    name: str
    """How scorecards call the pack."""
    language: str
    """ISO 639-1 code of its instructions."""
    rules: str
    """`almanac` for the embedded world's own pack, `exact` for the packs built by code, `upstream-parity` or
    `corrected` for FollowBench, `judge` for items that no rule can check, or shall check."""

    def __post_init__(self) -> None:
        known = (ALMANAC, EXACT, JUDGES, *get_args(RuleSet))
        if self.rules not in known:
            raise ValueError(f"evaluation.pack.rules must be one of {', '.join(known)}, got {self.rules!r}")


def generate_responses(
    pack: list[ConstraintItem], model: ModelRef, sampling: Sampling, roles: Roles
) -> list[Completion]:
    """Ask the student every instruction of the pack once, whatever number of items or packs share it.

    What it said stands in the ledger, so a killed run goes on where it stood, and another rule set asks nothing.
    """
    requests = {asked.id: asked for asked in map(_ask, pack)}
    with bind("student", roles, stage="evaluation", folder=model.path, sampling=sampling) as student:
        return student.generate(list(requests.values()))


def judge_by_rules(
    pack: list[ConstraintItem], responses: list[Completion], world: dict[str, Any] | None, params: PackParams
) -> list[Judgement]:
    """Check each response by the pack's rules.

    Args:
        pack: What was asked.
        responses: What the student said, one completion per distinct instruction.
        world: The almanac as JSON; only its own rules need it.
        params: Which rules.

    Returns:
        One judgement per item. What the student could not complete, what needs a judge and what nothing can satisfy
        is left unscored, with the response kept for whoever comes next.

    Raises:
        RecordError: A response is missing; the responses belong to another pack.
        ConfigError: The pack does not go with the rules.
    """
    by_request = {completion.request_id: completion for completion in responses}
    completions = [by_request.get(_ask(item).id) for item in pack]
    missing = completions.count(None)
    if missing:
        raise RecordError(
            f"{missing} of {len(pack)} items of the pack have no response; the responses were made for another pack: "
            f"run the evaluation from generate_responses"
        )
    given = [completion for completion in completions if completion is not None]
    try:
        judgements = _judge(pack, [completion.text for completion in given], world, params.rules)
    except ValueError as error:
        raise ConfigError(
            f"pack {params.name!r} does not go with the rules {params.rules!r} (evaluation.pack): {error}"
        ) from None
    return [
        unscored(item, completion.text, "error") if completion.finish_reason == "error" else judgement
        for item, judgement, completion in zip(pack, judgements, given, strict=True)
    ]


def score_judgements(
    pack: list[ConstraintItem],
    responses: list[Completion],
    judgements: list[Judgement],
    judging: dict[str, Any],
    model: ModelRef,
    params: PackParams,
    sampling: Sampling,
    resampling: Resampling,
) -> dict[str, Any]:
    """Make the scorecard: HSR, SSR and CSL by category and level, with intervals over groups."""
    return make_scorecard(
        pack,
        judgements,
        model=Path(model.path).name,
        model_digest=model.digest,
        pack=Pack(name=params.name, digest=pack_digest(pack), language=params.language, rules=params.rules),
        sampling=dataclasses.asdict(sampling),
        n_truncated=sum(completion.finish_reason == "length" for completion in responses),
        n_cut=sum("prompt_tokens_cut" in completion.origin.knobs for completion in responses),
        judging=judging,
        resampling=resampling,
    ).as_dict()


# Kedro resolves the annotations of every node when it starts: a name that is imported lazily has no place in them.


def tabulate_levels(scorecard: dict[str, Any]) -> Any:
    """Lay the macro rates out by level, as a data frame for DVC's plots."""
    import pandas as pd

    from quintain.reporting.levels import level_rows

    return pd.DataFrame(level_rows(scorecard))


def plot_radar(scorecard: dict[str, Any]) -> Any:
    """Draw hard satisfaction by category, as a Matplotlib figure."""
    from quintain.reporting.radar import draw_radar

    return draw_radar({scorecard["model"]: scorecard})


def plot_levels(scorecard: dict[str, Any]) -> Any:
    """Draw satisfaction against the number of constraints, as a Matplotlib figure."""
    from quintain.reporting.levels import draw_levels

    return draw_levels({scorecard["model"]: scorecard})


def render_scorecard(pack: list[ConstraintItem], judgements: list[Judgement], scorecard: dict[str, Any]) -> str:
    """Lay the scorecard out as a page of HTML, down to every constraint; FollowBench's prompts stay out of it."""
    from quintain.reporting.page import Side, scorecard_page

    side = Side(scorecard["model"], scorecard, judgements)
    if not any(rule.kind.startswith("followbench-") for item in pack for rule in item.rules):
        return scorecard_page([side], items=pack)
    # The page is an artefact of the run and travels; the released files do not.
    return scorecard_page([side], no_items=f"`quintain scorecard {side.name} --pack FOLDER` shows the instructions.")


def _ask(item: ConstraintItem) -> Request:
    return request("student/instruction", {"instruction": item.instruction})


def _judge(
    pack: Sequence[ConstraintItem], texts: Sequence[str], world: dict[str, Any] | None, rules: str
) -> list[Judgement]:
    if rules == JUDGES:
        return [unscored(item, strip_trace(text), "no-judge") for item, text in zip(pack, texts, strict=True)]
    if rules == EXACT:
        return [judge(item, strip_trace(text)) for item, text in zip(pack, texts, strict=True)]
    if rules != ALMANAC:
        return followbench.judge_by_rules(pack, texts, cast("RuleSet", rules))
    from quintain.almanac.checks import check
    from quintain.almanac.world import world_from_json

    if world is None:
        raise ValueError("the almanac's rules need the dataset `world`")
    almanac = world_from_json(world)
    return [check(almanac, item, strip_trace(text)) for item, text in zip(pack, texts, strict=True)]
