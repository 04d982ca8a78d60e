"""The page and the card of a synthesis, from a real little run of the method's own functions."""

import re
from html.parser import HTMLParser

import pytest
import yaml

from quintain.methods.webr import PairDraft, WebrParams, collect_evidence, make_pairs
from quintain.records import WebPage
from quintain.reporting.dataset_card import dataset_card
from quintain.reporting.synthesis import synthesis_page

ATTACK = "<script>alert('page')</script>"
STAGE = {"entered": 4, "passed": 3, "dropped": {"few-words": 1}}


def draft(number, kind, text):
    return PairDraft(
        page=WebPage(url=f"https://a.example/{number}", text=text, licence="CC BY 4.0", language="en"),
        section=text,
        kind=kind,
        focus="all",
        noun="request",
        words=50,
        request_first=False,
        seed=number,
        author="A ferryman.",
        request=f"List the ferries of {number}. {ATTACK}",
        rollout="None." if kind == "web-as-response" else "",
        response=f"Ferry {ATTACK} | one.",
        prompts=("webr/author@1", "webr/x@2"),
        asked=("a", "b"),
    )


@pytest.fixture
def run():
    drafts = [
        draft(0, "web-as-instruction", f"The ferry leaves. {ATTACK}"),
        draft(1, "web-as-instruction", "The salt ship leaves."),
        draft(2, "web-as-response", "The wool ship leaves. " * 400),
    ]
    pairs = make_pairs(drafts, WebrParams(), {"author": "a:b@c", "teacher": "t:u@v"})
    pages = [one.page for one in drafts]
    evidence = collect_evidence(pages, drafts, pairs, [])
    evidence["contamination"]["held_out"] = 600
    evidence["cost_per_row"] = {"calls": 3.3, "prompt_tokens": 10.0, "completion_tokens": 2.0, "money": 0.0004}
    funnel = {
        "pages": {"read": STAGE},
        "pairs": {"author": STAGE},
        "spent": {"teacher": {"calls": 7, "prompt_tokens": 70, "completion_tokens": 7}},
    }
    return funnel, evidence, pages, pairs


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_text_of_strangers_stays_text(run):
    page = synthesis_page(*run)
    assert ATTACK not in page
    assert "&lt;script&gt;" in page
    assert {tag for tag, _ in Tags(page).found} & {"script", "img", "iframe", "object"} == set()


def test_the_page_needs_no_network(run):
    page = synthesis_page(*run)
    for tag, attributes in Tags(page).found:
        assert attributes.get("href", "data:,") == "data:,", tag  # the icon, which is empty
        assert "src" not in attributes, tag
    assert not re.search(r"url\(|@import", page)


def test_the_page_shows_funnel_evidence_and_rows_beside_their_pages(run):
    page = synthesis_page(*run)
    assert "3 of 4" in page
    assert "1 few-words" in page
    assert page.count("<svg") > 5
    assert page.count("<details") == 3
    assert "Roll-out, without the page" in page
    assert "more characters" in page  # the long page is cut
    assert "0.00040 in money" in page


def test_a_run_of_one_kind_has_a_page_too(run):
    funnel, _, pages, pairs = run
    drafts = [draft(1, "web-as-instruction", "The salt ship leaves.")]
    evidence = collect_evidence(pages, drafts, pairs[1:2], [])
    evidence["contamination"]["held_out"] = 0
    evidence["cost_per_row"] = dict.fromkeys(("calls", "prompt_tokens", "completion_tokens", "money"))
    assert "There is none." in synthesis_page(funnel, evidence, pages, pairs[1:2])


def test_the_card_has_a_header_that_the_hub_reads_and_says_all_that_counts(run):
    funnel, evidence, pages, pairs = run
    card = dataset_card(pairs, pages, funnel, evidence, WebrParams())
    _, header, body = card.split("---\n", 2)
    fields = yaml.safe_load(header)
    assert fields["configs"][0]["data_files"] == [{"split": "train", "path": "data/train.parquet"}]
    assert (fields["language"], fields["size_categories"]) == (["en"], ["n<1K"])
    for said in ("| a.example | 3 |", "| CC BY 4.0 | 3 |", "| webr/author@1 | 3 |", "t:u@v", "a:b@c", "1 few-words"):
        assert said in body
    assert "600 evaluation items" in body
    assert "0.0004 in money" in body
