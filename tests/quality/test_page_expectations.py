"""Licences and personal data as expectations: the same rules as the filters, with counts."""

from pathlib import Path

import pytest
import yaml

from quintain.errors import ConfigError
from quintain.quality import check as checking
from quintain.quality import pieces
from quintain.quality.check import check
from quintain.records import WebPage

PAGES = [
    WebPage(url="https://a.example", text="A ferry crosses the bay.", licence="creativecommons.org/licenses/by/4.0/"),
    WebPage(url="https://b.example", text="Write to a.b@c.example.", licence="CC BY-NC 4.0"),
    WebPage(url="https://c.example", text="Call +49 30 1234567 or a.b@c.example."),
    WebPage(url="https://d.example", text="The mill was built in 1740."),
]
LICENCES, PERSONAL = "expect_column_values_to_be_allowed_licences", "expect_column_values_to_hold_no_personal_data"


def outcome(kind, pages=PAGES, **given):
    mostly = {"mostly": given.pop("mostly")} if "mostly" in given else {}
    report = check("pages", pages, {"expectations": [{"type": kind, "kwargs": given, **mostly}]})
    return next(one for one in report["expectations"] if one["type"] == kind)


@pytest.mark.parametrize(
    ("allowed", "breaking"),
    [(["cc-by"], [1, 2, 3]), (["CC BY", "unstated"], [1]), (["cc-by-nc-4.0", "cc-by", "unstated"], [])],
)
def test_pages_whose_licence_is_on_no_list_are_counted_and_named(allowed, breaking):
    found = outcome(LICENCES, column="licence", allowed=allowed)
    assert (found["passed"], found["n_unexpected"], found["problem"]) == (not breaking, len(breaking), "")
    assert [example["id"] for example in found["examples"]] == [PAGES[place].id for place in breaking]


@pytest.mark.parametrize(("kinds", "breaking"), [(["mail"], 2), (["phone"], 1), (["iban", "card"], 0)])
def test_pages_with_personal_data_are_counted_by_kind(kinds, breaking):
    found = outcome(PERSONAL, column="text", kinds=kinds)
    assert (found["passed"], found["n_unexpected"]) == (not breaking, breaking)


def test_with_mostly_zero_they_count_and_pass_in_one_table_and_in_pieces(monkeypatch):
    whole = outcome(PERSONAL, column="text", kinds=["mail"], mostly=0)
    monkeypatch.setattr(checking, "PIECE_RECORDS", 3)
    monkeypatch.setattr(pieces, "PIECE_RECORDS", 3)
    for found in (whole, outcome(PERSONAL, column="text", kinds=["mail"], mostly=0)):
        assert (found["passed"], found["n_unexpected"], found["share_unexpected"]) == (True, 2, 0.5)
    # The second piece holds the last page alone, which states no licence: all of it, and half of the whole.
    half = outcome("expect_column_values_to_match_regex", column="licence", regex=r"\S", mostly=0.5)
    assert (half["passed"], half["n_unexpected"]) == (True, 2)


def test_the_suite_of_the_project_counts_what_the_filters_are_not_set_to_take_out():
    suite = yaml.safe_load(Path("conf/base/expectations/pages.yml").read_text())
    report = check("pages", PAGES, suite)
    found = {(one["type"], one["column"]): one["n_unexpected"] for one in report["expectations"]}
    assert found[PERSONAL, "text"] == 2
    assert report["passed"]


@pytest.mark.parametrize(
    ("kind", "arguments", "message"),
    [
        (LICENCES, {"column": "licence", "allowed": []}, "allowed must name a licence"),
        (LICENCES, {"column": "licence", "allowed": ["cc"]}, "licences must be names such as"),
        (PERSONAL, {"column": "text", "kinds": ["passport"]}, "kinds must be some of mail, phone, iban, card"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(kind, arguments, message):
    with pytest.raises(ConfigError, match=message):
        outcome(kind, **arguments)
