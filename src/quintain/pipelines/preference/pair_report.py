"""Correlation of the two responses of a pair, before and after bridging."""

from collections.abc import Sequence
from statistics import fmean, median
from typing import Any

from quintain.methods.bmc import DIFFS, edit_distance, modified_tokens
from quintain.methods.bmc.bridge import STAGES
from quintain.pipelines.preference.pairs import PairParams
from quintain.records import Dropped, TokenizedPair
from quintain.training.preference.tokenized_pairs import TokenizationParams
from quintain.web import funnel


def report_pairs(
    rows: list[TokenizedPair],
    others: list[TokenizedPair],
    dropped: list[Dropped],
    params: TokenizationParams,
    pairs: PairParams,
) -> tuple[dict[str, Any], Any, str]:
    """Measure pairs: numbers, plot, card."""
    from quintain.reporting.preference import draw_pairs, pairs_card

    bridged, original = (rows, others) if pairs.pairs == "bridged" else (others, rows)
    head = {"pairs": len(rows), "chosen_source": pairs.pairs, "diff": params.diff}
    counts = {"funnel": funnel(len(bridged), dropped, STAGES)}
    if not rows:
        return {**head, **counts}, draw_pairs([], [], []), pairs_card({**head, **counts})
    before, after = ([edit_distance(row.chosen_ids, row.rejected_ids) for row in some] for some in (original, bridged))
    used = [(row.chosen_modified, row.rejected_modified) for row in rows]
    shares = {}
    for diff in DIFFS:
        marks = [modified_tokens(row.chosen_ids, row.rejected_ids, diff) for row in rows]
        same = fmean(tuple(map(tuple, mark)) == one for mark, one in zip(marks, used, strict=True))
        shares[diff] = {"share": round(_share(marks), 4), "same": round(same, 4)}
    report = {
        **head,
        "edit_distance": {
            "before_mean": round(fmean(before), 4),
            "before_median": round(median(before), 4),
            "after_mean": round(fmean(after), 4),
            "after_median": round(median(after), 4),
        },
        "overlap": {"before": _overlap(original), "after": _overlap(bridged)},
        "length_ratio": {"before": _length_ratio(original), "after": _length_ratio(bridged)},
        "edited_share": shares,
        **counts,
    }
    edited = [fmean((*chosen, *rejected)) for chosen, rejected in used]
    return report, draw_pairs(before, after, edited), pairs_card(report)


def _share(marks: Sequence[tuple[Sequence[int], Sequence[int]]]) -> float:
    return fmean(mark for chosen, rejected in marks for mark in (*chosen, *rejected))


def _overlap(rows: Sequence[TokenizedPair]) -> float:
    """Share of tokens that stand in both responses in the same order."""
    return round(1 - _share([modified_tokens(row.chosen_ids, row.rejected_ids, "lcs") for row in rows]), 4)


def _length_ratio(rows: Sequence[TokenizedPair]) -> float:
    return round(fmean(len(row.chosen_ids) / len(row.rejected_ids) for row in rows), 4)
