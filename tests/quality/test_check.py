"""A check reports and never raises, whatever the data."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from quintain.quality.check import as_frame, check
from quintain.records import Judgement, Origin, WebPage

PAGES = [WebPage(id=str(i), url=f"https://{i}.example", text="x" * i) for i in range(6)]


def expect(kind, mostly=None, **kwargs):
    return {"type": f"expect_{kind}", "kwargs": kwargs} | ({} if mostly is None else {"mostly": mostly})


def suite(*expectations):
    return {"expectations": list(expectations)}


LONG_ENOUGH = expect("column_value_lengths_to_be_between", column="text", min_value=2)


def test_a_failed_expectation_names_column_count_share_and_records():
    report = check("pages", PAGES, suite(LONG_ENOUGH))
    # Texts of 0 and 1 characters: 2 of 6.
    assert report == {
        "dataset": "pages",
        "passed": False,
        "n_records": 6,
        "n_failed": 1,
        "expectations": [
            {
                "type": "expect_column_value_lengths_to_be_between",
                "column": "text",
                "arguments": {"min_value": 2},
                "passed": False,
                "n_unexpected": 2,
                "share_unexpected": 0.3333,
                "examples": [{"text": "", "id": "0"}, {"text": "x", "id": "1"}],
                "observed": None,
                "problem": "",
            }
        ],
    }


def test_a_met_expectation_passes():
    report = check("pages", PAGES[2:], suite(LONG_ENOUGH, expect("column_values_to_be_unique", column="id")))
    assert (report["passed"], report["n_failed"], len(report["expectations"])) == (True, 0, 2)


@pytest.mark.parametrize(("mostly", "passed"), [(0.66, True), (0.67, False)])
def test_mostly_is_the_share_that_must_meet_it(mostly, passed):
    # 4 of 6 texts are long enough: 0.6667.
    short = expect("column_value_lengths_to_be_between", mostly=mostly, column="text", min_value=2)
    assert check("pages", PAGES, suite(short))["passed"] is passed


def test_failed_expectations_come_first():
    report = check("pages", PAGES, suite(expect("column_values_to_be_unique", column="id"), LONG_ENOUGH))
    assert [outcome["passed"] for outcome in report["expectations"]] == [False, True]


def test_no_more_than_five_examples_each_cut_to_a_readable_length():
    pages = [WebPage(id=str(i), url="u", text="y" * 5000) for i in range(9)]
    too_long = expect("column_value_lengths_to_be_between", column="text", max_value=10)
    (outcome,) = check("pages", pages, suite(too_long))["expectations"]
    assert outcome["n_unexpected"] == 9
    assert [example["id"] for example in outcome["examples"]] == ["0", "1", "2", "3", "4"]
    assert outcome["examples"][0]["text"] == "y" * 200 + "…"


@pytest.mark.parametrize(
    ("expectation", "problem"),
    [
        (expect("column_values_to_be_unique", column="txet"), 'column "txet" in BatchData does not exist'),
        (expect("column_values_to_be_between", column="text", min_value=1), "must either be None or of the same type"),
    ],
)
def test_what_cannot_be_evaluated_fails_and_says_why(expectation, problem):
    report = check("pages", PAGES, suite(LONG_ENOUGH, expectation))
    assert not report["passed"]
    assert [outcome["problem"] for outcome in report["expectations"] if problem in outcome["problem"]]
    assert report["n_failed"] == 2


def test_a_dataset_without_rows_fails():
    report = check("pages", [], suite(LONG_ENOUGH, expect("compound_columns_to_be_unique", column_list=["id", "url"])))
    assert (report["passed"], report["n_records"], report["n_failed"]) == (False, 0, 1)
    assert report["expectations"][0]["type"] == "expect_table_row_count_to_be_between"
    assert report["expectations"][0]["observed"] == 0


def test_a_dataset_may_be_empty_where_its_suite_says_so():
    assert check("dropped", [], suite(LONG_ENOUGH, expect("table_row_count_to_be_between", min_value=0)))["passed"]


def test_a_frame_is_checked_like_records():
    frame = pd.DataFrame({"step": [1, 2, 2]})
    (outcome,) = check("curve", frame, suite(expect("column_values_to_be_unique", column="step")))["expectations"]
    assert outcome["examples"] == [{"step": 2}, {"step": 2}]


def test_nested_fields_are_json_text():
    judgement = Judgement(
        item_id="1", example_id="é", category="style", level=3, satisfied=(True, None, False), by="rule:x",
        origin=Origin(parents=("é",)),
    )  # fmt: skip
    row = as_frame([judgement]).iloc[0]
    assert row["satisfied"] == "[true, null, false]"
    assert json.loads(row["origin"])["parents"] == ["é"]
    assert '"é"' in row["origin"]
    assert row["level"] == 3
    assert row["base_task"] is None


def test_the_report_is_json_and_the_same_in_another_process():
    several = suite(
        LONG_ENOUGH,
        expect("column_distinct_values_to_equal_set", column="text", value_set=["x", "xx"]),
        expect("column_distinct_values_to_be_in_set", column="url", value_set=["a"]),
    )
    probe = (
        "import json, sys; from quintain.quality.check import check; from quintain.records import WebPage;"
        "pages = [WebPage(id=str(i), url=f'https://{i}.example', text='x' * i) for i in range(6)];"
        f"print(json.dumps(check('pages', pages, {several!r})))"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", probe],
        env=os.environ | {"PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(elsewhere.stdout) == check("pages", PAGES, several)


def test_checks_may_run_in_several_threads():
    suites = [suite(expect("column_value_lengths_to_be_between", column="text", min_value=i)) for i in range(6)]
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda one: check("pages", PAGES, one), suites * 4))
    # Of the texts with 0 to 5 characters, i are shorter than i.
    assert [report["expectations"][0]["n_unexpected"] for report in reports] == [0, 1, 2, 3, 4, 5] * 4


def test_a_check_prints_and_logs_nothing(capfd, caplog):
    check("pages", PAGES, suite(LONG_ENOUGH))
    assert caplog.text == ""
    assert capfd.readouterr() == ("", "")
