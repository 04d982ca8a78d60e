"""HSR, SSR and CSL: hard and soft satisfaction rates by level, and how many levels hold in a row.

HSR is the share of responses that satisfy all constraints of their level, SSR the mean share of constraints that
hold, CSL the mean number of consecutive levels, from 1 upwards, that hold hard. The headline is the unweighted mean
of the categories, as the paper's tables have it; nothing is rounded on the way.

Source: FollowBench, arXiv:2310.20410, section 3.3; the protocol of the mean is the author's, issue 4 of the repository.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quintain.benchmarks.satisfaction.sheet import Rates, ScoreSheet
from quintain.statistics.bootstrap import ratios

CSL = -1
"""Position of the CSL in a vector of measures."""


def n_measures(n_levels: int) -> int:
    """Measures per category: HSR of each level and their mean, SSR likewise, CSL.

    >>> n_measures(5)
    13
    """
    return 2 * n_levels + 3


def hsr_mean(measures: Rates) -> Rates:
    """Mean HSR of vectors of measures. Shape (..., M) in, (...) out."""
    return np.asarray(measures[..., (measures.shape[-1] - 3) // 2])


@dataclass(frozen=True, kw_only=True)
class Measures:
    """The numbers of one category or of a mean over categories; None where nothing was scored."""

    hsr: tuple[float | None, ...]
    """Hard satisfaction rate of each level from 1, shares in [0, 1]."""
    ssr: tuple[float | None, ...]
    """Soft satisfaction rate of each level from 1, shares in [0, 1]."""
    csl: float | None
    """Consistent satisfaction levels, from 0 to the number of levels."""
    hsr_mean: float | None
    """Mean of `hsr` over the levels."""
    ssr_mean: float | None
    """Mean of `ssr` over the levels."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Sums over groups, whose quotients are the measures. Row g adds what group g contributes."""

    numerators: Rates
    """Shape (G, 2 L + 1) for L levels: hard and soft by level, run of satisfied levels."""
    denominators: Rates
    """Shape (G, 2 L + 1): items of the group that count."""


def count(sheet: ScoreSheet, category: str, *, unread_as_yes: bool = False) -> Counts:
    """Collect what each group of a category contributes.

    A group whose run of satisfied levels meets an unscored level has no CSL and is left out of it. A group with several
    items at a level has a row for each on the sheet, and contributes their sum.
    """
    rows = sheet.rows(category)
    hard = (sheet.hard_if_yes if unread_as_yes else sheet.hard)[rows]
    soft = (sheet.soft_if_yes if unread_as_yes else sheet.soft)[rows]
    run, known = runs(hard)
    columns = np.column_stack([hard, soft, np.where(known, run, np.nan)])
    numerators, denominators = np.nan_to_num(columns), (~np.isnan(columns)).astype(np.float64)
    starts = [i for i, row in enumerate(rows) if not i or sheet.groups[row] != sheet.groups[rows[i - 1]]]
    if len(starts) < len(rows):
        numerators, denominators = (np.add.reduceat(each, starts, axis=0) for each in (numerators, denominators))
    return Counts(numerators=numerators, denominators=denominators)


def runs(hard: Rates) -> tuple[NDArray[np.int_], NDArray[np.bool_]]:
    """Count satisfied levels from level 1 up to the first that is not.

    Args:
        hard: 1, less (not passed) or nan (not scored). Shape (R, L).

    Returns:
        The run of each row, 0 to L, shape (R,), and whether it is known: False where an unscored level ends it.
    """
    held = np.cumprod(hard == 1, axis=1).sum(axis=1)
    ended_by = np.take_along_axis(hard, np.minimum(held, hard.shape[1] - 1)[:, None], axis=1)[:, 0]
    return held, (held == hard.shape[1]) | ~np.isnan(ended_by)


def rates(numerators: Rates, denominators: Rates) -> Rates:
    """Turn sums into measures.

    Args:
        numerators: Sums of `Counts.numerators`. Shape (..., 2 L + 1).
        denominators: Sums of `Counts.denominators`. Shape (..., 2 L + 1).

    Returns:
        HSR by level, their mean, SSR by level, their mean, CSL; nan where nothing was scored. A mean over levels
        takes the levels that were scored. Shape (..., M).
    """
    shares = ratios(numerators, denominators)
    n_levels = shares.shape[-1] // 2
    hsr, ssr, csl = shares[..., :n_levels], shares[..., n_levels:-1], shares[..., -1:]
    return np.concatenate([hsr, nanmean(hsr)[..., None], ssr, nanmean(ssr)[..., None], csl], axis=-1)


def nanmean(values: Rates, axis: int = -1) -> Rates:
    """Mean without the nans, nan where there is nothing else."""
    known = ~np.isnan(values)
    total = np.where(known, values, 0.0).sum(axis=axis)
    counted = known.sum(axis=axis)
    return ratios(total, counted)


def category_measures(sheet: ScoreSheet, *, unread_as_yes: bool = False) -> dict[str, Rates]:
    """Measures of every category on the sheet. Shape (M,) each."""
    sums = {category: count(sheet, category, unread_as_yes=unread_as_yes) for category in sheet.categories}
    return {name: rates(each.numerators.sum(axis=0), each.denominators.sum(axis=0)) for name, each in sums.items()}


def macro(by_category: Sequence[Rates]) -> Rates:
    """Unweighted mean over the categories that were scored, one at least. Shape (..., M) each and out."""
    return nanmean(np.stack(by_category), axis=0)


def micro(sheet: ScoreSheet, *, unread_as_yes: bool = False) -> Rates:
    """Measures over all groups alike, whatever their category. Shape (M,)."""
    each = [count(sheet, category, unread_as_yes=unread_as_yes) for category in sheet.categories]
    if not each:
        return np.full(n_measures(sheet.n_levels), np.nan)
    return rates(
        np.concatenate([counts.numerators for counts in each]).sum(axis=0),
        np.concatenate([counts.denominators for counts in each]).sum(axis=0),
    )


def as_measures(values: Rates) -> Measures:
    """Name the numbers of a vector of measures. Shape (M,)."""
    named = [None if np.isnan(value) else float(value) for value in values]
    n = (len(named) - 3) // 2
    return Measures(
        hsr=tuple(named[:n]), hsr_mean=named[n], ssr=tuple(named[n + 1 : -2]), ssr_mean=named[-2], csl=named[CSL]
    )
