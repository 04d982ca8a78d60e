"""Judges that prefer: a student's responses against a reference's, each shown first once."""

import dataclasses
import logging
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from quintain.benchmarks.judged.benchmark import PARAMS, JudgedBenchmark
from quintain.benchmarks.judged.instruction_set import InstructionSet
from quintain.benchmarks.judged.preferences import Preference, control_matchups, preferences, read_trial
from quintain.methods import lion
from quintain.models.ledgered_model import LedgeredModel
from quintain.models.roles import Roles, bind, prices
from quintain.pipelines.evaluation.provenance import judged_from
from quintain.records import Completion, Instruction, Judgement, Request, Response, by_judges
from quintain.usage import Usage

logger = logging.getLogger(__name__)

REVIEW_TOKENS = 150
"""Length of a review, which explains itself in a few sentences."""


def try_on_references(benchmark: JudgedBenchmark, players: Sequence[str], roles: Roles) -> dict[str, Any]:
    """Try every judge: the reference's response against its response to another instruction.

    Args:
        benchmark: What was asked.
        players: Bindings of the role `judge`.
        roles: Who judges.

    Returns:
        By judge: how it did, and what speaks against it.
    """
    asked, report = as_set(benchmark), {}
    for player in players:
        model = bind(player, roles, stage="calibration")
        controls = control_matchups(asked, benchmark.references(), PARAMS)
        trial = read_trial(controls, _reviews(controls, model, []), PARAMS)
        complaints = [trial.complaint] if trial.complaint else []
        report[model.name] = {"categories": {"controls": dataclasses.asdict(trial)}, "complaints": complaints}
    return report


def prefer(
    benchmark: JudgedBenchmark,
    judgements: Sequence[Judgement],
    players: Sequence[str],
    roles: Roles,
    digest: str,
    calibration: Mapping[str, Any],
) -> tuple[list[Judgement], dict[str, Any]]:
    """Let the judges prefer one of two responses to every instruction.

    Args:
        benchmark: What was asked.
        judgements: One per item, with the student's response.
        players: Bindings of the role `judge`; where there are several, an item scores the mean of theirs.
        roles: Who judges.
        digest: Content hash of the student, which had better not judge itself.
        calibration: What became of the judges' trial.

    Returns:
        All judgements in their order, and for the scorecard who judged, what it cost and what a reader should know. An
        item that no judge could be read on is left unscored, `unread`.
    """
    shown = benchmark.instructions()
    waiting = {each.item_id: each for each in judgements if each.needs_judge}
    theirs = {
        shown[name].id: Response(
            instruction_id=shown[name].id, role="student", text=each.response, finish_reason="stop"
        )
        for name, each in waiting.items()
    }
    asked, references = as_set(benchmark), benchmark.references()
    values: dict[str, list[float]] = {}
    spent: dict[str, dict[str, float]] = {}
    warnings, conflicts = [], {}
    for player in players:
        model = bind(player, roles, stage="evaluation")
        found, completions = preferences_of(model, asked, theirs, references)
        for each in found:
            if each.value is not None:
                values.setdefault(each.instruction_id, []).append(each.value)
        conflicts[model.name] = sum(each.conflict for each in found)
        usage = Usage.of(completions)
        price = prices(roles).get(model.name)
        spent[model.name] = {
            "requests": usage.calls,
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
        } | ({"money": price.of(usage)} if price else {})
        if digest[:12] in model.name:
            warnings.append(f"{player} is the model under test: it judges itself")
    for warning in warnings:
        logger.warning(warning)
    by = by_judges(*sorted(spent))
    items = {item.id: item for item in benchmark.items}

    def settled(each: Judgement) -> Judgement:
        if not each.needs_judge:
            return each
        said = values.get(shown[each.item_id].id)
        made = (
            dataclasses.replace(each, id="", satisfied=(), score=fmean(said), by=by)
            if said
            else benchmark.unscored(items[each.item_id], each.response, "unread")
        )
        return judged_from(made, *each.origin.parents)

    return [settled(each) for each in judgements], {
        "judges": sorted(spent),
        "calibration": dict(calibration),
        "conflicts": conflicts,
        "spent": spent,
        "warnings": warnings,
    }


def preferences_of(
    model: LedgeredModel, asked: InstructionSet, first: Mapping[str, Response], second: Mapping[str, Response]
) -> tuple[list[Preference], list[Completion]]:
    """Let a judge compare two responses to every instruction, and once more where it is unread or changes its mind.

    Args:
        model: The judge.
        asked: The instructions.
        first: Instruction id → response of the first model.
        second: Instruction id → response of the second model.

    Returns:
        The outcomes, 1 where the first is preferred, and all that the judge wrote.
    """
    completions: list[Completion] = []
    both = [each for each in asked.instructions if each.id in first and each.id in second]
    reviews = _reviews(lion.matchups(both, first, second, PARAMS), model, completions)
    again = set(lion.to_ask_again(reviews))
    doubtful = [each for each in both if each.id in again]
    reviews += _reviews(lion.matchups(doubtful, first, second, PARAMS, sample=1), model, completions)
    return preferences(asked, first, second, reviews, PARAMS), completions


def review_requests(
    asked: InstructionSet, first: Mapping[str, Response], second: Mapping[str, Response]
) -> list[Request]:
    """Questions to a judge about two responses to every instruction, in both orders.

    Args:
        asked: The instructions.
        first: Instruction id → response of the first model.
        second: Instruction id → response of the second model.

    Returns:
        The requests; what is asked once more is not foreseen.
    """
    both = [each for each in asked.instructions if each.id in first and each.id in second]
    return lion.ask_referee(lion.matchups(both, first, second, PARAMS), PARAMS)


def filler(instruction: Instruction, text: str) -> Response:
    """A text in place of a response that is not written yet, for forecasts."""
    return Response(instruction_id=instruction.id, role="student", text=text, finish_reason="stop")


def as_set(benchmark: JudgedBenchmark) -> InstructionSet:
    """The benchmark's instructions with their clusters."""
    shown = benchmark.instructions()
    clusters = {shown[item.id].id: item.cluster for item in benchmark.items}
    return InstructionSet(benchmark.name, tuple(shown.values()), clusters)


def _reviews(matchups: Sequence[lion.Matchup], model: LedgeredModel, completions: list[Completion]) -> list[Any]:
    answers = model.generate(lion.ask_referee(matchups, PARAMS))
    completions.extend(answers)
    return lion.read_reviews(matchups, answers, PARAMS)
