"""The page of the leaderboard: ranked, a column per benchmark, a link behind every number that has a page."""

import pytest
from lxml import html

from quintain.reporting.index import Score, score
from quintain.reporting.leaderboard import Entry, leaderboard_page


def entry(name, version, cells, aliases="", letters="a"):
    return Entry(name, version, aliases, letters, "2026-11-29", "base", cells)


def test_versions_stand_in_order_with_a_column_for_each_benchmark(scorecard, flat_scorecard):
    best, other = scorecard("webr", 0.9), scorecard("base", 0.7)
    page = leaderboard_page(
        "quintain-student",
        benchmarks={"small": "HSR", "ifeval": "prompt strict"},
        ranked=[
            entry(
                "webr", "2", [score(best, "webr/small/scorecard.html"), score(flat_scorecard)], "challenger, champion"
            ),
            entry("base", "1", [score(other), score(None)], letters=""),
        ],
        apart=[(entry("old", "0", [score(best), score(None)]), "rules 1 instead of 2")],
        unread={"broken v3": "no <JSON>"},
        smoke=["v1"],
        model=best,
    )
    root = html.document_fromstring(page)
    ranked, apart = root.xpath("//table")
    assert [" ".join(head.itertext()) for head in ranked.xpath(".//thead//th")] == [
        "version", "small HSR", "ifeval prompt strict", "letters", "registered", "environment",
    ]  # fmt: skip
    rows = [[" ".join(" ".join(cell.itertext()).split()) for cell in row] for row in ranked.xpath("./tbody/tr")]
    assert rows == [
        ["1 webr v2 challenger champion", "70.0 60.0 to 80.0", "40.0 30.0 to 50.0", "a", "2026-11-29", "base"],
        ["2 base v1", "50.0 40.0 to 60.0", "–", "–", "2026-11-29", "base"],
    ]
    assert root.xpath("//td//@href") == ["webr/small/scorecard.html"]
    # what a click on a title sorts by is the number itself
    orders = ranked.xpath("./tbody/tr/td[@class='score'][1]/@data-order")
    assert list(map(float, orders)) == pytest.approx([0.7, 0.5])
    assert "rules 1 instead of 2" in apart.text_content()
    assert "no <JSON>" in root.text_content()
    assert "Smoke runs: v1" in root.text_content()


def test_no_version_is_said():
    page = leaderboard_page("m", benchmarks={}, ranked=[], apart=[], unread={}, smoke=[], model=None)
    assert "No version has a scorecard that can be read" in page


def test_a_number_of_levels_has_no_interval_in_percent(scorecard):
    assert score(None) == Score("–")
    assert score(scorecard("webr", 0.9)).interval == "60.0 to 80.0"
