"""What a gate says when it closes."""

import pytest

from quintain.errors import QualityError
from quintain.quality.gate import gate


def report(**outcome):
    failed = {
        "type": "expect_something", "column": "level", "arguments": {}, "passed": False, "n_unexpected": 0,
        "share_unexpected": 0.0, "examples": [], "observed": None, "problem": "",
    }  # fmt: skip
    expectations = [failed | outcome, failed | {"passed": True, "column": "fine"}]
    return {"dataset": "pack", "passed": False, "n_records": 1500, "n_failed": 1, "expectations": expectations}


def test_a_passed_dataset_goes_on_unchanged():
    records = [object()]
    assert gate(records, {"passed": True}) is records


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        (
            {"n_unexpected": 1203, "share_unexpected": 0.802, "examples": [{"level": 9, "id": "a1"}]},
            r"level: expect_something\(\), 1,203 of 1,500 records \(80\.2%\), for example level='9' \(id a1\)",
        ),
        ({"arguments": {"min_value": 1, "max_value": 5}}, r"level: expect_something\(min_value=1, max_value=5\)"),
        ({"column": "", "observed": 0}, r"table: expect_something\(\), observed 0"),
        ({"problem": "no such column"}, r"level: expect_something\(\), no such column"),
        # An expectation about the set of values counts values; it has no share of the records.
        ({"n_unexpected": 2, "examples": [{"level": 7}]}, r"expect_something\(\), 2 values, for example level='7'"),
        # Where the id itself is at fault, it is the example.
        ({"examples": [{"id": "a1"}]}, r"for example id='a1'\n"),
        ({"examples": [{"text": "y" * 99, "id": "a1"}]}, r"text='y{60}' \(id a1\)"),
    ],
)
def test_each_failed_expectation_is_one_line(outcome, line):
    with pytest.raises(QualityError, match=line) as raised:
        gate([], report(**outcome))
    assert str(raised.value).count("\n  - ") == 1
    assert "fine" not in str(raised.value)
