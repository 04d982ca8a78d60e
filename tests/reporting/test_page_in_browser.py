"""The page in a browser: it filters, searches and highlights; it runs nothing of a response and asks for nothing."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from conftest_pages import HOSTILE, items, judged, opened_quietly, page, section, side, two_sides

from quintain.reporting.page import scorecard_page


@pytest.fixture
def opened(browser, tmp_path):
    """Open the page of two models, which must keep quiet."""
    pack = items()
    ours = judged(pack, lambda _, group, level: level <= 3)
    theirs = judged(pack, lambda _, group, level: level == 1, response=HOSTILE, evidence=False)
    file = tmp_path / "page.html"
    file.write_text(page([side("webr", pack, ours), side("base", pack, theirs)], pack), encoding="utf-8")
    with opened_quietly(browser, file) as tab:
        yield tab


def count(tab, expected):
    from playwright.sync_api import expect

    expect(tab.locator(".count")).to_have_text(expected)


def test_filters_narrow_the_items_down_and_combine(opened):
    count(opened, "40 of 40 items")
    opened.select_option("[name=show]", label="the two differ")
    count(opened, "16 of 40 items")  # levels 2 and 3 of 8 groups
    opened.select_option("[name=category]", label="style")
    count(opened, "8 of 40 items")
    opened.select_option("[name=level]", label="2")
    count(opened, "4 of 40 items")
    opened.select_option("[name=show]", label="only base passes")
    count(opened, "0 of 40 items")
    assert opened.inner_text(".tree") == "No item matches."
    opened.select_option("[name=show]", label="failures of both")
    opened.select_option("[name=level]", label="all")
    count(opened, "8 of 40 items")  # levels 4 and 5 of 4 groups


def test_search_finds_words_of_instructions_and_responses(opened):
    opened.fill("[name=search]", "ABOUT STYLE 3")
    count(opened, "5 of 40 items")
    opened.fill("[name=search]", "onerror=")
    count(opened, "40 of 40 items")


def test_an_item_opens_by_keyboard_down_to_its_constraints(opened):
    opened.fill("[name=search]", "style 3 with 2 rules")
    count(opened, "1 of 40 items")
    summary = opened.locator(".one > summary")
    assert "style-3 · level 2" in summary.inner_text()
    assert "only webr passes" in summary.inner_text()
    summary.focus()
    opened.keyboard.press("Enter")
    item = opened.locator(".item")
    assert item.locator(".instruction").inner_text() == "Write about style 3 with 2 rules."
    rows = [row.inner_text().split("\t") for row in item.locator("tbody tr").all()]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["", "base task done", "✓ yes", "✓ yes"],
        ["1", "in first sentence: word0", "✓ yes", "✗ no"],
        ["2", "in first sentence: word1", "✓ yes", "✗ no"],
    ]
    ours, theirs = item.locator(".response").all()
    # The face before it is one character to Python and two to a browser.
    assert ours.locator("mark").inner_text().startswith("word0")
    assert ours.evaluate("box => box.textContent") == "a \N{GRINNING FACE} word0 here"
    assert theirs.evaluate("box => box.textContent") == HOSTILE
    assert opened.locator("img").count() == 0


def test_nothing_sticks_out_on_a_narrow_screen(opened):
    opened.set_viewport_size({"width": 400, "height": 800})
    opened.fill("[name=search]", "style 3 with 2 rules")
    count(opened, "1 of 40 items")
    opened.locator(".one > summary").click()
    assert opened.evaluate("document.documentElement.scrollWidth") <= 400


def test_items_of_several_benchmarks_are_narrowed_down_apart(browser, tmp_path):
    from playwright.sync_api import expect

    file = tmp_path / "several.html"
    few = items(groups=1)
    file.write_text(scorecard_page([section(two_sides(), items()), section(two_sides(few), few, name="few")]))
    with opened_quietly(browser, file) as tab:
        first, second = tab.locator(".drilldown").all()
        second.locator("[name=level]").select_option(label="2")
        expect(second.locator(".count")).to_have_text("2 of 10 items")
        expect(first.locator(".count")).to_have_text("40 of 40 items")
        tab.set_viewport_size({"width": 400, "height": 800})
        assert tab.evaluate("document.documentElement.scrollWidth") <= 400


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_the_page_in_light_and_dark(opened, scheme):
    opened.emulate_media(color_scheme=scheme)

    def luminance(variable):
        colour = opened.evaluate(f"getComputedStyle(document.documentElement).getPropertyValue('{variable}')").strip()
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(one, other):
        high, low = sorted((luminance(one), luminance(other)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    # WCAG AA: 4.5 for text, 3 for graphics
    for variable in ("--text", "--quiet", "--yes", "--no", "--link"):
        assert contrast(variable, "--page") >= 4.5, variable
        assert contrast(variable, "--soft") >= 4.5, variable
    assert contrast("--text", "--mark") >= 4.5
    for variable in ("--s0", "--s1"):
        assert contrast(variable, "--page") >= 3, variable
