"""Provenance of edit results: the weights of both students, and the acts of the memory, that they were drawn with."""

import dataclasses
from collections.abc import Mapping, Sequence

from quintain.errors import RecordError
from quintain.records import EditResult


def drawn_with(results: Sequence[EditResult], of: Mapping[str, str]) -> list[EditResult]:
    """Results that say what they were drawn with, in the knobs of their origin.

    Args:
        results: The results.
        of: What → its digest.

    Returns:
        The same results, in order.
    """
    return [
        dataclasses.replace(each, origin=dataclasses.replace(each.origin, knobs={**each.origin.knobs, **of}))
        for each in results
    ]


def all_drawn_with(results: Sequence[EditResult]) -> dict[str, str]:
    """Read what all results were drawn with.

    Args:
        results: The results.

    Returns:
        What → its digest.

    Raises:
        RecordError: They were drawn with several, so they belong to none.
    """
    found = {tuple(sorted(each.origin.knobs.items())) for each in results}
    if len(found) != 1:
        raise RecordError(
            f"the {len(results)} edit results were drawn with {len(found)} different students or memories, so they "
            "measure none of them; `kedro run --pipelines editing` makes them anew"
        )
    return dict(found.pop())
