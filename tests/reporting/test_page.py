"""The page holds everything, asks for nothing, and shows strangers' text as text."""

import dataclasses
import html.parser
import json
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from conftest_pages import HOSTILE, items, judged, page, section, side, two_sides

from quintain.benchmarks import Benchmark, Item
from quintain.benchmarks.scoring import make_scorecard
from quintain.records import Judgement
from quintain.reporting.drilldown import LONGEST, drilldown
from quintain.reporting.page import Section, Side, scorecard_page


class _Elements(html.parser.HTMLParser):
    """Collects what a browser would see: elements, and the text of each script."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.scripts = [], [], []
        self._in_script = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attributes]
        if tag == "script":
            self._in_script = True
            self.scripts.append("")

    def handle_endtag(self, tag):
        if tag == "script":
            self._in_script = False

    def handle_data(self, data):
        if self._in_script:
            self.scripts[-1] += data


def test_the_page_asks_the_network_for_nothing_and_runs_one_script_of_its_own():
    seen = _Elements(page(two_sides(), items()))
    addresses = [value for _, name, value in seen.attributes if name in ("src", "href", "action", "srcset")]
    assert sorted(addresses) == ["#items1", "data:,"]
    policy = next(value for _, name, value in seen.attributes if name == "content" and "default-src" in value)
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/=]{44}'", policy)
    assert seen.tags.count("script") == 2
    assert not [name for _, name, _ in seen.attributes if name.startswith("on")]


@pytest.mark.parametrize("field", ["response", "raw", "model", "instruction", "by"])
def test_markup_from_a_model_a_judge_or_a_pack_stays_text(field):
    pack = items(groups=1)
    if field == "instruction":
        pack = [dataclasses.replace(item, id="", instruction=f"{HOSTILE} {item.level}") for item in pack]
    judgements = judged(pack, lambda *_: True)
    if field in ("response", "raw", "by"):
        judgements = [dataclasses.replace(each, id="", **{field: HOSTILE, "evidence": ()}) for each in judgements]
    one = side(HOSTILE if field == "model" else "webr", pack, judgements)
    other = side("base", pack, judged(pack, lambda *_: True) if field != "by" else judgements)
    text = page([one, other], pack)
    seen = _Elements(text)
    assert seen.tags.count("script") == 2
    assert "img" not in seen.tags
    assert not [name for _, name, _ in seen.attributes if name.startswith("on")]
    held = json.loads(seen.scripts[0])
    if field == "response":
        assert held[0]["s"][0]["o"] == HOSTILE
    if field == "instruction":
        assert held[0]["t"] == f"{HOSTILE} 1"


def test_items_come_in_the_order_of_category_group_and_level_with_their_verdicts():
    pack = items(groups=11)
    sides = two_sides(pack)
    rows = json.loads(drilldown([each.judgements for each in sides], pack))
    assert [(row["c"], row["g"], row["l"]) for row in rows[:6]] == [
        *(("content", "content-1", level) for level in range(1, 6)),
        ("content", "content-2", 1),
    ]
    assert rows[1]["r"] == ["in first sentence: word0", "in first sentence: word1"]
    assert [side["v"] for side in rows[1]["s"]] == ["yy", "nn"]
    assert rows[0]["s"][0]["e"] == [[[4, 9]]]


def test_unread_and_unscored_verdicts_are_told_apart():
    pack = items(groups=1)[:2]
    unread, unscored = judged(pack, lambda *_: True)
    unread = dataclasses.replace(unread, id="", satisfied=(None,), by="judge:j", raw="Well...", base_task=None)
    unscored = dataclasses.replace(unscored, id="", satisfied=(None, None), by="unscored:no-judge", base_task=None)
    first, second = json.loads(drilldown([[unread, unscored]], pack))
    assert (first["s"][0]["v"], first["s"][0]["h"], first["s"][0]["j"]) == ("u", "u", "Well...")
    assert (second["s"][0]["v"], second["s"][0]["h"]) == ("--", "-")


def test_a_response_without_end_is_shown_in_part_and_the_rest_is_counted():
    pack = items(groups=1)[:1]
    (row,) = json.loads(drilldown([judged(pack, lambda *_: True, response="x" * 1_000_000)], pack))
    assert len(row["s"][0]["o"]) == LONGEST
    assert row["s"][0]["x"] == 1_000_000 - LONGEST


def test_the_same_scorecards_give_the_same_page():
    assert page(two_sides(), items()) == page(two_sides(), items())


def test_half_a_surrogate_pair_does_not_stop_the_page():
    pack = items(groups=1)
    one = side("webr", pack, judged(pack, lambda *_: True, response="a \ud83d b"))
    assert "a ? b" in page([one], pack)


def test_a_page_without_the_pack_says_so():
    text = page(two_sides(), no_items="The items are <b>elsewhere</b>.")
    assert "The items are &lt;b&gt;elsewhere&lt;/b&gt;." in text
    assert "Write about content" not in text


def test_the_page_prints_every_number_with_its_interval():
    text = page(two_sides(), items())
    # webr passes levels 1-3: HSR mean 60; base level 1: 20; all groups alike
    assert "60.0 [60.0, 60.0]" in text
    assert "20.0 [20.0, 20.0]" in text
    assert "+40.0 *" in text
    assert "McNemar takes items as independent" in text
    # 16 of 40 items: levels 2 and 3 of 8 groups
    assert "The two differ on 40.0% of the items." in text


def test_1200_long_responses_of_two_models_stay_below_ten_megabytes():
    pack = items(groups=120)
    assert len(pack) == 1200
    sides = two_sides(pack, response="A sentence of some words & more. word0 " * 40)  # 1,560 characters
    assert len(page(sides, pack).encode()) < 10_000_000


def test_how_far_judges_agree_and_what_is_wrong_with_them_stands_on_the_page():
    one = two_sides()[0]
    judging = {"agreement": {"content": 0.812, "style": None}, "warnings": ["judge is the model under test"]}
    text = page([dataclasses.replace(one, scorecard=dataclasses.replace(one.scorecard, judging=judging))])
    assert "content 0.81, style –" in text
    assert "judge is the model under test" in text
    assert "judges agree" not in page([one])


def test_a_benchmark_without_levels_and_categories_has_a_page(flat_scorecard):
    judgement = Judgement(item_id="1", example_id="1", category="", level=1, satisfied=(True, False), by="rule:test")
    text = scorecard_page([Section([Side("webr", flat_scorecard, [judgement])])])
    assert "<caption>All items</caption>" in text
    # 0.4 with an interval 10 points to each side
    assert '<th scope="row">prompt strict</th><td>40.0 [30.0, 50.0]</td>' in text
    assert "Every measure, with intervals" in text
    assert "as constraints are added" not in text


class Sums(Benchmark):
    """Forty sums; the verdict is a score."""

    name = "sums"

    def load_items(self):
        return [Item(prompt=f"What is 2 + {n}?", target=str(2 + n)) for n in range(40)]

    def judge(self, item, response):
        return self.judged(item, response, score=float(response == item.target))


def added(name, right):
    """A model that gets so many sums right."""
    benchmark = Sums()
    judgements = [benchmark.judge(item, item.target if n < right else "no") for n, item in enumerate(benchmark.items)]
    return Side(name, make_scorecard(benchmark, judgements, model=name), judgements)


def test_two_models_on_a_benchmark_of_scores_compare_by_its_headline():
    text = page([added("webr", 30), added("base", 20)])
    # 30 of 40 against 20 of 40
    assert "+25.0 points of score" in text
    assert '<strong title="the interval leaves zero out">+25.0 *</strong>' in text
    # It has no categories, and no groups that share an instruction.
    assert "Difference of score, in points: right of zero, webr scores higher" in text
    assert '<th scope="row"></th>' not in text
    assert "McNemar takes items as independent" not in text


def test_two_benchmarks_have_a_table_of_both_headlines_a_section_each_and_items_of_their_own():
    small = section(two_sides(), items())
    sums = section([added("webr", 30), added("base", 20)], name="arithmetic")
    text = scorecard_page([small, sums], left_out={"ifeval": "it was measured on other terms"})
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", text) == ["small", "arithmetic"]
    assert re.findall(r"<h3[^>]*>(.*?)</h3>", text) == ["Numbers", "What the numbers rest on", "Items"] * 2
    assert '<a href="#benchmark1">small</a></th><td class="words">HSR mean, macro</td><td>60.0 [60.0, 60.0]' in text
    assert '<a href="#benchmark2">arithmetic</a></th><td class="words">score</td><td>75.0 [' in text
    assert "ifeval is left out:</b> it was measured on other terms" in text
    seen = _Elements(text)
    assert [len(json.loads(held)) for held in seen.scripts[:2]] == [40, 40]
    identifiers = [value for _, name, value in seen.attributes if name == "id"]
    assert len(set(identifiers)) == len(identifiers)
