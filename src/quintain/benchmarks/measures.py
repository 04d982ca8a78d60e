"""Names and numbers of measures, as the terminal, the pages and the registry write them."""

from collections.abc import Sequence
from dataclasses import dataclass

from quintain.benchmarks.scorecard import Estimate, Scorecard

_MEAN = "_mean"
_CAPITALS = ("hsr", "ssr", "csl")
_COUNTS_LEVELS = "csl"


@dataclass(frozen=True)
class Place:
    """Place of one number on a scorecard."""

    measure: str
    level: int = 0
    """0: over all levels."""

    @property
    def name(self) -> str:
        """Its name for people, such as `HSR level 2`."""
        return f"{measure_name(self.measure)} level {self.level}" if self.level else measure_name(self.measure)

    @property
    def percent(self) -> bool:
        """True where it is a share, written in percent; otherwise it counts levels."""
        return is_share(self.measure)


def measure_name(measure: str) -> str:
    """Name of a measure for people.

    >>> measure_name("micro_hsr_mean"), measure_name("csl"), measure_name("prompt_strict")
    ('micro HSR mean', 'CSL', 'prompt strict')
    """
    return " ".join(word.upper() if word in _CAPITALS else word for word in measure.split("_"))


def is_share(measure: str) -> bool:
    """True where a measure is a share in [0, 1]; otherwise it counts levels.

    >>> is_share("hsr_mean"), is_share("micro_csl")
    (True, False)
    """
    return _COUNTS_LEVELS not in measure.split("_")


def by_level(measure: str) -> str:
    """Name of a measure in the tables by level, of which it is the mean.

    >>> by_level("hsr_mean"), by_level("accuracy")
    ('hsr', 'accuracy')
    """
    return measure.removesuffix(_MEAN)


def places(card: Scorecard, category: str = "") -> list[Place]:
    """Every number of a scorecard over all categories or of one, the levels of a measure before their mean.

    Args:
        card: The scorecard.
        category: The category; empty for all.

    Returns:
        Their places, the headline's first.
    """
    cells = {(cell.measure, cell.level) for cell in card.tables if cell.category == category}
    measures = card.measures if not category else dict.fromkeys(cell[0] for cell in _of(card, category))
    found = []
    for measure in measures:
        found += [Place(by_level(measure), level) for level in card.levels if (by_level(measure), level) in cells]
        found.append(Place(measure))
    return found


def _of(card: Scorecard, category: str) -> list[tuple[str, int]]:
    return [(cell.measure, cell.level) for cell in card.tables if cell.category == category and not cell.level]


def share(value: float | None, interval: Sequence[float | None]) -> str:
    """A rate in percent with its interval."""
    return "–" if value is None else f"{100 * value:.1f}" + _brackets([percent(end) for end in interval])


def levels(value: float | None, interval: Sequence[float | None]) -> str:
    """A number of levels with its interval."""
    ends = ["–" if end is None else f"{end:.2f}" for end in interval]
    return "–" if value is None else f"{value:.2f}" + _brackets(ends)


def written(measure: str, estimate: Estimate) -> str:
    """An estimate with its interval, in percent or in levels."""
    write = share if is_share(measure) else levels
    return write(estimate.value, (estimate.low, estimate.high))


def point(measure: str, estimate: Estimate) -> str:
    """An estimate without its interval, in percent or in levels.

    >>> point("hsr_mean", Estimate(value=0.5)), point("csl", Estimate(value=2.5)), point("csl", Estimate(value=None))
    ('50.0', '2.50', '–')
    """
    if estimate.value is None or is_share(measure):
        return percent(estimate.value)
    return f"{estimate.value:.2f}"


def percent(value: float | None) -> str:
    """A share in percent; a dash where nothing was scored."""
    return "–" if value is None else f"{100 * value:.1f}"


def _brackets(ends: Sequence[str]) -> str:
    return "" if set(ends) == {"–"} else f" [{ends[0]}, {ends[1]}]"
