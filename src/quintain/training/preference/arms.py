"""BMC ablation: original or bridged pairs, with or without weights, each at its own best β and rate.

Weights are partly a larger β: with λ around 3 on the edited tokens, a sum of weighted log-ratios is a sum of plain ones
times the mean weight. So every report also trains DPO and BC with the β of BMC times that mean.
"""

import itertools
import json
import logging
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta

from quintain.fields import Natural, Positive, check
from quintain.models.folder import folder_digest
from quintain.records import TokenizedPair, content_id
from quintain.training.preference.measures import credit_pairs, summarise
from quintain.training.preference.params import PreferenceParams
from quintain.training.preference.train import train_on_preferences
from quintain.training.start_model import open_start

if TYPE_CHECKING:
    from torch import nn

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Arm:
    """One way to train on the same prompts."""

    name: str
    bridged: bool
    """Trains on bridged pairs instead of the original ones."""
    weighted: bool
    """Weighs edited tokens."""


PARTS = (
    Arm("DPO", bridged=False, weighted=False),
    Arm("MC", bridged=False, weighted=True),
    Arm("BC", bridged=True, weighted=False),
    Arm("BMC", bridged=True, weighted=True),
)
MATCHED = (Arm("DPO-matched", bridged=False, weighted=False), Arm("BC-matched", bridged=True, weighted=False))
"""Take the rate that BMC was given, and its β times the mean weight."""


@dataclass(frozen=True)
class SweepParams:
    """Length of the arms' trainings, and the settings to try.

    Raises:
        ValueError: A value is out of range.
    """

    steps: Natural
    """Optimiser steps of each training; 0 leaves the comparison out."""
    beta_multiples: Annotated[list[Positive], Meta(min_length=1)] = field(default_factory=lambda: [1.0])
    """Multiples of the training's β to try."""
    learning_rates: list[Positive] = field(default_factory=list)
    """Rates to try; empty takes the training's own."""

    def __post_init__(self) -> None:
        check(self)

    @property
    def chooses(self) -> bool:
        """True when there is more than one setting to choose from."""
        return len(self.beta_multiples) * max(1, len(self.learning_rates)) > 1

    def settings(self, params: PreferenceParams) -> list[tuple[float, float]]:
        """β and learning rate of every training of an arm."""
        betas = [params.beta * multiple for multiple in self.beta_multiples]
        return list(itertools.product(betas, self.learning_rates or [params.learning_rate]))


@dataclass(frozen=True)
class ArmPairs:
    """Pairs that the arms learn from, and pairs that none of them sees."""

    original: Sequence[TokenizedPair]
    """Pairs with the winners as they were."""
    bridged: Sequence[TokenizedPair]
    """The same pairs, bridged."""
    validation: Sequence[TokenizedPair]
    """β and rate are chosen on these."""
    test: Sequence[TokenizedPair]
    """The chosen training is reported on these; the same as `validation` where nothing is chosen."""


def compare_arms(
    start: Path, pairs: ArmPairs, params: PreferenceParams, sweep: SweepParams, scratch: Path
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Train every arm from the same start at every setting, choose each one's best, and report it on unseen pairs.

    The best prefers the chosen response of most validation pairs; of equals, the one with the least KL. A training that
    was measured before is not repeated.

    Args:
        start: Folder of the student.
        pairs: What to learn from and what to measure on.
        params: Settings of BMC; its delta must be set.
        sweep: Steps, multiples of β, rates.
        scratch: Folder for checkpoints, reference log-probabilities, and what was measured.

    Returns:
        The chosen training of each arm: its name, β, rate, β in effect and the measures of `summarise` on the test
        pairs; and every training: the same, with the measures on both kinds of pairs under `validation` and `test`.
    """
    reference = open_start(start)[0]
    bench = _Bench(start, folder_digest(start), reference, pairs, replace(params, steps=sweep.steps), scratch)
    tried = [bench.measured(arm, *setting) for arm in PARTS for setting in sweep.settings(params)]
    chosen = [max((one for one in tried if one["arm"] == arm.name), key=_worth) for arm in PARTS]
    best = chosen[-1]
    # The start's own weights: those of a trained arm would make β depend on what it learned.
    mean_weight = summarise(credit_pairs(reference, reference, pairs.bridged), params.beta, params.delta)["mean_weight"]
    matched = [bench.measured(arm, best["beta"] * mean_weight, best["learning_rate"]) for arm in MATCHED]
    return [_reported(one) for one in (*chosen, *matched)], [*tried, *matched]


def _worth(one: dict[str, Any]) -> tuple[float, float]:
    return one["validation"]["accuracy"], -one["validation"]["kl_nats_per_token"]


def _reported(one: dict[str, Any]) -> dict[str, Any]:
    settings = {name: value for name, value in one.items() if name not in ("validation", "test")}
    return {**settings, **one["test"]}


@dataclass(frozen=True)
class _Bench:
    """Trains one arm at one setting and measures it, or reads what was measured before."""

    start: Path
    digest: str
    reference: "nn.Module"
    pairs: ArmPairs
    params: PreferenceParams
    scratch: Path

    def measured(self, arm: Arm, beta: float, learning_rate: float) -> dict[str, Any]:
        settings = replace(self.params, beta=beta, learning_rate=learning_rate)
        if not arm.weighted:
            settings = replace(settings, delta=None, weight_source="policy")
        rows = self.pairs.bridged if arm.bridged else self.pairs.original
        ids = [[row.id for row in some] for some in (rows, self.pairs.validation, self.pairs.test)]
        path = self.scratch / f"arm-{content_id(arm.name, asdict(settings), ids, self.digest)}.json"
        if (before := _kept(path)) is not None:
            return before
        trained = train_on_preferences(self.start, rows, settings, self.scratch)
        found: dict[str, Any] = {
            "arm": arm.name,
            "beta": round(beta, 6),
            "learning_rate": learning_rate,
            "effective_beta": trained.summary["effective_beta"],
        }
        for name, unseen in (("validation", self.pairs.validation), ("test", self.pairs.test)):
            found[name] = summarise(credit_pairs(trained.model, self.reference, unseen), beta, settings.delta)
        logger.info(
            "%s: β %.3g, rate %.2g, accuracy %.3f on %d validation pairs",
            arm.name, beta, learning_rate, found["validation"]["accuracy"], len(self.pairs.validation),
        )  # fmt: skip
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        temporary.write_text(json.dumps({"checksum": content_id(found), "found": found}), encoding="utf-8")
        temporary.replace(path)
        return found


def _kept(path: Path) -> dict[str, Any] | None:
    """Read what was measured before; None where nothing was, or where the file is not what was written."""
    if not path.is_file():
        return None
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        found: dict[str, Any] = kept["found"]
        if kept["checksum"] == content_id(found):
            return found
    except (ValueError, KeyError, TypeError):
        pass
    logger.warning("%s is damaged; its arm is trained and measured anew", path)
    return None
