"""The promotion gate: is the candidate at least as good as the champion, beyond chance, on every critical benchmark?"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from quintain.benchmarks.satisfaction.comparison import Comparison, compare, terms
from quintain.errors import ConfigError
from quintain.registry.compared_measure import by_measure
from quintain.registry.evidence import broken_evidence
from quintain.registry.first_champion import first_verdict
from quintain.registry.guards import guard_verdicts
from quintain.registry.headline_test import further_items, headline_verdict
from quintain.registry.measured import Measured
from quintain.registry.policy import PromotionPolicy
from quintain.registry.verdict import Verdict

Outcome = Literal["promoted", "inconclusive", "refused"]


@dataclass(frozen=True)
class Decision:
    """Decision of the gate, with its verdicts."""

    outcome: Outcome
    verdicts: tuple[Verdict, ...]
    comparisons: dict[str, Comparison] = field(default_factory=dict)
    """Benchmark → the paired comparison with the champion, the headline first; none for a first champion."""
    items_wanted: dict[str, int] = field(default_factory=dict)
    """Benchmark → further items that would settle an open comparison at 80 % power, were the difference what it
    seems."""

    def lines(self) -> list[str]:
        """The verdicts as text, one line each, with the benchmark where there are several."""
        lines = [f"  {verdict.mark}  {self.shown(verdict)}: {verdict.reason}" for verdict in self.verdicts]
        return lines + [f"  {text}" for text in self.wants()]

    def wants(self) -> list[str]:
        """The further items that would settle what is open, one sentence per benchmark."""
        several = self.several
        return [
            f"about {wanted:,} further items{f' of {name}' if several else ''} would settle it at 80 % power"
            for name, wanted in self.items_wanted.items()
        ]

    def shown(self, verdict: Verdict) -> str:
        """Name of a verdict's condition, behind its benchmark where the decision reads several."""
        return f"{verdict.benchmark}, {verdict.condition}" if self.several and verdict.benchmark else verdict.condition

    @property
    def several(self) -> bool:
        """True when the decision reads more than one benchmark."""
        return len({verdict.benchmark for verdict in self.verdicts if verdict.benchmark}) > 1


@dataclass(frozen=True)
class Contender:
    """One side of the gate."""

    student: str
    """Name of the student."""
    digest: str
    """Content hash of its weights."""
    measured: Mapping[str, Measured]
    """Benchmark → what was measured, the headline first."""
    git_dirty: bool = False
    """Whether it was made from uncommitted changes."""
    edits: Mapping[str, float] = field(default_factory=dict)
    """Edit metrics by name; empty for a version without a memory."""
    complaints: Mapping[str, str] = field(default_factory=dict)
    """Benchmark → why what is kept of it is not what was registered; no entry where it is."""


def decide(candidate: Contender, champion: Contender | None, policy: PromotionPolicy) -> Decision:
    """Hold a candidate against the policy and the champion.

    Args:
        candidate: Who wants the title.
        champion: Who holds it; None when nobody does.
        policy: The conditions.

    Returns:
        `promoted` when all conditions hold; `refused` when one is broken; `inconclusive` when only comparisons with the
        champion are open, since an interval reaches both sides of its margin or too little tells the two apart, a first
        champion is not told from a null reply, or a floor is one that nothing could miss. What is advisory is reported
        and decides nothing, and so is what stays open on a supporting benchmark.

    Raises:
        ConfigError: The policy has no entry for a benchmark, or a floor of a measure that it does not have.
    """
    broken = {name: found for name in candidate.measured if (found := _broken(candidate, name, "candidate"))}
    verdicts = [each for found in broken.values() for each in found]
    verdicts += [verdict for name in candidate.measured for verdict in _own_conditions(candidate, name, policy)]
    verdicts += _edit_floors(candidate, policy) + _clean_tree(candidate, policy)
    comparisons: dict[str, Comparison] = {}
    if champion is None:
        headline = next(iter(candidate.measured), "")
        if headline and headline not in broken:
            verdicts.append(first_verdict(candidate.measured[headline], headline, policy))
    else:
        found, comparisons = _compared(candidate, champion, policy, without=set(broken))
        verdicts += found + guard_verdicts(comparisons)
    tiered = tuple(_tiered(verdict, policy) for verdict in verdicts)
    failed = [verdict for verdict in tiered if not verdict.passed and not verdict.advisory]
    outcome: Outcome = "promoted" if not failed else "refused" if any(v.decisive for v in failed) else "inconclusive"
    open_ones = (
        {verdict.benchmark for verdict in tiered if _is_open(verdict, policy)} if outcome != "refused" else set()
    )
    wanted = {name: comparison for name, comparison in comparisons.items() if name in open_ones}
    return Decision(outcome, tiered, comparisons, _items_wanted(candidate, wanted, policy))


def _tiered(verdict: Verdict, policy: PromotionPolicy) -> Verdict:
    if not verdict.benchmark:
        return verdict
    tier = policy.of(verdict.benchmark).tier
    # A supporting benchmark may be too small to show that nothing is lost; what it does show counts.
    advisory = tier == "advisory" or (tier == "supporting" and not verdict.passed and not verdict.decisive)
    return dataclasses.replace(verdict, advisory=advisory)


def _is_open(verdict: Verdict, policy: PromotionPolicy) -> bool:
    """True where further items could turn what failed, and somebody would want them."""
    open_ = bool(verdict.benchmark) and not verdict.passed and not verdict.decisive
    return open_ and policy.of(verdict.benchmark).tier != "advisory"


def _own_conditions(candidate: Contender, name: str, policy: PromotionPolicy) -> list[Verdict]:
    card = candidate.measured[name].scorecard
    unread = card.n_unread / card.n_scored if card.n_scored else 1.0
    verdicts = [
        Verdict(
            "verdicts read",
            unread <= policy.most_unread,
            f"{unread:.1%} of {card.n_scored} scored items unread, the limit is {policy.most_unread:.1%}",
            benchmark=name,
        ),
    ]
    for measure, floor in policy.of(name).floors.items():
        if measure not in card.measures:
            raise ConfigError(
                f"conf/base/promotion.yml: floors of {name} know {', '.join(card.measures)}, not {measure}"
            )
        verdicts.append(_floor(measure, card.estimate(measure).value, floor, name))
    return verdicts


def _broken(side: Contender, name: str, who: str) -> list[Verdict]:
    """Verdict on weights, scorecard and judgements that do not belong together; none where they do."""
    complaint = side.complaints.get(name) or broken_evidence(side.measured[name], name, side.student, side.digest)
    if not complaint:
        return []
    return [Verdict("evidence", passed=False, reason=f"{complaint} (the {who}'s)", benchmark=name)]


def _floor(name: str, value: float | None, floor: float, benchmark: str = "") -> Verdict:
    shown = "not scored" if value is None else f"{value:.3f}"
    if value == 0 and floor <= 0:
        reason = f"{shown}, which a floor of {floor:.3f} cannot tell from a broken model; set a floor above 0"
        return Verdict(f"floor of {name}", passed=False, reason=reason, decisive=False, benchmark=benchmark)
    passed = value is not None and value >= floor
    return Verdict(f"floor of {name}", passed, f"{shown}, the floor is {floor:.3f}", benchmark=benchmark)


def _edit_floors(candidate: Contender, policy: PromotionPolicy) -> list[Verdict]:
    if not candidate.edits:
        return []
    return [_floor(name, candidate.edits.get(name), floor) for name, floor in policy.floors.items()]


def _clean_tree(candidate: Contender, policy: PromotionPolicy) -> list[Verdict]:
    if not policy.clean_tree:
        return []
    reason = (
        "made from uncommitted changes; commit them and run the pipeline `registration` again"
        if candidate.git_dirty
        else "no uncommitted changes"
    )
    return [Verdict("clean tree", not candidate.git_dirty, reason)]


def _compared(
    candidate: Contender, champion: Contender, policy: PromotionPolicy, without: set[str]
) -> tuple[list[Verdict], dict[str, Comparison]]:
    """Compare on every benchmark that one of the two was measured on, `without` those whose evidence is broken."""
    verdicts: list[Verdict] = []
    comparisons: dict[str, Comparison] = {}
    for name in dict.fromkeys([*candidate.measured, *champion.measured]):
        if name not in candidate.measured or name not in champion.measured:
            verdicts.append(_missing(candidate, champion, name))
            continue
        ours, theirs = candidate.measured[name], champion.measured[name]
        comparable = _broken(champion, name, "champion") + _same_terms(ours, theirs, name)
        verdicts += comparable
        if name in without or not all(verdict.passed for verdict in comparable):
            continue
        measure = policy.of(name).measure
        judged, judged_before = (by_measure(each.judgements, each.scorecard, measure, name) for each in (ours, theirs))
        try:
            comparison = compare(judged, judged_before, policy.resampling)
        except ValueError as error:
            verdicts.append(Verdict("comparable", passed=False, reason=str(error), benchmark=name))
            continue
        comparisons[name] = comparison
        verdicts += _left_out(comparison, name, policy)
        least = _least(candidate, name, policy)
        verdict = headline_verdict(ours, comparison, least, policy.confidence, measure)
        if candidate.digest == champion.digest:
            verdict = Verdict(verdict.condition, passed=True, reason="the champion's own weights")
        verdicts.append(dataclasses.replace(verdict, benchmark=name))
    return verdicts, comparisons


def _left_out(comparison: Comparison, name: str, policy: PromotionPolicy) -> list[Verdict]:
    """Verdict on items that only one of the two was scored on, which nobody compares; none where there is none."""
    if not comparison.n_left_out:
        return []
    asked = comparison.n_items + comparison.n_left_out
    reason = (
        f"{comparison.n_left_out} of {asked} items were scored for one of the two only, the limit is "
        f"{policy.most_unread:.1%} (most_unread)"
    )
    passed = comparison.n_left_out <= policy.most_unread * asked
    return [Verdict("same items scored", passed, reason, benchmark=name)]


def _missing(candidate: Contender, champion: Contender, name: str) -> Verdict:
    """A benchmark that only one was measured on: a candidate cannot leave it out, a champion may be older than it."""
    if name not in candidate.measured:
        reason = (
            f"the champion was measured on it, {candidate.student} was not; add it to `benchmarks` in lifecycle.yml "
            "and run `kedro run --pipelines evaluation,registration`"
        )
        return Verdict("measured", passed=False, reason=reason, benchmark=name)
    if candidate.digest == champion.digest:
        return Verdict("measured", passed=True, reason="the champion's own weights, measured anew", benchmark=name)
    reason = (
        f"the champion {champion.student} was not measured on it; run `kedro run --pipelines evaluation,registration`, "
        "then its own weights take the title with all benchmarks"
    )
    return Verdict("measured", passed=False, reason=reason, decisive=False, benchmark=name)


def _least(candidate: Contender, name: str, policy: PromotionPolicy) -> float:
    """Limit of the difference: a promised gain is owed on the headline benchmark, elsewhere the margin holds."""
    headline = next(iter(candidate.measured))
    return 0.0 if name == headline and candidate.student in policy.must_improve else -policy.of(name).margin


def _same_terms(ours: Measured, theirs: Measured, benchmark: str) -> list[Verdict]:
    our_terms, their_terms = terms(ours.scorecard), terms(theirs.scorecard)
    return [
        Verdict(
            f"same {name}",
            mine == their_terms[name],
            f"{mine}" if mine == their_terms[name] else f"{mine} here, {their_terms[name]} for the champion",
            benchmark=benchmark,
        )
        for name, mine in our_terms.items()
    ]


def _items_wanted(
    candidate: Contender, comparisons: Mapping[str, Comparison], policy: PromotionPolicy
) -> dict[str, int]:
    found = {
        name: further_items(
            candidate.measured[name].scorecard, each, _least(candidate, name, policy), policy.confidence
        )
        for name, each in comparisons.items()
    }
    return {name: wanted for name, wanted in found.items() if wanted}
