"""Losses and gains of a stage: its student against its start, on every benchmark that both were scored on."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from quintain.errors import RegistryError
from quintain.registry.measured import Measured

PARENT = "parent_"
"""What stands before the names of a start's scorecard and judgements."""


def report_retention(policy: dict[str, Any], **evidence: Any) -> tuple[dict[str, Any], str]:
    """Compare a student with the one it was made from.

    Args:
        policy: The document conf/<env>/promotion.yml, whose resampling draws the intervals.
        **evidence: For every benchmark `<benchmark>.scorecard`, `<benchmark>.judgements`, the same of its start as
            `<benchmark>.parent_scorecard` and `<benchmark>.parent_judgements`, and `<benchmark>.items`.

    Returns:
        JSON, and the report in Markdown. A benchmark on which the two were measured on other terms is named with the
        reason in place of numbers.
    """
    from quintain.benchmarks.satisfaction.retention import Retained, retained
    from quintain.registry.evidence import refuse_incomparable
    from quintain.registry.policy import promotion_policy
    from quintain.reporting.retention import retention_report, retention_table

    resampling = promotion_policy(policy).resampling
    found: dict[str, dict[str, Retained]] = {}
    left_out: dict[str, str] = {}
    names = list(dict.fromkeys(each.partition(".")[0] for each in evidence))
    for name in names:
        ours, theirs = _measured(evidence, name, ""), _measured(evidence, name, PARENT)
        try:
            refuse_incomparable(ours, theirs)
            found[name] = retained(ours.judgements, theirs.judgements, resampling)
        except (RegistryError, ValueError) as error:
            left_out[name] = str(error)
    student = evidence[f"{names[0]}.scorecard"].model
    start = evidence[f"{names[0]}.{PARENT}scorecard"].model
    prompts = {
        name: {item.id: item.prompt for item in evidence[f"{name}.items"].items}
        for name in found
        if evidence[f"{name}.items"].travels
    }
    document = {
        "student": student,
        "start": start,
        "benchmarks": {
            name: {category: _plain(each) for category, each in categories.items()}
            for name, categories in found.items()
        },
        "left_out": left_out,
        "table": retention_table(found) if found else "",
    }
    return document, retention_report(student, start, found, left_out, prompts)


def _measured(evidence: Mapping[str, Any], name: str, whose: str) -> Measured:
    return Measured(evidence[f"{name}.{whose}scorecard"], evidence[f"{name}.{whose}judgements"])


def _plain(each: Any) -> dict[str, Any]:
    return {**dataclasses.asdict(each), "outcome": each.outcome}
