"""The judged half: try every judge where the truth is known, then let the fit ones say what no rule can."""

import dataclasses
import logging
from collections.abc import Sequence
from typing import Any

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.constraints import ConstraintBenchmark
from quintain.benchmarks.judging.agreement import agreement_by_category
from quintain.benchmarks.judging.calibration import Accuracy, Floor, Known, counts, measure_accuracy, wilson
from quintain.benchmarks.judging.questions import (
    Case,
    Questioning,
    ask_judge,
    consensus,
    make_cases,
    read_judge,
)
from quintain.benchmarks.satisfaction.sheet import CATEGORIES
from quintain.datasets import ModelRef
from quintain.errors import ConfigError, QualityError
from quintain.models.ledgered_model import LedgeredModel
from quintain.models.roles import Roles, bind, prices
from quintain.pipelines.evaluation.provenance import judged_from
from quintain.pipelines.evaluation.settings import ByBenchmark, JudgingParams, own
from quintain.records import ConstraintItem, Judgement, content_id
from quintain.usage import Usage

logger = logging.getLogger(__name__)

_TRIAL_SEED = 1


def calibrate_judges(
    benchmark: Benchmark,
    rule_judgements: list[Judgement],
    judging: JudgingParams,
    by_benchmark: ByBenchmark,
    floor: Floor,
    roles: Roles,
) -> dict[str, Any]:
    """Try every judge on responses whose exact verdicts are known; says nothing where no judge is needed.

    Args:
        benchmark: What was asked.
        rule_judgements: What rules could say; they are half of what is known.
        judging: How judges are asked.
        by_benchmark: What differs for this benchmark.
        floor: How many cases, and what a judge has to reach.
        roles: Who judges.

    Returns:
        By judge: sensitivity and specificity by category with 95 % intervals, and what speaks against it.
    """
    players = roles.bound_to("judge")
    if not players or not any(judgement.needs_judge for judgement in rule_judgements):
        return {}
    if pairwise := benchmark.pairwise_judging():
        return dict(pairwise.try_on_references(benchmark, players, roles))
    how = own(judging, "judging", benchmark.name, by_benchmark).questioning(benchmark)
    known = [
        *proofs_for(benchmark, floor.cases_per_category),
        *_ruled(_judged_items(benchmark), rule_judgements, floor.cases_per_category),
    ]
    report = {}
    for player in players:
        model = bind(player, roles, stage="calibration")
        judgements, _ = _judge([each.case for each in known], model, how)
        accuracy = measure_accuracy(known, judgements)
        report[how.judge_id(model.name)] = {
            "categories": {name: _as_dict(each) for name, each in accuracy.items()},
            "complaints": floor.complaints(accuracy),
        }
    return report


def ask_judges(
    benchmark: Benchmark,
    rule_judgements: list[Judgement],
    calibration: dict[str, Any],
    model: ModelRef,
    judging: JudgingParams,
    by_benchmark: ByBenchmark,
    roles: Roles,
) -> tuple[list[Judgement], dict[str, Any]]:
    """Let the judges say what no rule could.

    Args:
        benchmark: What was asked.
        rule_judgements: What rules could say.
        calibration: What became of the judges' trial.
        model: The student, which had better not judge itself.
        judging: How judges are asked.
        by_benchmark: What differs for this benchmark.
        roles: Who judges.

    Returns:
        All judgements in the order of the items, and for the scorecard who judged, how far they agree, what they cost
        and what a reader should know.

    Raises:
        QualityError: A judge is below the floor.
    """
    responses = {each.item_id: each.response for each in rule_judgements if each.needs_judge}
    players = roles.bound_to("judge")
    if not responses or not players:
        warnings = (
            [f"{len(responses)} items need a judge and none is bound (roles.bindings.judge)"] if responses else []
        )
        return rule_judgements, {"warnings": warnings} if warnings else {}
    _refuse_unfit(calibration)
    if pairwise := benchmark.pairwise_judging():
        judged, told = pairwise.prefer(benchmark, rule_judgements, players, roles, model.digest, calibration)
        return judged, told
    how = own(judging, "judging", benchmark.name, by_benchmark).questioning(benchmark)
    cases = make_cases(_judged_items(benchmark), responses)
    by_judge = []
    spent: dict[str, dict[str, float]] = {}
    warnings = []
    for player in players:
        judge = bind(player, roles, stage="evaluation")
        judgements, cost = _judge(cases, judge, how)
        by_judge.append(judgements)
        price = prices(roles).get(judge.name)
        spent[how.judge_id(judge.name)] = cost if price is None else cost | {"money": price.of(_usage(cost))}
        if model.digest[:12] in judge.name:
            warnings.append(f"{player} is the model under test: it judges itself")
    if not any(each["categories"] for each in calibration.values()):
        warnings.append("nothing is known of how well the judges do: no exact verdicts in this language and benchmark")
    for warning in warnings:
        logger.warning(warning)
    agreed = {votes[0].item_id: consensus(votes) for votes in zip(*by_judge, strict=True)}
    judged = [judged_from(agreed.get(each.item_id, each), *each.origin.parents) for each in rule_judgements]
    return judged, {
        "judges": sorted(spent),
        "calibration": calibration,
        "agreement": agreement_by_category(by_judge),
        "spent": spent,
        "warnings": warnings,
    }


def _judge(cases: Sequence[Case], model: LedgeredModel, how: Questioning) -> tuple[list[Judgement], dict[str, float]]:
    """Judgements of the cases, and what they take: requests, calls that the ledger did not know, tokens of them all."""
    asked = [ask_judge(case, how) for case in cases]
    answers = model.generate([request for requests in asked for request in requests])
    waiting = iter(answers)
    given = [[next(waiting) for _ in requests] for requests in asked]
    cost: dict[str, float] = {
        "requests": len(answers),
        "calls": model.asked,
        "failed": sum(completion.finish_reason == "error" for completion in answers),
        "prompt_tokens": sum(completion.prompt_tokens for completion in answers),
        "completion_tokens": sum(completion.completion_tokens for completion in answers),
    }
    return [read_judge(case, each, how, model.name) for case, each in zip(cases, given, strict=True)], cost


def _usage(cost: dict[str, float]) -> Usage:
    return Usage(int(cost["requests"]), int(cost["prompt_tokens"]), int(cost["completion_tokens"]))


def _refuse_unfit(calibration: dict[str, Any]) -> None:
    for judge, trial in calibration.items():
        if trial["complaints"]:
            raise QualityError(
                f"the judge {judge} is not fit to judge: {'; '.join(trial['complaints'])}. Bind another model "
                "(roles.bindings.judge), ask it in another way (evaluation.judging), or lower the floor "
                "(evaluation.calibration); its replies stand in the ledger"
            )


def _judged_items(benchmark: Benchmark) -> Sequence[ConstraintItem]:
    """Items as judges are shown them."""
    if not isinstance(benchmark, ConstraintBenchmark):
        raise ConfigError(
            f"benchmark {benchmark.name!r} leaves responses to judges, who are asked about instructions with "
            "constraints only: derive it from quintain.benchmarks.constraints.ConstraintBenchmark, or judge them in it"
        )
    return benchmark.items


def proofs_for(benchmark: Benchmark, n: int) -> list[Known]:
    """Texts written to satisfy every constraint, or all but one, in all six categories.

    Args:
        benchmark: What is asked.
        n: Cases of each category.

    Returns:
        The cases with their verdicts.
    """
    if not n or benchmark.language != "en":
        return []
    written = benchmark.proofs(n, _TRIAL_SEED)
    if not written:  # a benchmark of others: the exact packs know texts of the same kind
        from quintain.benchmarks.exact.proofs import proofs as exact_proofs

        written = exact_proofs(n, _TRIAL_SEED)
    truth = {proof.item.id: proof for proof in written}
    cases = make_cases([proof.item for proof in written], {name: proof.response for name, proof in truth.items()})
    return [Known(case, truth[case.item.id].satisfied) for case in cases]


def _ruled(items: Sequence[ConstraintItem], rule_judgements: Sequence[Judgement], n: int) -> list[Known]:
    """The student's own responses that a rule could judge, at most half of them satisfied."""
    exact = {each.item_id: each for each in rule_judgements if each.is_ruled}
    chosen: dict[str, str] = {}
    for category in CATEGORIES:
        here = [each for each in exact.values() if each.category == category and each.base_task is not False]
        # By hash, so that another student is asked about the same items as far as it can be.
        here.sort(key=lambda each: content_id("trial", each.item_id))
        for hard in (True, False):
            chosen |= {each.item_id: each.response for each in [x for x in here if x.hard is hard][: n // 2]}
    cases = make_cases(items, chosen)
    return [
        Known(case, tuple(verdict is True for verdict in exact[case.item.id].satisfied), _tells_apart(case.item))
        for case in cases
    ]


def _tells_apart(item: ConstraintItem) -> bool:
    return len(set(item.rules)) == item.level


def _as_dict(accuracy: Accuracy) -> dict[str, Any]:
    return {
        **dataclasses.asdict(accuracy),
        **{
            rate: {"value": getattr(accuracy, rate), "interval": wilson(*counts(accuracy, rate))}
            for rate in ("sensitivity", "specificity")
        },
    }
