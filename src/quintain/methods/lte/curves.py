"""The measures of edits as rows of curves: over the size of the memory, and over the edits that came after."""

from collections.abc import Mapping
from typing import Any

CURVES = ("success", "rephrase", "portability", "locality", "hit_1", "hit_3", "gate_recall", "gate_precision")
"""Measures that have a curve, in the order of columns."""


def size_rows(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row per size of the memory, a column per measure, behind the gate and (`_ungated`) without it.

    Args:
        metrics: What `score_edits` returns.

    Returns:
        Rows by growing `memory_size`; a measure that is not there is None.
    """
    gated, ungated = metrics["gated"], metrics["ungated"]
    return [
        {"memory_size": int(size), **_values(gated.get(size, {})), **_values(ungated.get(size, {}), "_ungated")}
        for size in sorted(gated | ungated, key=int)
    ]


def retention_rows(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row per number of edits that came after, a column per measure.

    Args:
        metrics: What `score_edits` returns.

    Returns:
        Rows by growing `edits_after`, the least number of the bin.
    """
    ages = metrics["sequential"].get("by_age", {})
    return [{"edits_after": int(age), **_values(measures)} for age, measures in ages.items()]


def _values(measures: Mapping[str, Any], suffix: str = "") -> dict[str, float | None]:
    return {f"{name}{suffix}": measures[name]["mean"]["value"] if name in measures else None for name in CURVES}
