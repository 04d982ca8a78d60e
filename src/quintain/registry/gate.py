"""The promotion gate: is the candidate at least as good as the champion, beyond chance?"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from quintain.benchmarks.satisfaction.comparison import Comparison, compare, terms
from quintain.benchmarks.satisfaction.sheet import LEVELS
from quintain.errors import ConfigError
from quintain.methods.lte.metrics import HEADLINE
from quintain.records import Judgement
from quintain.registry.editing import PREFIX
from quintain.statistics.power import items_to_settle
from quintain.statistics.resampling import Resampling

Outcome = Literal["promoted", "inconclusive", "blocked"]
_SIGNIFICANT = 0.05


@dataclass(frozen=True)
class PromotionPolicy:
    """The document conf/<env>/promotion.yml; rates are shares, 0-1.

    Raises:
        ValueError: A value is out of range.
    """

    margin: float
    """How much worse macro HSR may at most be, at the lower end of the interval."""
    most_unread: float
    """Largest share of scored items whose verdict could not be read."""
    must_improve: list[str] = field(default_factory=list)
    """Students whose stage promises to make them better: they have no margin, the lower end must lie above 0."""
    floors: dict[str, float] = field(default_factory=dict)
    """Least values of headline numbers: `hsr_mean`, `ssr_mean`, `csl` for every candidate, edit metrics such as
    `edit.success` for one that carries a memory."""
    clean_tree: bool = False
    """Refuse a candidate that was made from uncommitted changes; a folder without commits has none."""
    replicates: int = 2000
    confidence: float = 0.95
    seed: int = 0

    @property
    def resampling(self) -> Resampling:
        """How the intervals of a comparison are drawn."""
        return Resampling(replicates=self.replicates, confidence=self.confidence, seed=self.seed)

    def __post_init__(self) -> None:
        _ = self.resampling  # says what is out of range
        if not 0 <= self.margin < 1 or not 0 <= self.most_unread <= 1:
            raise ValueError(f"margin and most_unread are shares in [0, 1), got {self.margin} and {self.most_unread}")
        known = ("hsr_mean", "ssr_mean", "csl", *(f"{PREFIX}{name}" for name in HEADLINE))
        if unknown := sorted(self.floors.keys() - set(known)):
            raise ValueError(f"floors know {', '.join(known)}, not {', '.join(unknown)}")


def promotion_policy(document: Mapping[str, Any]) -> PromotionPolicy:
    """Read the policy.

    Args:
        document: conf/<env>/promotion.yml.

    Returns:
        The policy.

    Raises:
        ConfigError: A setting is missing, unknown or out of range.
    """
    try:
        return PromotionPolicy(**document)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"conf/base/promotion.yml: {error}") from None


@dataclass(frozen=True)
class Verdict:
    """One condition of the gate."""

    condition: str
    passed: bool
    reason: str
    """The numbers, for people."""
    decisive: bool = True
    """Whether failing it blocks; otherwise more items could turn it."""


@dataclass(frozen=True)
class Decision:
    """What the gate says."""

    outcome: Outcome
    verdicts: tuple[Verdict, ...]
    comparison: Comparison | None = None
    """The paired comparison with the champion; None for a first champion."""
    items_wanted: int | None = None
    """Further items that would settle an inconclusive comparison at 80 % power, were the difference what it seems."""

    def lines(self) -> list[str]:
        """The verdicts as text, one line each."""
        marks = {True: "pass", False: "FAIL"}
        lines = [f"  {marks[verdict.passed]}  {verdict.condition}: {verdict.reason}" for verdict in self.verdicts]
        if self.items_wanted:
            lines.append(f"  about {self.items_wanted:,} further items would settle it at 80 % power")
        return lines


@dataclass(frozen=True)
class Contender:
    """One side of the gate."""

    scorecard: dict[str, Any]
    judgements: Sequence[Judgement]
    git_dirty: bool = False
    edits: Mapping[str, float] = field(default_factory=dict)
    """Edit metrics by name; empty for a version without a memory."""


def decide(candidate: Contender, champion: Contender | None, policy: PromotionPolicy) -> Decision:
    """Hold a candidate against the policy and the champion.

    Args:
        candidate: Who wants the title.
        champion: Who holds it; None when nobody does.
        policy: The conditions.

    Returns:
        `promoted` when all conditions hold; `blocked` when one is broken; `inconclusive` when only the comparison with
        the champion is open, since its interval reaches both sides of the margin.
    """
    verdicts = _own_conditions(candidate, policy)
    comparison = None
    least = 0.0 if candidate.scorecard["model"] in policy.must_improve else -policy.margin
    if champion is not None:
        same = _same_terms(candidate.scorecard, champion.scorecard)
        verdicts += same
        if all(verdict.passed for verdict in same):
            try:
                comparison = compare(candidate.judgements, champion.judgements, policy.resampling)
            except ValueError as error:
                verdicts.append(Verdict("comparable", passed=False, reason=str(error)))
            else:
                verdicts += _against_champion(comparison, least, policy)
    failed = [verdict for verdict in verdicts if not verdict.passed]
    outcome: Outcome = "promoted" if not failed else "blocked" if any(v.decisive for v in failed) else "inconclusive"
    wanted = _items_wanted(comparison, least, policy) if outcome == "inconclusive" and comparison else None
    return Decision(outcome, tuple(verdicts), comparison, wanted)


def _own_conditions(candidate: Contender, policy: PromotionPolicy) -> list[Verdict]:
    card = candidate.scorecard
    unread = card["n_unread"] / card["n_scored"] if card["n_scored"] else 1.0
    verdicts = [
        Verdict(
            "verdicts read",
            unread <= policy.most_unread,
            f"{unread:.1%} of {card['n_scored']} scored items unread, the limit is {policy.most_unread:.1%}",
        )
    ]
    for name, floor in policy.floors.items():
        if name.startswith(PREFIX) and not candidate.edits:
            continue
        value = candidate.edits.get(name) if name.startswith(PREFIX) else card["macro"][name]
        passed = value is not None and value >= floor
        shown = "not scored" if value is None else f"{value:.3f}"
        verdicts.append(Verdict(f"floor of {name}", passed, f"{shown}, the floor is {floor:.3f}"))
    if policy.clean_tree:
        reason = (
            "made from uncommitted changes; commit them and run the pipeline `registration` again"
            if candidate.git_dirty
            else "no uncommitted changes"
        )
        verdicts.append(Verdict("clean tree", not candidate.git_dirty, reason))
    return verdicts


def _same_terms(ours: dict[str, Any], theirs: dict[str, Any]) -> list[Verdict]:
    our_terms, their_terms = terms(ours), terms(theirs)
    return [
        Verdict(
            f"same {name}",
            mine == their_terms[name],
            f"{mine}" if mine == their_terms[name] else f"{mine} here, {their_terms[name]} for the champion",
        )
        for name, mine in our_terms.items()
    ]


def _against_champion(comparison: Comparison, least: float, policy: PromotionPolicy) -> list[Verdict]:
    passed = comparison.lower_bound > least
    worse = {name: p for name, p in comparison.p_worse.items() if p < _SIGNIFICANT}
    return [
        Verdict(
            "macro HSR",
            passed,
            f"{100 * comparison.difference:+.1f} points, lower bound {100 * comparison.lower_bound:+.1f} "
            f"(one-sided {policy.confidence:.0%}, {comparison.n_items} items), must be above {100 * least:+.1f}",
            # An upper bound below the limit is a loss; bounds on both sides of it say too little.
            decisive=comparison.upper_bound <= least,
        ),
        Verdict(
            "no category worse",
            not worse,
            ", ".join(
                f"{name} {100 * comparison.categories[name]:+.1f} points (p {p:.3f})" for name, p in worse.items()
            )
            or f"none with p < {_SIGNIFICANT} after Holm",
        ),
        Verdict(
            "CSL",
            comparison.csl_p_worse >= _SIGNIFICANT,
            f"{comparison.csl_difference:+.2f} levels (p {comparison.csl_p_worse:.3f} after Holm of being worse, "
            f"must not be below {_SIGNIFICANT})",
        ),
    ]


def _items_wanted(comparison: Comparison, least: float, policy: PromotionPolicy) -> int | None:
    """Further items, in whole groups of every category; None on the very limit, which no number settles."""
    distance = comparison.difference - least
    if distance == 0:
        return None
    further = (
        items_to_settle(distance, comparison.standard_error, comparison.n_items, confidence=policy.confidence)
        - comparison.n_items
    )
    group_in_each = len(LEVELS) * len(comparison.categories)
    return math.ceil(further / group_in_each) * group_in_each
