"""Comparisons with a known truth, made from the verdicts of real students, and what the gate says to each.

`gate_passes.tsv` holds which of the 2,400 items of the default pack five students of one `kedro run` passed, group by
group; `webr_again` is `webr` trained from another seed. A trial draws groups with replacement and lets candidate and
champion swap their sides in each with even odds, so that the two are equal in truth and differ, group by group, as real
students do.

`python -m tests.methods_claims.gate_trials docs/how-to/gate.png` prints the operating curve and draws it.
"""

import dataclasses
import functools
import math
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from quintain.records import Judgement
from quintain.registry.gate import Contender, PromotionPolicy, decide

HERE = Path(__file__).parent
CONF = HERE.parents[1] / "conf/base"
EQUALS = (("webr_again", "webr"), ("round_1", "lion"))
"""Two students trained alike, and the two stages that disagree most often among those of equal strength."""
WEAKER = "base"
DIFFERENCES = (-7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 4)
"""Of macro HSR, in points."""


def passes() -> dict[str, np.ndarray]:
    """Verdicts by student. Shape (6 categories, 80 groups, 5 levels)."""
    header, *lines = (line.split("\t") for line in (HERE / "gate_passes.tsv").read_text().splitlines())
    columns = {name: [[int(bit) for bit in line[at]] for line in lines] for at, name in enumerate(header) if at > 1}
    return {name: np.array(rows, dtype=bool).reshape(6, -1, 5) for name, rows in columns.items()}


def default_groups() -> int:
    return yaml.safe_load((CONF / "parameters_world.yml").read_text())["world"]["pack"]["groups_per_category"]


def default_policy() -> PromotionPolicy:
    """The default policy with a quarter of its draws: four times as fast, and the same but for rounding."""
    return dataclasses.replace(PromotionPolicy(**yaml.safe_load((CONF / "promotion.yml").read_text())), replicates=500)


@dataclass(frozen=True)
class Trials:
    """What the gate said to candidates of one true difference."""

    outcomes: Counter
    true_difference: float

    @property
    def n(self) -> int:
        return sum(self.outcomes.values())

    def share(self, outcome: str) -> float:
        return self.outcomes[outcome] / self.n

    def interval(self, outcome: str) -> tuple[float, float]:
        """Wilson's 95 % interval of the share."""
        z, n, p = 1.96, self.n, self.share(outcome)
        middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)

    def __str__(self) -> str:
        def shown(outcome: str) -> str:
            low, high = self.interval(outcome)
            return f"{outcome} {self.share(outcome):6.1%} [{low:.1%}, {high:.1%}]"

        outcomes = ", ".join(map(shown, ("promoted", "inconclusive", "blocked")))
        return f"true difference {100 * self.true_difference:+5.1f}: {outcomes}; {self.n} trials"


def trials(pair, difference=0.0, *, loses="as a weaker student", n=300, groups=None, policy=None, seed=0) -> Trials:
    """Put candidates of a known difference through the gate.

    Args:
        pair: Two students of equal strength.
        difference: True difference of macro HSR, candidate minus champion, in [-0.07, 0.07].
        loses: What makes the weaker side weaker: in some groups it answers `as a weaker student` did, or it fails
            `whole groups`, the most correlated loss there is.
        n: Trials.
        groups: Groups per category; the default pack's when None.
        policy: The gate's; the default one when None.
        seed: Seed of the draws.
    """
    groups, policy = groups or default_groups(), policy or default_policy()
    rng, verdicts = np.random.default_rng(seed), passes()
    one, other, weak = (verdicts[name] for name in (*pair, WEAKER))
    if loses == "whole groups":
        weak = np.zeros_like(weak)
    share = abs(difference) / ((one.mean() + other.mean()) / 2 - weak.mean())
    outcomes = Counter(
        decide(contender(candidate), contender(champion), policy).outcome
        for candidate, champion in _sides(rng, one, other, weak, share, groups, n, candidate_loses=difference < 0)
    )
    return Trials(outcomes, difference)


def _sides(rng, one, other, weak, share, groups, n, *, candidate_loses) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for _ in range(n):
        drawn = rng.integers(one.shape[1], size=(6, groups, 1))
        a, b, c = (np.take_along_axis(each, drawn, axis=1) for each in (one, other, weak))
        swap = rng.random((6, groups, 1)) < 0.5
        stronger, weaker = np.where(swap, b, a), np.where(swap, a, b)
        weaker = np.where(rng.random((6, groups, 1)) < share, c, weaker)
        yield (weaker, stronger) if candidate_loses else (stronger, weaker)


def contender(hard: np.ndarray) -> Contender:
    judgements = [
        _judgement(category, group, at + 1, bool(passed)) for (category, group, at), passed in np.ndenumerate(hard)
    ]
    pack = {"digest": "recorded", "rules": "recorded"}
    card = {"model": "", "pack": pack, "judge": "", "sampling": {}, "n_unread": 0, "n_scored": len(judgements)}
    return Contender(card, judgements)


@functools.cache
def _judgement(category: int, group: int, level: int, passed: bool) -> Judgement:
    return Judgement(
        item_id=f"{category}-{group}-{level}", example_id=str(group), category=f"c{category}", level=level,
        satisfied=(passed,), by="rule:recorded",
    )  # fmt: skip


def main(picture: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True, constrained_layout=True)
    titles = ("the same stage, another seed", "two stages of equal strength")
    for axis, pair, title in zip(axes, EQUALS, titles, strict=True):
        curve = [trials(pair, difference / 100, n=200) for difference in DIFFERENCES]
        for point in curve:
            print(f"{pair[0]} and {pair[1]}: {point}", flush=True)  # noqa: T201 - what the command is for
        points = [100 * each.true_difference for each in curve]
        for outcome, colour in (("promoted", "#1b7837"), ("inconclusive", "#999999"), ("blocked", "#b2182b")):
            shares = [each.share(outcome) for each in curve]
            low, high = zip(*(each.interval(outcome) for each in curve), strict=True)
            axis.plot(points, shares, color=colour, marker="o", markersize=3, label=outcome)
            axis.fill_between(points, low, high, color=colour, alpha=0.15, linewidth=0)
        axis.axvline(-100 * default_policy().margin, color="black", linewidth=0.8, linestyle=":")
        axis.set(title=title, xlabel="true difference of macro HSR, points", ylim=(-0.02, 1.02))
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("share of candidates")
    axes[1].legend(frameon=False, loc="center right")
    figure.savefig(picture, dpi=120)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
