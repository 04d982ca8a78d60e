"""Comparisons with a known truth, made from the verdicts of real students, and what the gate says to each.

`gate_passes.tsv` holds which of the 2,400 items of the default pack five students of one `kedro run` passed, group by
group; `webr_again` is `webr` trained from another seed. A trial draws groups with replacement and lets candidate and
champion swap their sides in each with even odds, so that the two are equal in truth and differ, group by group, as real
students do.

`python -m tests.methods_claims.gate_trials docs/how-to/gate.png` prints the operating curve and draws it;
`python -m tests.methods_claims.gate_trials several 150` prints what a gate over one, two and three benchmarks
says, and `tiers 200` what one over `core`, `starter` and `questions` says, critical, supporting and advisory; a third
argument, 0 or 1, takes one pair of students. `… tiny 300` prints what it says on packs of a few groups, and to first
champions that know no more than a reply that is the same to everything.
"""

import dataclasses
import functools
import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
import yaml

from quintain.benchmarks.scorecard import BenchmarkIdentity, Estimate, Scorecard
from quintain.benchmarks.scoring import counted, judgements_digest
from quintain.records import Judgement, content_id
from quintain.registry.gate import Contender, Decision, decide
from quintain.registry.measured import Measured
from quintain.registry.policy import PromotionPolicy, promotion_policy

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
    return dataclasses.replace(promotion_policy(yaml.safe_load((CONF / "promotion.yml").read_text())), replicates=500)


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

        outcomes = ", ".join(map(shown, ("promoted", "inconclusive", "refused")))
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
        decide(contender(candidate, "b"), contender(champion), policy).outcome
        for candidate, champion in _sides(rng, one, other, weak, share, groups, n, candidate_loses=difference < 0)
    )
    return Trials(outcomes, difference)


def _sides(rng, one, other, weak, share, groups, n, *, candidate_loses) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for _ in range(n):
        drawn = rng.integers(one.shape[1], size=(len(one), groups, 1))
        a, b, c = (np.take_along_axis(each, drawn, axis=1) for each in (one, other, weak))
        swap = rng.random((len(one), groups, 1)) < 0.5
        stronger, weaker = np.where(swap, b, a), np.where(swap, a, b)
        weaker = np.where(rng.random((len(one), groups, 1)) < share, c, weaker)
        yield (weaker, stronger) if candidate_loses else (stronger, weaker)


def contender(hard: np.ndarray, weights: str = "a") -> Contender:
    return Contender("student", weights, {"almanac": measured("almanac", judged(hard), weights)})


def judged(hard: Iterable[np.ndarray]) -> list[Judgement]:
    """Verdicts by category, each of shape (groups, levels); a single category has no name, as in a benchmark of one."""
    categories = list(hard)
    return [
        _judgement(f"c{number}" if len(categories) > 1 else "", group, at + 1, bool(passed))
        for number, category in enumerate(categories)
        for (group, at), passed in np.ndenumerate(category)
    ]


def measured(name: str, judgements: list[Judgement], weights: str) -> Measured:
    """The scorecard of such judgements with as much as the gate reads."""
    by_category: dict[str, list[bool]] = {}
    for each in judgements:
        by_category.setdefault(each.category, []).append(bool(each.satisfied[0]))
    card = Scorecard(
        model="student",
        model_digest=weights,
        benchmark=BenchmarkIdentity(
            name=name, digest=_digest(tuple(each.item_id for each in judgements)), rules="recorded"
        ),
        judgements_digest=judgements_digest(judgements),
        # Every level of a category has as many items, so the mean over levels is the mean.
        measures={"passed": Estimate(value=fmean(map(fmean, by_category.values())), n=len(judgements))},
        **counted(judgements),
    )
    return Measured(card, judgements)


@functools.cache
def _digest(items: tuple[str, ...]) -> str:
    """Hash of the items, which are the same in every trial of a size."""
    return content_id(*sorted(items))


@dataclass(frozen=True)
class Size:
    """A benchmark of the simulation."""

    name: str
    groups: tuple[int, ...]
    """Groups by category. The recorded verdicts have six; a further category draws from the groups of all six."""
    levels: int = 5
    """Items of a group: 5, or 1 for single items, drawn from the items of all categories."""
    tier: str = "critical"


SEVERAL = (Size("almanac", (80,) * 6), Size("core", (40,) * 6), Size("ifeval", (541,), levels=1))
"""The default pack, an exact pack of 1,200 items, and IFEval's 541 prompts, all of them critical."""
TIERED = (
    Size("core", (40,) * 6 + (24,) * 2),
    Size("starter", (40,) * 6, tier="supporting"),
    Size("questions", (200, 200), levels=1, tier="advisory"),
)
"""`core` with its 1,440 items, `starter` with 1,200, and the two tasks of 200 questions about the world, in tiers."""


def several(pair, sizes, worse=None, *, n, seed=0, policy=None) -> tuple[Trials, Counter]:
    """Put candidates through the gate over several benchmarks.

    Args:
        pair: Two students of equal strength.
        sizes: The benchmarks, the headline first.
        worse: Benchmark → true difference there, at most 0; equal on the others.
        n: Trials.
        seed: Seed of the draws.
        policy: The gate's; the default one when None, with the tiers of the sizes.

    Returns:
        What the gate said, and in how many trials a guard failed: `any` of them, or one that `blocks`.
    """
    rng, verdicts, policy = np.random.default_rng(seed), passes(), policy or default_policy()
    own = {size.name: dataclasses.replace(policy.of(size.name), tier=size.tier, floors={}) for size in sizes}
    policy = dataclasses.replace(policy, benchmarks=own)
    students = [verdicts[name] for name in (*pair, WEAKER)]
    decisions = [decide(*_several_sides(rng, students, sizes, worse or {}), policy) for _ in range(n)]
    outcomes = Counter(decision.outcome for decision in decisions)
    failed = [set(_failed_guards(decision)) for decision in decisions]
    return Trials(outcomes, min([0.0, *(worse or {}).values()])), Counter(kind for kinds in failed for kind in kinds)


def _failed_guards(decision: Decision) -> Iterator[str]:
    for each in decision.verdicts:
        if each.condition in ("no category worse", "CSL") and not each.passed:
            yield "any"
            if not each.advisory:
                yield "blocks"


def _several_sides(rng, students, sizes, worse) -> tuple[Contender, Contender]:
    sides: tuple[dict[str, Measured], dict[str, Measured]] = {}, {}
    for size in sizes:
        drawn = [_of_category(rng, students, size, number, worse) for number in range(len(size.groups))]
        for side, hard, weights in zip(sides, zip(*drawn, strict=True), ("b", "a"), strict=True):
            side[size.name] = measured(size.name, judged(hard), weights)
    return Contender("student", "b", sides[0]), Contender("student", "a", sides[1])


TINY = (1, 2, 3, 5, 10)
"""Groups of each of six categories: 30 to 300 items."""


def first_champions(share: float, null: float, groups: int, n: int, seed: int = 0) -> Trials:
    """Put first champions through the gate who pass each group's items with a probability of their own.

    Args:
        share: Mean share of items that they pass; groups differ as much as the verdicts of real students do.
        null: What a reply that is the same to everything scores on the items.
        groups: Groups per category.
        n: Trials.
        seed: Seed of the draws.

    Returns:
        What the gate said; the true difference is that to the null reply.
    """
    rng, policy = np.random.default_rng(seed), default_policy()
    outcomes: Counter = Counter()
    for _ in range(n):
        # Beta draws with an intra-group correlation of 0.2, that of two trainings of one stage.
        chance = np.zeros((6, groups, 1)) + share
        if 0 < share < 1:
            chance = rng.beta(4 * share, 4 * (1 - share), size=chance.shape)
        judgements = judged(rng.random((6, groups, 5)) < chance)
        found = measured("almanac", judgements, "a")
        card = dataclasses.replace(found.scorecard, null_headline=null)
        side = Contender("student", "a", {"almanac": dataclasses.replace(found, scorecard=card)})
        outcomes[decide(side, None, policy).outcome] += 1
    return Trials(outcomes, share - null)


def _of_category(rng, students, size, number, worse) -> tuple[np.ndarray, np.ndarray]:
    """Candidate's and champion's verdicts in one category. Each of shape (groups, levels)."""
    one, other, weak = students
    share = -worse.get(size.name, 0.0) / ((one.mean() + other.mean()) / 2 - weak.mean())
    if size.levels == 1:
        source = [each.reshape(1, -1, 1) for each in students]
    elif number < len(one):
        source = [each[number : number + 1] for each in students]
    else:
        source = [each.reshape(1, -1, size.levels) for each in students]
    one, other, weak = source
    ((candidate, champion),) = _sides(rng, one, other, weak, share, size.groups[number], 1, candidate_loses=True)
    return candidate[0], champion[0]


@functools.cache
def _judgement(category: str, group: int, level: int, passed: bool) -> Judgement:
    return Judgement(
        item_id=f"{category}-{group}-{level}", example_id=str(group), category=category, level=level,
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
        for outcome, colour in (("promoted", "#1b7837"), ("inconclusive", "#999999"), ("refused", "#b2182b")):
            shares = [each.share(outcome) for each in curve]
            low, high = zip(*(each.interval(outcome) for each in curve), strict=True)
            axis.plot(points, shares, color=colour, marker="o", markersize=3, label=outcome)
            axis.fill_between(points, low, high, color=colour, alpha=0.15, linewidth=0)
        axis.axvline(-100 * default_policy().of("almanac").margin, color="black", linewidth=0.8, linestyle=":")
        axis.set(title=title, xlabel="true difference of macro HSR, points", ylim=(-0.02, 1.02))
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("share of candidates")
    axes[1].legend(frameon=False, loc="center right")
    figure.savefig(picture, dpi=120)


def print_several(n: int, pairs=EQUALS) -> None:
    names = [size.name for size in SEVERAL]
    conditions = [(2, None), (3, None), *((3, name) for name in names), *((2, name) for name in names[:2])]
    for pair in pairs:
        for count, worse in conditions:
            _print(pair, SEVERAL[:count], {worse: -0.05} if worse else {}, n)


def print_tiered(n: int, pairs=EQUALS, seed=0) -> None:
    names = [size.name for size in TIERED]
    for worse in ({}, *({name: -0.05} for name in names), {"starter": -0.1}, dict.fromkeys(names, -0.05)):
        for pair in pairs:
            _print(pair, TIERED, worse, n, seed)


def _print(pair, sizes, worse, n, seed=0) -> None:
    found, failed = several(pair, sizes, worse, n=n, seed=seed)
    where = ", ".join(f"{-100 * loss:.0f} points worse on {name}" for name, loss in worse.items()) or "equal"
    guards = f"guards fail {failed['any'] / n:.1%}, {failed['blocks'] / n:.1%} block"
    print(f"{pair[0]}, {len(sizes)} benchmarks, {where}: {found}; {guards}", flush=True)  # noqa: T201


def print_tiny(n: int) -> None:
    for groups in TINY:
        for pair in EQUALS:
            for difference in (0.0, -0.05):
                found = trials(pair, difference, groups=groups, n=n)
                print(f"{30 * groups} items, {pair[0]}: {found}", flush=True)  # noqa: T201 - what the command is for
        for share, null in ((0.0, 0.0), (0.05, 0.05), (0.2, 0.2), (0.5, 0.2)):
            found = first_champions(share, null, groups, n)
            print(f"{30 * groups} items, first champion at {share:.0%}, null reply {null:.0%}: {found}", flush=True)  # noqa: T201


if __name__ == "__main__":
    if sys.argv[1] in ("several", "tiers"):
        pairs = EQUALS if len(sys.argv) < 4 else [EQUALS[int(sys.argv[3])]]
        (print_several if sys.argv[1] == "several" else print_tiered)(int(sys.argv[2]), pairs)
    elif sys.argv[1] == "tiny":
        print_tiny(int(sys.argv[2]))
    else:
        main(Path(sys.argv[1]))
