"""Let a dataset pass, or say in one screen why not."""

from typing import Any, TypeVar

from quintain.errors import QualityError
from quintain.quality.check import Report
from quintain.quality.suites import suite_file

Dataset = TypeVar("Dataset")

_LONGEST_EXAMPLE = 60


def gate(records: Dataset, report: Report) -> Dataset:
    """Hand a dataset on when its report passed.

    Args:
        records: What was checked.
        report: What `check` said about it; already stored by now.

    Returns:
        The dataset, unchanged.

    Raises:
        QualityError: An expectation failed; names dataset, suite, column, count, share and examples.
    """
    if report["passed"]:
        return records
    name = report["dataset"]
    lines = [_line(outcome, report["n_records"]) for outcome in report["expectations"] if not outcome["passed"]]
    raise QualityError(
        f"dataset {name} ({report['n_records']:,} records) fails {report['n_failed']} of "
        f"{len(report['expectations'])} expectations of its suite {suite_file(name)}:\n"
        + "\n".join(f"  - {line}" for line in lines)
        + f"\nThe whole report is the dataset {name}_report, under data/08_reporting/expectations. "
        "Mend what makes the dataset; change the suite only if it expects the wrong thing"
    )


def _line(outcome: dict[str, Any], n_records: int) -> str:
    arguments = ", ".join(f"{key}={value}" for key, value in outcome["arguments"].items())
    found = [f"{outcome['column'] or 'table'}: {outcome['type']}({arguments})"]
    if outcome["share_unexpected"]:
        found.append(f"{outcome['n_unexpected']:,} of {n_records:,} records ({outcome['share_unexpected']:.1%})")
    elif outcome["n_unexpected"]:  # an expectation about the set of values counts values, not records
        found.append(f"{outcome['n_unexpected']:,} values")
    if outcome["observed"] is not None:
        found.append(f"observed {outcome['observed']}")
    if outcome["problem"]:
        found.append(outcome["problem"])
    if outcome["examples"]:
        found.append("for example " + "; ".join(_example(example) for example in outcome["examples"]))
    return ", ".join(found)


def _example(example: dict[str, Any]) -> str:
    identity = f" (id {example['id']})" if "id" in example and len(example) > 1 else ""
    values = {key: value for key, value in example.items() if key != "id" or not identity}
    return ", ".join(f"{key}={str(value)[:_LONGEST_EXAMPLE]!r}" for key, value in values.items()) + identity
