"""The page of a synthesis: funnel, evidence and sampled rows, in one HTML file that works offline."""

from collections.abc import Collection, Iterable, Mapping
from heapq import nsmallest
from typing import Any

from quintain.records import InstructionPair, WebPage, content_id
from quintain.reporting.dataset_card import measures
from quintain.reporting.pages import render

_ROWS_OF_A_KIND = 6
_LONGEST_TEXT = 4000


def synthesis_page(
    funnel: Mapping[str, Any], evidence: Mapping[str, Any], pages: Iterable[WebPage], pairs: Collection[InstructionPair]
) -> str:
    """Write the page.

    Args:
        funnel: JSON of `synthesis_funnel`.
        evidence: JSON of `synthesis_evidence`.
        pages: The pages behind the pairs; others may be among them.
        pairs: All pairs; six of each kind are shown, drawn by their ids.

    Returns:
        HTML without any reference to a network.
    """
    drawn = {
        kind: nsmallest(
            _ROWS_OF_A_KIND,
            (pair for pair in pairs if pair.kind == kind),
            key=lambda pair: content_id("shown", pair.id),
        )
        for kind in ("web-as-instruction", "web-as-response")
    }
    wanted = {pair.page_id for rows in drawn.values() for pair in rows}
    by_id = {page.id: page for page in pages if page.id in wanted}
    shown = {kind: [(pair, by_id[pair.page_id]) for pair in rows] for kind, rows in drawn.items()}
    return render(
        "synthesis.html.jinja",
        funnel=funnel,
        evidence=evidence,
        measures=measures(evidence),
        shown=shown,
        longest=_LONGEST_TEXT,
    )
