"""Power of paired comparisons: items needed for a difference, and the difference that given items show."""

import math
from collections.abc import Sequence
from statistics import NormalDist

_NORMAL = NormalDist()


def items_needed(effect: float, discordant: float, *, significance: float = 0.05, power: float = 0.8) -> int:
    """Number of paired items that show a difference, two-sided.

    Args:
        effect: Difference of the two pass rates, in (0, 1].
        discordant: Share of items on which the models differ, at least `effect`.
        significance: Chance of seeing a difference where there is none; twice the level of a one-sided test.
        power: Chance of seeing it where there is one.

    Returns:
        The number of items, rounded up.

    >>> items_needed(0.05, 0.2)
    626

    Raises:
        ValueError: The effect is not in (0, discordant].
    """
    _check_effect(effect, discordant)
    return math.ceil((_reach(discordant, effect, significance, power) / effect) ** 2)


def minimum_detectable_effect(
    n_items: float, discordant: float, *, significance: float = 0.05, power: float = 0.8
) -> float:
    """Smallest difference that this many paired items show; the other way round from `items_needed`.

    Never above the discordant share: two models cannot differ by more than they disagree. 0 where they never disagree.
    """
    low, high = 0.0, discordant
    for _ in range(60):
        middle = (low + high) / 2
        if middle * math.sqrt(n_items) < _reach(discordant, middle, significance, power):
            low = middle
        else:
            high = middle
    return high


def power_to_see(effect: float, n_items: float, discordant: float, *, significance: float = 0.05) -> float:
    """Chance that this many paired items show a difference, two-sided.

    Args:
        effect: True difference of the two pass rates, in (0, 1].
        n_items: Independent items scored in both.
        discordant: Share of items on which the models differ, at least `effect`.
        significance: Chance of seeing a difference where there is none.

    Returns:
        The power, in (0, 1).

    >>> round(power_to_see(0.05, 626, 0.2), 2)
    0.8

    Raises:
        ValueError: The effect is not in (0, discordant].
    """
    _check_effect(effect, discordant)
    spread = math.sqrt(max(discordant - effect**2, 0.0)) or math.ulp(1.0)
    z_alpha = _NORMAL.inv_cdf(1 - significance / 2)
    return _NORMAL.cdf((effect * math.sqrt(n_items) - z_alpha * math.sqrt(discordant)) / spread)


def items_to_settle(
    distance: float, standard_error: float, n_items: int, *, confidence: float = 0.95, power: float = 0.8
) -> int:
    """Number of items that put a one-sided bound of a difference on the right side of a limit.

    Args:
        distance: From the difference to the limit, not 0.
        standard_error: Of the difference on the items at hand. Taken from draws of groups, it knows that the items of a
            group are worth less than as many independent ones; more groups shrink it with the root of their number.
        n_items: Items at hand.
        confidence: Of the bound.
        power: Chance that the bound ends there, were the difference what it seems to be.

    Returns:
        The number of items, rounded up.

    >>> items_to_settle(0.05, 0.02, 600)
    594

    Raises:
        ValueError: The distance is 0: no number of items settles that.
    """
    if distance == 0:
        raise ValueError("distance must not be 0: no number of items settles which side of the limit that is")
    reach = (_NORMAL.inv_cdf(confidence) + _NORMAL.inv_cdf(power)) * standard_error
    return math.ceil(n_items * (reach / distance) ** 2)


def effective_items(items_by_category: Sequence[int]) -> float:
    """Items that a mean over categories is worth: small categories weigh as much as large ones.

    >>> round(effective_items([125, 110, 150, 150, 200, 85]))
    763
    """
    sizes = [size for size in items_by_category if size]
    return len(sizes) ** 2 / sum(1 / size for size in sizes) if sizes else 0.0


def _check_effect(effect: float, discordant: float) -> None:
    if not 0 < effect <= discordant:
        raise ValueError(f"effect must be above 0 and at most the discordant share {discordant}, got {effect}")


def _reach(discordant: float, effect: float, significance: float, power: float) -> float:
    z_alpha, z_beta = _NORMAL.inv_cdf(1 - significance / 2), _NORMAL.inv_cdf(power)
    return z_alpha * math.sqrt(discordant) + z_beta * math.sqrt(max(discordant - effect**2, 0.0))
