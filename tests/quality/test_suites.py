"""A suite that is wrong is an error of its own, never a failure of the data."""

import pytest

from quintain.errors import ConfigError
from quintain.quality.suites import expectation_suite


@pytest.mark.parametrize(
    ("suite", "message"),
    [
        ({}, "pages.yml has no list `expectations`; a gate that expects nothing guards nothing"),
        (None, "pages.yml has no list `expectations`"),
        ({"expectations": []}, "pages.yml has no list `expectations`"),
        (
            {"expectations": [{"type": "expect_column_values_to_be_uniques", "kwargs": {"column": "id"}}]},
            "expectation 1: there is no type 'expect_column_values_to_be_uniques'; "
            "did you mean expect_column_values_to_be_unique?",
        ),
        ({"expectations": [{"type": "unlike anything"}]}, r"there is no type 'unlike anything'$"),
        ({"expectations": [{"kwargs": {"column": "id"}}]}, "expectation 1 has no `type`"),
        ({"expectations": ["expect_column_values_to_be_unique"]}, "expectation 1 has no `type`"),
        (
            {"expectations": [{"type": "expect_column_values_to_be_unique", "args": {"column": "id"}}]},
            "expectation 1: unknown key args; there are kwargs, mostly, type",
        ),
        (
            {"expectations": [{"type": "expect_column_values_to_be_unique", "kwargs": {"col": "id"}}]},
            r"expectation 1 \(expect_column_values_to_be_unique\): .*(\n.*)*column",
        ),
        (
            {"expectations": [{"type": "expect_column_to_exist", "kwargs": {"column": "id"}, "mostly": 2}]},
            r"expectation 1 \(expect_column_to_exist\)",
        ),
    ],
)
def test_a_wrong_suite_is_refused_with_its_file_and_place(suite, message):
    with pytest.raises(ConfigError, match=rf"conf/base/expectations/pages\.yml.*(\n.*)*{message}|{message}"):
        expectation_suite("pages", suite)


def test_a_suite_holds_what_its_document_says():
    built = expectation_suite(
        "pages",
        {"expectations": [{"type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}, "mostly": 0.9}]},
    )
    (expectation,) = built.expectations
    assert expectation.column == "id"
    assert expectation.mostly == 0.9
