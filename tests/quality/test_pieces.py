"""A dataset in pieces gets the report that it gets as one table."""

from dataclasses import replace

import pytest

from quintain.errors import ConfigError
from quintain.quality import check as checking
from quintain.quality import pieces
from quintain.quality.check import check
from quintain.records import WebPage


def expect(kind, mostly=None, **kwargs):
    return {"type": f"expect_{kind}", "kwargs": kwargs, **({"mostly": mostly} if mostly else {})}


SUITE = {
    "expectations": [
        expect("column_values_to_be_unique", column="id"),
        expect("column_values_to_be_unique", column="text"),
        expect("column_values_to_match_regex", column="url", regex=r"\S"),
        expect("column_value_lengths_to_be_between", column="text", min_value=5, max_value=100),
        expect("column_values_to_match_regex", column="language", regex="^(?:[a-z]{2})?$", mostly=0.5),
        expect("table_row_count_to_be_between", min_value=1),
        expect("column_unique_value_count_to_be_between", column="language", min_value=1),
    ]
}
PAGES = [WebPage(url=f"https://a.example/{number}", text=f"Page number {number}.") for number in range(23)]


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(checking, "PIECE_RECORDS", 4)
    monkeypatch.setattr(pieces, "PIECE_RECORDS", 4)


def both(records, monkeypatch, suite=SUITE):
    in_pieces = check("pages", records, suite)
    monkeypatch.setattr(checking, "PIECE_RECORDS", 10**6)
    return in_pieces, check("pages", records, suite)


def brief(report):
    return {
        (one["type"], one["column"]): (one["passed"], one["n_unexpected"], one["share_unexpected"])
        for one in report["expectations"]
    }


def test_sound_records_pass_either_way(small, monkeypatch):
    in_pieces, whole = both(PAGES, monkeypatch)
    assert in_pieces["passed"]
    assert brief(in_pieces) == brief(whole)
    assert (in_pieces["n_records"], in_pieces["n_failed"]) == (23, 0)


def test_faults_are_counted_over_all_pieces(small, monkeypatch):
    wrong = [replace(page, id="", text="bad", url=" ") for page in PAGES[3:6]]
    odd = [replace(page, id="", language="english") for page in PAGES[10:20]]
    records = [*PAGES[:3], *wrong, *PAGES[6:10], *odd, *PAGES[20:]]
    in_pieces, whole = both(records, monkeypatch)
    assert brief(in_pieces) == brief(whole)
    assert not in_pieces["passed"]
    texts = next(one for one in in_pieces["expectations"] if one["type"].endswith("lengths_to_be_between"))
    assert (texts["n_unexpected"], [example["text"] for example in texts["examples"]]) == (3, ["bad"] * 3)
    languages = next(one for one in in_pieces["expectations"] if one["column"] == "language" and "regex" in one["type"])
    assert (languages["passed"], languages["n_unexpected"]) == (True, 10)  # 10 of 23 are fewer than half


def test_a_value_that_occurs_in_two_pieces_is_no_unique_one(small, monkeypatch):
    records = [*PAGES[:20], replace(PAGES[0], id="", url="https://b.example")]
    in_pieces, whole = both(records, monkeypatch)
    assert brief(in_pieces) == brief(whole)
    texts = next(one for one in in_pieces["expectations"] if one["column"] == "text" and "unique" in one["type"])
    assert texts["n_unexpected"] == 2
    assert {example["id"] for example in texts["examples"]} == {PAGES[0].id, records[-1].id}


def test_a_suite_that_is_wrong_is_found_before_the_first_piece(small):
    with pytest.raises(ConfigError, match="there is no type 'expect_column_values_to_be_uniq'"):
        check("pages", PAGES, {"expectations": [expect("column_values_to_be_uniq", column="id")]})
