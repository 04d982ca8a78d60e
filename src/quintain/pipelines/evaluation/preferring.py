"""Judges that prefer: a student's responses against a reference's, each shown first once."""

import dataclasses
import logging
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from quintain.benchmarks.judged.benchmark import PARAMS, JudgedBenchmark
from quintain.benchmarks.judged.instruction_set import InstructionSet
from quintain.benchmarks.judged.preferences import control_matchups, preferences, read_trial
from quintain.methods import lion
from quintain.models.ledger import LedgeredModel
from quintain.models.roles import Roles, bind, prices
from quintain.pipelines.evaluation.provenance import judged_from
from quintain.records import Completion, Judgement, Response, by_judges
from quintain.usage import Usage

logger = logging.getLogger(__name__)


def try_on_references(benchmark: JudgedBenchmark, players: Sequence[str], roles: Roles) -> dict[str, Any]:
    """Try every judge: the reference's response against its response to another instruction.

    Args:
        benchmark: What was asked.
        players: Bindings of the role `judge`.
        roles: Who judges.

    Returns:
        By judge: how it did, and what speaks against it.
    """
    asked, report = _as_set(benchmark), {}
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
    asked, references = _as_set(benchmark), benchmark.references()
    values: dict[str, list[float]] = {}
    spent: dict[str, dict[str, float]] = {}
    warnings, conflicts = [], {}
    for player in players:
        model = bind(player, roles, stage="evaluation")
        completions: list[Completion] = []
        both = [each for each in asked.instructions if each.id in theirs]
        reviews = _reviews(lion.matchups(both, theirs, references, PARAMS), model, completions)
        again = set(lion.to_ask_again(reviews))
        second = [each for each in both if each.id in again]
        reviews += _reviews(lion.matchups(second, theirs, references, PARAMS, sample=1), model, completions)
        found = preferences(asked, theirs, references, reviews, PARAMS)
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


def _as_set(benchmark: JudgedBenchmark) -> InstructionSet:
    shown = benchmark.instructions()
    clusters = {shown[item.id].id: item.cluster for item in benchmark.items}
    return InstructionSet(benchmark.name, tuple(shown.values()), clusters)


def _reviews(matchups: Sequence[lion.Matchup], model: LedgeredModel, completions: list[Completion]) -> list[Any]:
    answers = model.generate(lion.ask_referee(matchups, PARAMS))
    completions.extend(answers)
    return lion.read_reviews(matchups, answers, PARAMS)
