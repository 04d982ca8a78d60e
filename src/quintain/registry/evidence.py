"""Evidence behind a scorecard: judgements of all its items, each once, that give its headline."""

import math
from collections.abc import Sequence

from quintain.benchmarks.measures import measure_name
from quintain.benchmarks.satisfaction.scoring import category_measures, hsr_mean, macro
from quintain.benchmarks.satisfaction.sheet import tabulate
from quintain.benchmarks.scorecard import Scorecard
from quintain.records import Judgement, content_id

_TOLERANCE = 1e-6


def complaint_of(card: Scorecard, judgements: Sequence[Judgement]) -> str:
    """Say why judgements are not those that a scorecard was made of.

    Args:
        card: The scorecard.
        judgements: What is kept beside it.

    Returns:
        One sentence with the numbers; empty when they are.
    """
    items = {judgement.item_id for judgement in judgements}
    if len(items) < len(judgements):
        return f"{len(judgements) - len(items)} of {len(judgements)} judgements judge an item a second time"
    if len(items) != card.n_items:
        return f"{len(judgements)} judgements for the {card.n_items} items of the scorecard"
    if content_id(*sorted(items)) != card.benchmark.digest:
        return "the judgements are of other items than the scorecard"
    try:
        found = recompute_headline(judgements)
    except ValueError as error:
        return str(error)
    said = card.estimate(card.headline).value
    same = math.isnan(found) if said is None else math.isclose(said, found, abs_tol=_TOLERANCE)
    if same:
        return ""
    shown = "nothing" if said is None else f"{said:.4f}"
    return f"the judgements give {measure_name(card.headline)} {found:.4f}, the scorecard says {shown}"


def recompute_headline(judgements: Sequence[Judgement]) -> float:
    """Headline of a benchmark from its judgements alone, nan where nothing was scored."""
    return float(hsr_mean(macro(list(category_measures(tabulate(judgements)).values()))))
