"""Stopping rules of the loop: no gain, nothing hard left, the budget spent, or a referee not to be believed."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from quintain.methods.lion.params import LionParams
from quintain.methods.lion.referee import Matchup
from quintain.records import Gap, Instruction, Response, Review
from quintain.statistics import bootstrap
from quintain.statistics.resampling import Resampling

Status = Literal["open", "went-on", "stopped", "passed", "failed"]
_CORRECT_POINTS = 1.0
_REPLICATES = 2000
_CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A mean with its bootstrap interval."""

    mean: float
    low: float
    high: float
    n: int
    """Instructions behind it."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Outcome of a round."""

    status: Status
    """`open` before the first round, `went-on`, `stopped`, `passed` after an earlier round had stopped, `failed`."""
    reason: str = ""
    """Why, in one word such as `no-gain`."""
    detail: str = ""
    """The same in a sentence, with the numbers and the setting."""
    improvement: Interval | None = None
    """By how much the mean gap of the probe set fell since the last round; None where that cannot be said."""
    calls: int = 0
    """Calls to teacher, referee and generator, all rounds so far."""

    def as_dict(self) -> dict[str, Any]:
        """JSON-able form."""
        return asdict(self)


def mean_interval(values: Sequence[float], seed: int) -> Interval | None:
    """Mean with a 95 % percentile interval of 2,000 resamples; None without values."""
    found = bootstrap.mean_interval(values, Resampling(replicates=_REPLICATES, confidence=_CONFIDENCE, seed=seed))
    return None if found is None else Interval(mean=found.value, low=found.low, high=found.high, n=found.n)


def gap_improvement(gaps: Mapping[str, Gap], former: Mapping[str, Gap], probe: set[str], seed: int) -> Interval | None:
    """By how much the gap on the probe set fell, instruction by instruction; None before the second round."""
    falls = [
        before - now
        for one in sorted(probe)
        if one in gaps and one in former
        if (before := former[one].gap) is not None and (now := gaps[one].gap) is not None
    ]
    return mean_interval(falls, seed)


def controls(pool: Sequence[Instruction], teacher: Mapping[str, Response], params: LionParams) -> list[Matchup]:
    """Questions whose answer is known: the teacher's response against its response to another instruction.

    Args:
        pool: Where instructions are taken from, the same ones in every round.
        teacher: The teacher's responses by instruction id.
        params: Number of controls, orders, seed.

    Returns:
        Comparisons in both orders, or in one; none in paper mode or where the pool has fewer than two instructions.
    """
    answered = [one for one in pool if one.round == 0 and one.id in teacher and teacher[one.id].text.strip()]
    if params.strict or len(answered) < 2:
        return []
    chosen = random.Random(f"{params.seed}/controls").sample(answered, min(params.controls, len(answered)))
    at = {one.id: i for i, one in enumerate(answered)}
    asked = []
    for one in chosen:
        other = answered[(at[one.id] + len(answered) // 2) % len(answered)]
        stranger = Response(instruction_id=one.id, role="student", text=teacher[other.id].text, finish_reason="stop")
        asked += [
            Matchup(one, teacher[one.id], stranger, "teacher-first"),
            *([Matchup(one, teacher[one.id], stranger, "student-first")] if params.both_orders else []),
        ]
    return asked


def correct_controls(gaps: Sequence[Gap]) -> int:
    """Number of controls in which the referee put the right response ahead by a point or more."""
    return sum(gap.gap is not None and gap.gap >= _CORRECT_POINTS for gap in gaps)


def doubt(reviews: Sequence[Review], gaps: Sequence[Gap], params: LionParams) -> tuple[str, str]:
    """Say what speaks against believing a referee, from its reviews of the controls.

    Args:
        reviews: Reviews of the controls.
        gaps: The gaps made of them.
        params: Share of them that it must get right.

    Returns:
        A word and a sentence; two empty strings when nothing does.
    """
    correct = correct_controls(gaps)
    if not gaps or correct >= params.min_control_accuracy * len(gaps):
        return "", ""
    scored = [review for review in reviews if not review.fault]
    if not scored:
        why = f"none of its {len(reviews)} reviews can be read (for example {reviews[0].text[:80]!r})"
    elif len({(review.teacher_score, review.student_score) for review in scored}) == 1 and (
        scored[0].teacher_score == scored[0].student_score
    ):
        why = f"it gave the score {scored[0].teacher_score:g} to every response"
    elif sum(gap.conflict for gap in gaps) > len(gaps) / 2:
        why = "it favours the same place whatever stands there"
    else:
        why = "its scores do not tell a response from one to another instruction"
    return (
        "referee-unfit",
        f"the referee put the teacher's response before one to another instruction in {correct} of {len(gaps)} "
        f"controls, {params.min_control_accuracy:.0%} are asked for (distillation.method.min_control_accuracy): {why}. "
        "Bind another referee (roles.bindings.referee), or see its dialect (distillation.method.dialect)",
    )


def decide(
    gaps: Sequence[Gap], improvement: Interval | None, calls: int, params: LionParams
) -> tuple[Status, str, str]:
    """Decide whether the loop goes on after the referee's reviews.

    Args:
        gaps: The labelled gaps of the round.
        improvement: Fall of the mean gap on the probe set.
        calls: Calls so far.
        params: Limits.

    Returns:
        Status, reason and detail.
    """
    unread = sum(gap.label == "unread" for gap in gaps)
    if not params.strict and gaps and unread > params.most_unread * len(gaps):
        return (
            "failed",
            "unread",
            f"{unread} of {len(gaps)} instructions have no readable review, the limit is {params.most_unread:.0%} "
            "(distillation.method.most_unread); see the field `fault` of the reviews",
        )
    read = len(gaps) - unread
    hard = sum(gap.label == "hard" for gap in gaps)
    if params.most_calls is not None and calls >= params.most_calls:
        return (
            "stopped",
            "budget",
            f"{calls} calls were made, the budget is {params.most_calls} (distillation.method.most_calls)",
        )
    if params.strict and read:  # the authors fix the number of rounds by hand
        return "went-on", "", ""
    if not read or hard < params.hard_floor * read:
        return (
            "stopped",
            "nothing-hard",
            f"{hard} of {read} instructions are hard, below the floor of {params.hard_floor:.1%} "
            "(distillation.method.hard_floor)",
        )
    if improvement is not None and improvement.low <= 0:
        return (
            "stopped",
            "no-gain",
            f"since the last round the mean gap on {improvement.n} probe instructions "
            f"{'rose' if improvement.mean < 0 else 'fell'} by {abs(improvement.mean):.3f} points; the 95 % interval of "
            f"its fall, {improvement.low:+.3f} to {improvement.high:+.3f}, does not leave zero out",
        )
    return "went-on", "", ""
