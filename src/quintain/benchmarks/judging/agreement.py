"""Agreement of several judges, beyond chance."""

from collections.abc import Sequence

from quintain.records import Judgement, Satisfied


def krippendorff_alpha(units: Sequence[Sequence[Satisfied]]) -> float | None:
    """Agreement on yes and no.

    Args:
        units: What was judged; for each unit one verdict per judge, None where a judge's reply was unread.

    Returns:
        Krippendorff's alpha for nominal data: 1 for perfect agreement, 0 for what chance gives, below it for less.
        None where no unit has two verdicts, or all verdicts are the same and chance cannot be told from agreement.

    Source: Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C.
    """
    totals = {True: 0, False: 0}
    disagreeing = 0.0
    for unit in units:
        votes = [vote for vote in unit if vote is not None]
        if len(votes) < 2:
            continue
        yes, no = votes.count(True), votes.count(False)
        totals[True] += yes
        totals[False] += no
        disagreeing += 2 * yes * no / (len(votes) - 1)
    n = totals[True] + totals[False]
    expected = 2 * totals[True] * totals[False] / (n - 1) if n > 1 else 0.0
    return None if expected == 0 else 1 - disagreeing / expected


def agreement_by_category(by_judge: Sequence[Sequence[Judgement]]) -> dict[str, float | None]:
    """Agreement of judges on single constraints.

    Args:
        by_judge: For each judge its judgements of the same responses, in the same order.

    Returns:
        Alpha by category and, under `all`, over everything; empty for fewer than two judges.
    """
    if len(by_judge) < 2:
        return {}
    units: dict[str, list[tuple[Satisfied, ...]]] = {}
    for judgements in zip(*by_judge, strict=True):
        votes = list(zip(*(judgement.satisfied for judgement in judgements), strict=True))
        units.setdefault(judgements[0].category, []).extend(votes)
    everything = [vote for votes in units.values() for vote in votes]
    return {name: krippendorff_alpha(votes) for name, votes in units.items()} | {"all": krippendorff_alpha(everything)}
