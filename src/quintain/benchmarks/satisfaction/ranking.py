"""Many models on the same items: who differs from whom, beyond chance."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

from quintain.benchmarks.satisfaction.draws import bootstrap
from quintain.benchmarks.satisfaction.scoring import hsr_mean, macro
from quintain.benchmarks.satisfaction.sheet import Rates, tabulate
from quintain.records import Judgement
from quintain.statistics.hypotheses import holm, two_sided_p
from quintain.statistics.resampling import Resampling

_LEAST_REPLICATES = 2000
_SPARE = 2


def differing_pairs(
    judgements: Mapping[str, Sequence[Judgement]], *, significance: float = 0.05, seed: int = 0
) -> dict[tuple[str, str], float]:
    """Find the pairs of models whose macro HSR differs beyond chance, looking at all pairs.

    The groups are drawn alike for all models, on the items that every one of them was scored on. P-values are adjusted
    after Holm; as no p-value from B draws is below 2 / (B + 1), more models mean more draws.

    Args:
        judgements: Judgements by model, on the same pack by the same rules and judge.
        significance: Chance of calling any pair different when none is.
        seed: Seed of the draws.

    Returns:
        Pair → adjusted p-value, of those pairs below `significance`, in the order of the models.

    Raises:
        ValueError: There is no item that all of them were scored on.
    """
    pairs = list(combinations(judgements, 2))
    if not pairs:
        return {}
    replicates = max(_LEAST_REPLICATES, math.ceil(_SPARE * 2 * len(pairs) / significance))
    resampling = Resampling(replicates=replicates, seed=seed)
    draws = {name: _draws(each, resampling) for name, each in _in_common(judgements).items()}
    adjusted = holm({str(i): two_sided_p(draws[a] - draws[b]) for i, (a, b) in enumerate(pairs)})
    return {pair: adjusted[str(i)] for i, pair in enumerate(pairs) if adjusted[str(i)] < significance}


def _in_common(judgements: Mapping[str, Sequence[Judgement]]) -> dict[str, list[Judgement]]:
    scored = {name: {each.item_id: each for each in some if each.is_scored} for name, some in judgements.items()}
    common = set.intersection(*(set(each) for each in scored.values()))
    if not common:
        raise ValueError("the models have no scored item in common; score all of them on the same pack")
    return {name: [judgement for item, judgement in each.items() if item in common] for name, each in scored.items()}


def _draws(judgements: Sequence[Judgement], resampling: Resampling) -> Rates:
    """Macro mean HSR of each draw. Shape (B,)."""
    return hsr_mean(macro(list(bootstrap(tabulate(judgements), resampling).values())))
