"""The authors' arithmetic, to compare with published tables: percentages, -1 for an unread reply, early rounding.

Source: code/gpt4_based_evaluation.py and code/rule_based_evaluation.py of the authors.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from quintain.benchmarks.satisfaction.sheet import CATEGORIES, LEVELS
from quintain.records import Judgement


@dataclass(frozen=True, kw_only=True)
class UpstreamScores:
    """Numbers that the authors' `eval.py` writes, and the mean of six that their tables print."""

    hsr: dict[str, tuple[float | None, ...]]
    """Percentages of levels 1-5 by category, rounded to two decimals; negative where replies were unread."""
    ssr: dict[str, tuple[float | None, ...]]
    """Likewise; an item that a rule scored counts whole or not at all."""
    csl: dict[str, float | None]
    """Consistent levels by category, rounded to one decimal."""
    macro_hsr: tuple[float | None, ...]
    """Mean of `hsr` over the categories scored, not rounded again."""
    macro_ssr: tuple[float | None, ...]
    """Mean of `ssr` over the categories scored."""
    macro_csl: float | None
    """Mean of `csl` over the categories scored; moves in steps of 0.1/6."""


def upstream_scores(judgements: Sequence[Judgement]) -> UpstreamScores:
    """Score one model the way the authors' code does.

    What nobody scored is left out of numerator and denominator; the authors' code stops there instead.
    """
    scored = sorted((judgement for judgement in judgements if judgement.is_scored), key=_file_order)
    cells: dict[tuple[str, int], list[Judgement]] = defaultdict(list)
    groups: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for judgement in scored:
        cells[judgement.category, judgement.level].append(judgement)
        groups[judgement.category, judgement.example_id][judgement.level] = _hard(judgement)
    hsr = {name: tuple(_percent(cells[name, level], _hard) for level in LEVELS) for name in CATEGORIES}
    ssr = {name: tuple(_percent(cells[name, level], _soft) for level in LEVELS) for name in CATEGORIES}
    csl = {
        name: _rounded_mean([_run(levels) for (category, _), levels in groups.items() if category == name])
        for name in CATEGORIES
    }
    return UpstreamScores(
        hsr=hsr,
        ssr=ssr,
        csl=csl,
        macro_hsr=tuple(_mean([row[level - 1] for row in hsr.values()]) for level in LEVELS),
        macro_ssr=tuple(_mean([row[level - 1] for row in ssr.values()]) for level in LEVELS),
        macro_csl=_mean(list(csl.values())),
    )


def _file_order(judgement: Judgement) -> tuple[bool, int, str]:
    # Sums of thirds and fifths depend on their order in the last bit: judged items in file order, then the rules'.
    number = int(judgement.example_id) if judgement.example_id.isdecimal() else 0
    return judgement.is_ruled, number, judgement.example_id


def _hard(judgement: Judgement) -> int:
    return -1 if None in judgement.satisfied else int(all(judgement.satisfied))


def _soft(judgement: Judgement) -> float:
    if None in judgement.satisfied or judgement.is_ruled:
        return _hard(judgement)
    return sum(map(bool, judgement.satisfied)) / judgement.level


def _percent(judgements: list[Judgement], value: Callable[[Judgement], float]) -> float | None:
    if not judgements:
        return None
    return round(sum(map(value, judgements)) / len(judgements) * 100, 2)


def _run(levels: dict[int, int]) -> int:
    return next((level - 1 for level in LEVELS if levels.get(level) != 1), len(LEVELS))


def _rounded_mean(values: list[int]) -> float | None:
    return round(sum(values) / len(values), 1) if values else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
