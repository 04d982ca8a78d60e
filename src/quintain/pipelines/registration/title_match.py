"""Title match: a student's responses to an open-ended set against the present champion's, by the judges of the run."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from quintain.benchmarks.judged.benchmark import JudgedBenchmark
from quintain.benchmarks.judged.win_rate import win_rate
from quintain.benchmarks.scorecard import Scorecard
from quintain.datasets import ModelRef
from quintain.models.forecast import expected_usage
from quintain.models.roles import Roles, bind, prices, prices_by_role
from quintain.pipelines.evaluation.preferring import REVIEW_TOKENS, as_set, preferences_of, review_requests
from quintain.records import Judgement, Request, Response
from quintain.registry.measured import Measured
from quintain.registry.promotion import TitleHolder
from quintain.statistics.resampling import Resampling
from quintain.usage import Usage

logger = logging.getLogger(__name__)

_CHARS_PER_TOKEN = 4
CHAMPION, REFERENCE = "champion", "reference"


def meet_champion(
    holder: TitleHolder | None,
    model: ModelRef,
    roles: Roles,
    policy: dict[str, Any],
    after: dict[str, Any] | None = None,
    **evidence: Any,
) -> dict[str, Any]:
    """Let the judges compare a student's responses with those that the champion was registered with.

    The judges are those that the evaluation tried and believed. What they are asked is said before.

    Args:
        holder: The champion; None where nobody is.
        model: The student's weights.
        roles: Who judges.
        policy: The document conf/<env>/promotion.yml, whose resampling draws the intervals.
        after: The gate's decision on the student before it, which has to be known first.
        **evidence: `<benchmark>.items`, `<benchmark>.scorecard` and `<benchmark>.judgements` of every judged benchmark.

    Returns:
        Benchmark → JSON: who it was held `against`, the champion with its version, or the benchmark's own reference
        and why; and the win rates, by judge against the champion.
    """
    from quintain.registry.policy import promotion_policy

    resampling = promotion_policy(policy).resampling
    found = {}
    for name in dict.fromkeys(each.partition(".")[0] for each in evidence):
        benchmark = evidence[f"{name}.items"]
        ours = Measured(evidence[f"{name}.scorecard"], evidence[f"{name}.judgements"])
        reason = _no_match(holder, model.digest, name, ours.scorecard, roles)
        found[name] = (
            _by_reference(ours.scorecard, reason)
            if reason or holder is None
            else _match(benchmark, ours, holder, roles, resampling)
        )
    return found


def _no_match(holder: TitleHolder | None, digest: str, name: str, card: Scorecard, roles: Roles) -> str:
    """Reason why there is nobody to meet; empty where there is."""
    if holder is None:
        return "nobody holds the title"
    champion = f"the champion, version {holder.version}"
    if holder.contender.digest == digest:
        return f"{champion}, has the same weights"
    if name not in holder.contender.measured:
        return f"{champion}, was not measured on it"
    theirs = holder.contender.measured[name].scorecard
    if theirs.benchmark.digest != card.benchmark.digest:
        return f"{champion}, was measured on other instructions or another reference ({theirs.benchmark.digest})"
    if not roles.bound_to("judge"):
        return "no model is bound to the role judge"
    return ""


def _by_reference(card: Scorecard, reason: str) -> dict[str, Any]:
    logger.info("%s, %s: held against its reference alone, %s", card.model, card.benchmark.name, reason)
    return {
        "against": REFERENCE,
        "reference": card.benchmark.digest,
        "reason": reason,
        "judge": card.judge,
        "win_rate": {name: each.value for name, each in card.measures.items()},
    }


def _match(
    benchmark: JudgedBenchmark, ours: Measured, holder: TitleHolder, roles: Roles, resampling: Resampling
) -> dict[str, Any]:
    theirs = holder.contender.measured[benchmark.name]
    asked = as_set(benchmark)
    first, second = (_responses(benchmark, each.judgements) for each in (ours, theirs))
    rival = f"version {holder.version}, {holder.contender.student}"
    _say_cost(f"{ours.scorecard.model} against {rival}, {benchmark.name}", review_requests(asked, first, second), roles)
    by_judge = {}
    for player in roles.bound_to("judge"):
        with bind(player, roles, stage="registration") as judge:
            outcomes, completions = preferences_of(judge, asked, first, second)
            spent = Usage.of(completions)
            price = prices(roles).get(judge.name)
        try:
            rates: dict[str, Any] | None = win_rate(outcomes, resampling).as_dict()
        except ValueError as error:
            rates = None
            logger.warning("%s: %s; see its replies in the ledger", judge.name, error)
        by_judge[judge.name] = {
            "win_rate": rates,
            "requests": spent.calls,
            "prompt_tokens": spent.prompt_tokens,
            "completion_tokens": spent.completion_tokens,
            **({"money": price.of(spent)} if price else {}),
        }
        if rates:
            logger.info(
                "%s against %s on %s, by %s: wins %.1f %% at equal length [%.1f, %.1f]",
                ours.scorecard.model, rival, benchmark.name, judge.name,
                *(100 * rates["at_equal_length"][end] for end in ("value", "low", "high")),
            )  # fmt: skip
    return {
        "against": CHAMPION,
        "version": holder.version,
        "student": holder.contender.student,
        "weights": holder.contender.digest,
        "instructions": len(first.keys() & second.keys()),
        "by_judge": by_judge,
    }


def _responses(benchmark: JudgedBenchmark, judgements: Sequence[Judgement]) -> Mapping[str, Response]:
    """Instruction → response; none where the model could not respond."""
    shown = benchmark.instructions()
    return {
        shown[each.item_id].id: Response(
            instruction_id=shown[each.item_id].id, role="student", text=each.response, finish_reason="stop"
        )
        for each in judgements
        if each.unscored_because != "error"
    }


def _say_cost(what: str, requests: Sequence[Request], roles: Roles) -> None:
    chars = sum(len(turn.content) for each in requests for turn in each.messages)
    expected = expected_usage(len(requests), chars / max(len(requests), 1) / _CHARS_PER_TOKEN, REVIEW_TOKENS)
    for player in roles.bound_to("judge"):
        price = prices_by_role(roles).get(player)
        logger.info(
            "%s: %d questions to %s, about %d tokens read and %d written%s; what the ledger knows costs nothing",
            what, expected.calls, player, expected.prompt_tokens, expected.completion_tokens,
            f", {price.of(expected):,.2f} in its price's currency" if price else "",
        )  # fmt: skip
