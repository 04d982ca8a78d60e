"""Measured: what a version scored on one benchmark, with the verdicts behind it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quintain.benchmarks.measures import by_level
from quintain.benchmarks.scorecard import Scorecard
from quintain.errors import RegistryError
from quintain.records import Judgement, content_id

NAMED = "benchmarks"
"""Tag of a version with the names of its benchmarks, the headline first."""
SCORE = "score."
"""What the tags of scores begin with; those of the headline benchmark carry no further name."""
_FOLLOWBENCH = "hsr_mean"


@dataclass(frozen=True)
class Measured:
    """A scorecard with its judgements."""

    scorecard: Scorecard
    judgements: Sequence[Judgement]
    """Verdicts per item, kept so that later candidates can be compared item by item."""
    page: str = ""
    """HTML of the scorecard; empty when there is none."""


def identity_tags(measured: Mapping[str, Measured]) -> dict[str, str]:
    """Items, rules, judge and sampling of every benchmark: with the weights, what makes two registrations the same.

    Args:
        measured: Benchmark → what was measured, the headline first.

    Returns:
        Tags; those of the headline without a benchmark's name, those of the others with it at the end.
    """
    tags = {NAMED: " ".join(measured)}
    for position, (name, each) in enumerate(measured.items()):
        card, suffix = each.scorecard, f".{name}" if position else ""
        tags |= {
            f"pack.digest{suffix}": card.benchmark.digest,
            f"pack.rules{suffix}": card.benchmark.rules,
            f"judge{suffix}": card.judge or "rules",
            f"sampling{suffix}": json.dumps(card.sampling, sort_keys=True),
        }
    return tags


def score_tags(measured: Mapping[str, Measured]) -> dict[str, str]:
    """The scores that a version is shown with: `score.<measure>`, `score.<benchmark>.<measure>` beside the headline."""
    tags: dict[str, str] = {}
    for position, (name, each) in enumerate(measured.items()):
        prefix = f"{SCORE}{name}." if position else SCORE
        tags |= {f"{prefix}{measure}": f"{value:.4f}" for measure, value in _values(each.scorecard).items()}
    return tags


def score_metrics(measured: Mapping[str, Measured]) -> dict[str, float]:
    """The scores under the names that `search_logged_models` finds and charts compare.

    The judge is part of a name, so that no chart mixes two. A headline with FollowBench's measures stands under
    `followbench.`, everything else under its benchmark.
    """
    metrics: dict[str, float] = {}
    for position, (name, each) in enumerate(measured.items()):
        card = each.scorecard
        home = "followbench" if not position and card.headline == _FOLLOWBENCH else name
        judged = f"judged-{content_id(card.judge)[:8]}." if card.judge else ""
        metrics |= {f"{home}.{judged}{measure}": value for measure, value in _values(card).items()}
    return metrics


def headlines(tags: Mapping[str, str]) -> dict[str, float]:
    """Benchmark → headline value of a version, as its tags say; nothing of what was not scored."""
    found = {}
    for position, name in enumerate(tags.get(NAMED, "").split()):
        value = tags.get(f"{SCORE}{name}.headline" if position else f"{SCORE}headline")
        if value is not None:
            found[name] = float(value)
    return found


def refuse_other_weights(measured: Mapping[str, Measured], student: str, digest: str) -> None:
    """Refuse scorecards of other weights than the student's.

    Args:
        measured: Benchmark → what was measured.
        student: Name of the student.
        digest: Content hash of its weights.

    Raises:
        RegistryError: A scorecard was made of other weights; names both, and the command that makes them agree.
    """
    for name, each in measured.items():
        if complaint := other_weights(each.scorecard, name, student, digest):
            raise RegistryError(complaint)


def other_weights(card: Scorecard, benchmark: str, student: str, digest: str) -> str:
    """Say how a scorecard's weights differ from a version's; empty where they are the same."""
    if card.model_digest == digest:
        return ""
    return (
        f"the scorecard of {student} on {benchmark} is of weights {card.model_digest[:12] or 'unknown'}, the student "
        f"has {digest[:12]}; measure it again with `kedro run --pipelines evaluation --namespaces "
        f"{student}.{benchmark}`, then register it with `kedro run --pipelines registration`"
    )


def _values(card: Scorecard) -> dict[str, float]:
    """Headline under its own name and as `headline`, every measure, the headline by level and by category."""
    rate = by_level(card.headline)
    values = {"headline": card.estimate(card.headline).value}
    values |= {measure: estimate.value for measure, estimate in card.measures.items()}
    values |= {f"{rate}_l{level}": card.estimate(rate, level=level).value for level in card.levels}
    values |= {f"{rate}_{name}": card.estimate(card.headline, category=name).value for name in card.categories}
    return {name: float(value) for name, value in values.items() if value is not None}
