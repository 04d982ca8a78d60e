"""Preferences: what the reviews of two responses, each shown first once, come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quintain.benchmarks.judged.instruction_set import InstructionSet
from quintain.methods import lion
from quintain.methods.lion import LionParams, Matchup
from quintain.records import Gap, Response, Review

WIN, TIE, LOSS = 1.0, 0.5, 0.0
DOUBTFUL = 0.7
"""Share of the controls that a judge must get right to be believed."""


@dataclass(frozen=True, kw_only=True)
class Preference:
    """Outcome of one instruction."""

    instruction_id: str
    category: str
    """Category of the instruction; empty where its set has none."""
    cluster: str
    """Instructions of one cluster are drawn together where intervals are drawn."""
    value: float | None
    """1 where the first model's response has the higher mean score, 0.5 where both have the same, 0 where the other's;
    None where no review could be read."""
    conflict: bool
    """Whether the judge preferred another one when the order was swapped."""
    longer_chars: int
    """Characters that the first model's response is longer."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A judge's performance on controls: a response against the same model's to another instruction."""

    controls: int
    """Controls that it was asked."""
    correct: int
    """Those in which it put the right response ahead by a point or more."""
    conflicts: int
    """Those in which it favoured a place."""
    unread: int
    """Reviews of them that could not be read."""

    @property
    def complaint(self) -> str:
        """Reason why it is not to be believed; empty where it is."""
        if not self.controls:
            return "there is no response to try it on: the first model responded to fewer than two instructions"
        if self.correct >= DOUBTFUL * self.controls:
            return ""
        why = f", {self.unread} reviews could not be read" if self.unread else ""
        place = f", it favoured a place in {self.conflicts}" if self.conflicts else ""
        return (
            f"it put the right response ahead in {self.correct} of {self.controls} controls, {DOUBTFUL:.0%} are asked "
            f"for{place}{why}"
        )


def control_matchups(asked: InstructionSet, first: Mapping[str, Response], params: LionParams) -> list[Matchup]:
    """Comparisons whose outcome is known: the first model's response against its response to another instruction."""
    return lion.controls(asked.instructions, first, params)


def read_trial(matchups: Sequence[Matchup], reviews: Sequence[Review], params: LionParams) -> Trial:
    """Read how a judge did on the controls.

    Args:
        matchups: The controls, in both orders.
        reviews: Its reviews of them.
        params: How reviews are read.

    Returns:
        The trial.
    """
    gaps = lion.label_gaps(reviews, {each.instruction.id: each.student for each in matchups}, params)
    return Trial(
        controls=len(gaps),
        correct=lion.correct_controls(gaps),
        conflicts=sum(gap.conflict for gap in gaps),
        unread=sum(bool(review.fault) for review in reviews),
    )


def preferences(
    asked: InstructionSet,
    first: Mapping[str, Response],
    second: Mapping[str, Response],
    reviews: Sequence[Review],
    params: LionParams,
) -> list[Preference]:
    """Turn reviews into outcomes, one per instruction that both models responded to.

    Args:
        asked: The instructions.
        first: Responses of the first model by instruction id, in the place of Lion's teacher.
        second: Responses of the second model.
        reviews: All reviews, first and second opinions.
        params: How reviews are read.

    Returns:
        The outcomes in the order of the set.
    """
    gaps: dict[str, Gap] = {gap.instruction_id: gap for gap in lion.label_gaps(reviews, second, params)}
    return [
        Preference(
            instruction_id=each.id,
            category=each.category,
            cluster=asked.clusters[each.id],
            value=_outcome(gaps[each.id].gap),
            conflict=gaps[each.id].conflict,
            longer_chars=len(first[each.id].text) - len(second[each.id].text),
        )
        for each in asked.instructions
        if each.id in gaps
    ]


def _outcome(gap: float | None) -> float | None:
    if gap is None:
        return None
    return WIN if gap > 0 else LOSS if gap < 0 else TIE
