"""Report of a round, in numbers."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np

from quintain.methods.lion.novelty import unicode_tokens
from quintain.methods.lion.stopping import mean_interval
from quintain.records import Dropped, Gap, Instruction, Response, Review


def gap_numbers(
    gaps: Sequence[Gap], pool: Mapping[str, Instruction], teacher: Mapping[str, Response],
    student: Mapping[str, Response], seed: int,
) -> dict[str, Any]:  # fmt: skip
    """Hard rate in all and by family, mean gap with its interval, and how far the gap goes with length.

    Args:
        gaps: All labelled gaps of the pool, kept ones included.
        pool: The cache pool by id.
        teacher: Teacher's responses by instruction id.
        student: Student's responses by instruction id.
        seed: Seed of the resampling.

    Returns:
        JSON-able numbers; rates and means are None where nothing was read.
    """
    read = [gap for gap in gaps if gap.gap is not None]
    families: dict[str, list[Gap]] = defaultdict(list)
    for gap in read:
        families[pool[gap.instruction_id].category or "all"].append(gap)
    interval = mean_interval([gap.gap or 0.0 for gap in read], seed)
    return {
        "judged": len(gaps),
        "unread": len(gaps) - len(read),
        "hard_rate": _share(gap.label == "hard" for gap in read),
        "hard_rate_by_family": {
            name: _share(gap.label == "hard" for gap in families[name]) for name in sorted(families)
        },
        "judged_by_family": {name: len(families[name]) for name in sorted(families)},
        "mean_gap": interval.mean if interval else None,
        "mean_gap_low": interval.low if interval else None,
        "mean_gap_high": interval.high if interval else None,
        "gap_per_10_words_longer": _length_slope(read, teacher, student),
    }


def _length_slope(gaps: Sequence[Gap], teacher: Mapping[str, Response], student: Mapping[str, Response]) -> float:
    """Points of gap per ten words that the teacher's response is longer; 0 where lengths do not vary."""
    longer = [
        len(unicode_tokens(teacher[gap.instruction_id].text)) - len(unicode_tokens(student[gap.instruction_id].text))
        for gap in gaps
    ]
    if len(set(longer)) < 2:
        return 0.0
    return 10 * float(np.polyfit(longer, [gap.gap or 0.0 for gap in gaps], 1)[0])


def review_numbers(reviews: Sequence[Review], gaps: Iterable[Gap]) -> dict[str, Any]:
    """Quality of the referee in a round: conflicts, position bias, reviews that could not be read.

    Args:
        reviews: The reviews of this round.
        gaps: Gaps that were labelled from them.

    Returns:
        Shares, and the mean advantage in points of the response shown first.
    """
    gaps = [gap for gap in gaps if gap.gap is not None]
    advantage = [
        (review.teacher_score - review.student_score) * (1 if review.order == "teacher-first" else -1)
        for review in reviews
        if review.teacher_score is not None and review.student_score is not None
    ]
    return {
        "reviews": len(reviews),
        "second_opinions": sum(review.sample > 0 for review in reviews),
        "parse_failure_rate": _share(bool(review.fault) for review in reviews),
        "parse_failures": dict(sorted(Counter(review.fault for review in reviews if review.fault).items())),
        "conflict_rate": _share(gap.conflict for gap in gaps),
        "first_place_advantage": fmean(advantage) if advantage else None,
    }


def generation_numbers(accepted: Sequence[Instruction], dropped: Sequence[Dropped]) -> dict[str, Any]:
    """The funnel of the generator, and how varied what it gave is.

    Args:
        accepted: New instructions.
        dropped: Candidates that were not taken.

    Returns:
        Counts by reason; the share of distinct bigrams among all bigrams, and the mean ROUGE-L to the nearest text that
        was known, both None when nothing was accepted.
    """
    bigrams = [pair for one in accepted if (words := unicode_tokens(one.text)) for pair in itertools.pairwise(words)]
    similarities = [float(one.origin.knobs["similarity"]) for one in accepted if "similarity" in one.origin.knobs]
    return {
        "candidates": len(accepted) + len(dropped),
        "accepted": len(accepted),
        "accepted_by_difficulty": {
            difficulty: sum(one.difficulty == difficulty for one in accepted) for difficulty in ("hard", "easy")
        },
        "dropped": dict(sorted(Counter(drop.reason for drop in dropped).items())),
        "distinct_bigrams": len(set(bigrams)) / len(bigrams) if bigrams else None,
        "nearest_similarity": fmean(similarities) if similarities else None,
    }


def _share(flags: Iterable[bool]) -> float | None:
    held = list(flags)
    return sum(held) / len(held) if held else None
