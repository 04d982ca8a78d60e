"""The measures of edits as rows of curves: over the size of the memory, and over the edits that came after."""

from collections.abc import Mapping
from typing import Any

CURVES = ("success", "rephrase", "portability", "locality", "hit_1", "hit_3", "gate_recall", "gate_precision")
"""Measures that have a curve, in the order of columns."""


def point(measures: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """One measure of a state: the share itself, or the mean of its aspects; None where no probe speaks to it."""
    found = measures.get(name)
    if not found:
        return None
    share: Mapping[str, Any] = found if "value" in found else found["mean"]
    return share


def size_rows(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row per size of the memory, a column per measure, behind the gate and (`_ungated`) without it.

    Args:
        metrics: What `score_edits` returns.

    Returns:
        Rows by growing `memory_size`; a measure that is not there is None.
    """
    gated, ungated = by_size(metrics, ""), by_size(metrics, "_ungated")
    return [
        {"memory_size": size, **_values(gated.get(size, {})), **_values(ungated.get(size, {}), "_ungated")}
        for size in sorted(gated | ungated)
    ]


def by_size(metrics: Mapping[str, Any], suffix: str) -> dict[int, Mapping[str, Any]]:
    """Measures by the size of the memory, the single edit as size 1.

    Args:
        metrics: What `score_edits` returns.
        suffix: Empty for the gate, `_ungated` for the ablation.

    Returns:
        Size → measures.
    """
    single = metrics.get(f"single{suffix}")
    sizes = {int(size): measures for size, measures in metrics.get(f"batch{suffix}", {}).items()}
    return {1: single, **sizes} if single else sizes


def retention_rows(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row per number of edits that came after, a column per measure.

    Args:
        metrics: What `score_edits` returns.

    Returns:
        Rows by growing `edits_after`, the least number of the bin.
    """
    ages = metrics.get("sequential", {}).get("by_age", {})
    return [{"edits_after": int(age), **_values(measures)} for age, measures in ages.items()]


def _values(measures: Mapping[str, Any], suffix: str = "") -> dict[str, float | None]:
    points = {name: point(measures, name) for name in CURVES}
    return {f"{name}{suffix}": found["value"] if found else None for name, found in points.items()}
