"""Let a dataset pass, or say in one screen why not."""

from collections.abc import Sequence
from typing import Any, TypeVar

from quintain.errors import QualityError
from quintain.quality.check import Report
from quintain.records import Record

R = TypeVar("R", bound=Record)

_LONGEST_EXAMPLE = 80


def gate(records: Sequence[R], report: Report) -> Sequence[R]:
    """Hand the records on when their report passed.

    Args:
        records: What was checked.
        report: What `check` said about it; already stored by now.

    Returns:
        The records, unchanged.

    Raises:
        QualityError: An expectation failed; names dataset, suite, column, count, share and examples.
    """
    if report["passed"]:
        return records
    name = report["dataset"]
    failed = [_line(outcome) for outcome in report["expectations"] if not outcome["passed"]]
    raise QualityError(
        f"dataset {name} does not pass its suite conf/base/expectations/{name}.yml "
        f"({report['n_records']} records):\n"
        + "\n".join(f"  - {line}" for line in failed or [report.get("problem", "it failed")])
        + f"\nThe report is in data/08_reporting/expectations/{name}.json. Mend what makes the dataset, or the suite"
    )


def _line(outcome: dict[str, Any]) -> str:
    arguments = ", ".join(f"{key}={value}" for key, value in outcome["arguments"].items())
    examples = ", ".join(str(example)[:_LONGEST_EXAMPLE] for example in outcome["examples"])
    counted = (
        f": {outcome['n_unexpected']} cases ({outcome['share_unexpected']:.1%})" if outcome["n_unexpected"] else ""
    )
    observed = f", observed {outcome['observed']}" if outcome["observed"] is not None else ""
    return f"{outcome['column'] or 'the table'}: {outcome['type']}({arguments}){counted}{observed}" + (
        f", for example {examples}" if examples else ""
    )
