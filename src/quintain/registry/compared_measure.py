"""The measure that the gate compares two models by: the headline, or another that every item has a share of."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

from quintain.benchmarks.scorecard import Scorecard
from quintain.errors import ConfigError
from quintain.records import Judgement


def by_measure(judgements: Sequence[Judgement], card: Scorecard, measure: str, benchmark: str) -> Sequence[Judgement]:
    """Judgements whose headline is the wanted measure.

    Args:
        judgements: One per item.
        card: Their scorecard.
        measure: Name of a measure; empty for the headline.
        benchmark: Name of the benchmark, for the message.

    Returns:
        The judgements, or the same with the verdicts or the score that make up the measure.

    Raises:
        ConfigError: The benchmark has no such measure, or it is one of all items together.
    """
    if measure in ("", card.headline):
        return judgements
    known = [name for name in card.measures if name == card.headline or name in _READINGS]
    if measure not in known:
        raise ConfigError(
            f"conf/base/promotion.yml: benchmarks.{benchmark}.measure: the gate compares {benchmark} by "
            f"{' or '.join(known)}, not by {measure}"
        )
    return [_READINGS[measure](each) if each.is_scored else each for each in judgements]


def _soft(judgement: Judgement) -> Judgement:
    """An unread verdict counts as no, and what does not do the base task satisfies nothing, as on the scorecard."""
    done = judgement.base_task is not False
    share = done * sum(verdict is True for verdict in judgement.satisfied) / len(judgement.satisfied)
    return dataclasses.replace(judgement, score=share)


def _loose(judgement: Judgement) -> Judgement:
    return dataclasses.replace(judgement, satisfied=judgement.loose)


_READINGS: Mapping[str, Callable[[Judgement], Judgement]] = {"ssr_mean": _soft, "prompt_loose": _loose}
