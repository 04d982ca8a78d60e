"""Gaps: what all reviews of an instruction say together, and whether it is hard."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from quintain.methods.lion.params import LionParams
from quintain.methods.lion.referee import ORDERS
from quintain.records import Gap, GapLabel, Origin, Response, Review

_UNREAD_SCORE = -1.0
"""What the authors' code puts in the place of a score that it cannot read, and averages."""


def label_gaps(reviews: Iterable[Review], student: Mapping[str, Response], params: LionParams) -> list[Gap]:
    """Average the reviews of each instruction and label it.

    Each order weighs the same, however many of its reviews could be read, so that a preference for a place cancels
    out; where only one order could be read, it stands alone. In paper mode an unread review counts as -1 to -1.

    Args:
        reviews: All reviews, first and second opinions.
        student: The student's responses that were judged, by instruction id.
        params: Threshold and mode.

    Returns:
        One gap per instruction, the largest first, then the higher teacher score; unread ones last.

    Source: the authors' src/discrimination.py.
    """
    by_instruction: dict[str, list[Review]] = defaultdict(list)
    for review in reviews:
        by_instruction[review.instruction_id].append(review)
    gaps = [_label(found, student[instruction_id], params) for instruction_id, found in by_instruction.items()]
    return sorted(gaps, key=_largest_first)


def conflicted(reviews: Sequence[Review]) -> bool:
    """True when the two orders prefer different responses, each by more than nothing."""
    gaps = [fmean(scores) for scores in _by_order(reviews) if scores]
    return len(gaps) == 2 and gaps[0] * gaps[1] < 0


def to_ask_again(reviews: Iterable[Review]) -> list[str]:
    """Ids of instructions whose reviews could not all be read, or contradict each other."""
    by_instruction: dict[str, list[Review]] = defaultdict(list)
    for review in reviews:
        by_instruction[review.instruction_id].append(review)
    return [
        instruction_id
        for instruction_id, found in by_instruction.items()
        if any(review.fault for review in found) or conflicted(found)
    ]


def _by_order(reviews: Sequence[Review]) -> list[list[float]]:
    """Gaps of the readable reviews of each order."""
    return [
        [
            review.teacher_score - review.student_score
            for review in reviews
            if review.order == order and review.teacher_score is not None and review.student_score is not None
        ]
        for order in ORDERS
    ]


def _label(reviews: list[Review], student: Response, params: LionParams) -> Gap:
    teacher, own = (_mean_score(reviews, role, params) for role in ("teacher", "student"))
    label: GapLabel = "unread"
    if teacher is not None and own is not None:
        label = "hard" if teacher - own >= params.threshold else "easy"
    return Gap(
        instruction_id=student.instruction_id,
        label=label,
        teacher_score=teacher,
        student_score=own,
        conflict=conflicted(reviews),
        response_id=student.id,
        origin=Origin(parents=tuple(review.id for review in reviews)),
    )


def _mean_score(reviews: list[Review], role: str, params: LionParams) -> float | None:
    means = []
    for order in ORDERS:
        scores = [getattr(review, f"{role}_score") for review in reviews if review.order == order]
        if params.strict:
            scores = [_UNREAD_SCORE if score is None else score for score in scores]
        read = [score for score in scores if score is not None]
        if read:
            means.append(fmean(read))
    return fmean(means) if means else None


def _largest_first(gap: Gap) -> tuple[bool, float, float, str]:
    return gap.label == "unread", -(gap.gap or 0.0), -(gap.teacher_score or 0.0), gap.instruction_id
