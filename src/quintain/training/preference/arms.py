"""BMC beside its own parts: original or bridged pairs, with or without weights, and the same β in effect.

Weights are partly a larger β: with λ around 3 on the edited tokens, a sum of weighted log-ratios is a sum of plain ones
times the mean weight. So every report also trains DPO and BC with β times that mean.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from quintain.records import TokenizedPair
from quintain.training.preference.measures import credit_pairs, summarise
from quintain.training.preference.params import PreferenceParams
from quintain.training.preference.train import train_on_preferences
from quintain.training.start_model import open_start

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Arm:
    """One way to train on the same prompts."""

    name: str
    bridged: bool
    """Trains on bridged pairs instead of the original ones."""
    weighted: bool
    """Weighs edited tokens."""
    matched: bool = False
    """Takes β times the mean weight of BMC instead of β."""


ARMS = (
    Arm("DPO", bridged=False, weighted=False),
    Arm("MC", bridged=False, weighted=True),
    Arm("BC", bridged=True, weighted=False),
    Arm("BMC", bridged=True, weighted=True),
    Arm("DPO-matched", bridged=False, weighted=False, matched=True),
    Arm("BC-matched", bridged=True, weighted=False, matched=True),
)


def compare_arms(
    start: Path,
    original: Sequence[TokenizedPair],
    bridged: Sequence[TokenizedPair],
    held_out: Sequence[TokenizedPair],
    params: PreferenceParams,
    scratch: Path,
) -> list[dict[str, Any]]:
    """Train every arm from the same start with the same settings, and hold all against the same unseen pairs.

    Args:
        start: Folder of the student.
        original: Pairs with the winners as they were.
        bridged: The same pairs, bridged.
        held_out: Pairs that no arm sees.
        params: Settings of BMC; its delta must be set.
        scratch: Folder for checkpoints and reference log-probabilities.

    Returns:
        Per arm its name, β, β in effect and the measures of `summarise`.
    """
    from statistics import fmean

    reference = open_start(start)[0]
    before = credit_pairs(reference, reference, bridged)
    sides = [side for pair in before for side in (pair.chosen, pair.rejected)]
    mean_weight = fmean(weight for side in sides for weight in side.weights(params.delta))
    table = []
    for arm in ARMS:
        beta = params.beta * (mean_weight if arm.matched else 1)
        settings = replace(params, beta=beta, delta=params.delta if arm.weighted else None)
        trained = train_on_preferences(start, bridged if arm.bridged else original, settings, scratch)
        measured = summarise(credit_pairs(trained.model, reference, held_out), beta, settings.delta)
        logger.info(
            "%s: β %.3f, accuracy %.3f on %d held-out pairs", arm.name, beta, measured["accuracy"], len(held_out)
        )
        table.append(
            {
                "arm": arm.name,
                "beta": round(beta, 4),
                "effective_beta": trained.summary["effective_beta"],
                **{name: measured[name] for name in ("accuracy", "margin", "displacement_chosen", "kl_nats_per_token")},
            }
        )
    return table
