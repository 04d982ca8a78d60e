"""The page of a preview: some rows, every step of each side by side, in one HTML file that works offline."""

from collections.abc import Sequence
from typing import Any

from quintain.reporting.pages import render

_LONGEST_TEXT = 6000


def preview_page(rows: Sequence[Any], steps: Sequence[str], spent: Sequence[tuple[str, str]]) -> str:
    """Write the page.

    Args:
        rows: Rows with a `draft`, its `steps`, where it was `dropped`, and the `pair` that it became.
        steps: Names of the steps, in order.
        spent: What it took, as names and values.

    Returns:
        HTML without any reference to a network.
    """
    shown = [
        {
            "draft": row.draft,
            "dropped": row.dropped,
            "pair": row.pair,
            "steps": {step.name: step for step in row.steps},
        }
        for row in rows
    ]
    return render("preview.html.jinja", rows=shown, steps=steps, spent=spent, longest=_LONGEST_TEXT)
