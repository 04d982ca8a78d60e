"""Measured: what a version scored on one benchmark, with the verdicts behind it."""

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quintain.benchmarks.measures import by_level
from quintain.benchmarks.scorecard import Scorecard
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
    """Items, rules, judge, sampling and judgements of every benchmark: with the weights, the identity of a version.

    Args:
        measured: Benchmark → what was measured, the headline first.

    Returns:
        Tags; those of the headline without a benchmark's name, those of the others with it at the end.
    """
    tags = {NAMED: " ".join(measured)}
    for position, (name, each) in enumerate(measured.items()):
        tags |= _identity(name, each, headline=not position)
    return tags


def score_tags(measured: Mapping[str, Measured]) -> dict[str, str]:
    """The scores that a version is shown with: `score.<measure>`, `score.<benchmark>.<measure>` beside the headline."""
    tags: dict[str, str] = {}
    for position, (name, each) in enumerate(measured.items()):
        tags |= _scores(name, each, headline=not position)
    return tags


def seals(measured: Mapping[str, Measured]) -> dict[str, dict[str, str]]:
    """Tags that a version carries of what it was measured on, against which the files kept beside it are checked.

    Args:
        measured: Benchmark → what was measured, the headline first.

    Returns:
        Benchmark → tags: its identity, its scores, and the digest of its scorecard last, which says least of what
        differs.
    """
    return {
        name: _identity(name, each, headline=not position)
        | _scores(name, each, headline=not position)
        | {f"scorecard{f'.{name}' if position else ''}": each.scorecard.digest}
        for position, (name, each) in enumerate(measured.items())
    }


def _identity(name: str, each: Measured, *, headline: bool) -> dict[str, str]:
    card, suffix = each.scorecard, "" if headline else f".{name}"
    return {
        f"pack.digest{suffix}": card.benchmark.digest,
        f"pack.rules{suffix}": card.benchmark.rules,
        f"judge{suffix}": card.judge or "rules",
        f"sampling{suffix}": json.dumps(card.sampling, sort_keys=True),
        f"judgements{suffix}": card.judgements_digest,
    }


def _scores(name: str, each: Measured, *, headline: bool) -> dict[str, str]:
    prefix = SCORE if headline else f"{SCORE}{name}."
    return {f"{prefix}{measure}": f"{value:.4f}" for measure, value in _values(each.scorecard).items()}


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
    """Benchmark → headline value of a version, as its tags say; nothing of what was not scored or is no number."""
    found = {}
    for position, name in enumerate(tags.get(NAMED, "").split()):
        value = tags.get(f"{SCORE}{name}.headline" if position else f"{SCORE}headline", "")
        with contextlib.suppress(ValueError):
            found[name] = float(value)
    return found


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
