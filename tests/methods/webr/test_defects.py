"""The defects of the released code that shape its data, one by one: what it does, and that `robust` does not.

Numbers are those of the list in docs/systems/webr.md.
"""

from collections import Counter

import pytest

from quintain.methods.webr import (
    WebrParams,
    ask_author,
    ask_refinement,
    ask_request,
    ask_response,
    drop_duplicates,
    hold_mixture,
    make_pairs,
    plan,
    read_author,
    read_refinement,
    read_request,
    read_response,
)
from quintain.records import InstructionPair, WebPage
from quintain.text.contamination import Leak
from quintain.web import near_duplicates

ROBUST = WebrParams()
PAPER = WebrParams(mode="paper")
MODELS = {"author": "fake:author", "teacher": "fake:teacher"}


@pytest.fixture
def walk(pages, answered):
    """Take pages through all questions: `walk(params, **answers)`; an answer is a text or a function of the request."""

    def take(params, count=9, author="A ferryman.", request=None, response="The ferry.", refined="The harbour ferry."):
        drafts = plan(pages(count), params)
        dropped = []
        for ask, read, said in (
            (lambda drafts: ask_author(drafts, params), read_author, author),
            (ask_request, read_request, request or (lambda asked: f"What leaves, {asked.id}?")),
            (lambda drafts: ask_response(drafts, params), read_response, response),
            (ask_refinement, read_refinement, refined),
        ):
            drafts, lost = read(drafts, answered(ask(drafts), said), params)
            dropped += lost
        return drafts, dropped

    return take


def counts(pairs):
    return Counter(pair.kind for pair in pairs)


def some_pairs(as_instruction, as_response):
    kinds = ["web-as-instruction"] * as_instruction + ["web-as-response"] * as_response
    return [
        InstructionPair(instruction=f"i{n}", response="r", request=f"q{n}", kind=kind) for n, kind in enumerate(kinds)
    ]


def test_01_fewer_rows_than_asked_of_one_kind_are_not_filled_up_with_the_other():
    # The released --save_num 200 of 300 + 150 rows gives 200 and none.
    kept = hold_mixture(some_pairs(300, 150), WebrParams(max_rows=200)).pairs
    assert counts(kept) == {"web-as-instruction": 133, "web-as-response": 67}


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 50, 99, 100])
def test_01_the_mixture_holds_within_one_row_at_any_size(size):
    kept = hold_mixture(some_pairs(300, 150), WebrParams(max_rows=size)).pairs
    assert len(kept) == size
    assert abs(counts(kept)["web-as-instruction"] - size * 2 / 3) <= 0.5 + 1e-9


def test_02_a_refined_response_is_never_emptied(walk):
    drafts, _ = walk(ROBUST, refined="Here is the improved answer: the harbour ferry.")
    assert {draft.response for draft in drafts if draft.kind == "web-as-response"} == {
        "Here is the improved answer: the harbour ferry."
    }


@pytest.mark.parametrize("parts", [(1, 0), (0, 1)])
def test_03_one_kind_may_be_empty(parts, walk):
    params = WebrParams(as_instruction=parts[0], as_response=parts[1])
    drafts, _ = walk(params)
    assert len(hold_mixture(make_pairs(drafts, params, MODELS), params).pairs) == 9


def test_04_rows_are_shuffled_by_seed_and_say_where_they_come_from(walk):
    # The released file has all web-as-instruction rows first.
    pairs = make_pairs(walk(ROBUST, count=60)[0], ROBUST, MODELS)
    first = [pair.kind for pair in pairs[:20]]
    assert set(first) == {"web-as-instruction", "web-as-response"}
    assert {"author", "focus", "noun", "words", "prompts", "author_model"} <= pairs[0].origin.knobs.keys()
    other = plan([WebPage(url=f"https://a.example/{i}", text=f"Page {i}") for i in range(60)], WebrParams(seed=1))
    assert [draft.page.id for draft in other] != [
        draft.page.id
        for draft in plan([WebPage(url=f"https://a.example/{i}", text=f"Page {i}") for i in range(60)], ROBUST)
    ]


@pytest.mark.parametrize(("params", "shown_first"), [(ROBUST, True), (PAPER, False)])
def test_05_the_teacher_sees_page_and_request_in_the_order_of_the_row(params, shown_first, pages, answered):
    drafts = plan(pages(40), params)
    drafts = read_author(drafts, answered(ask_author(drafts, params), "A ferryman."), params).drafts
    drafts = read_request(drafts, answered(ask_request(drafts), "Shorten it."), params).drafts
    for draft, request in zip(drafts, ask_response(drafts, params), strict=True):
        if draft.kind == "web-as-instruction" and draft.request_first:
            turn = request.messages[-1].content
            assert (turn.index("Shorten it.") < turn.index("<page>")) is shown_first


def test_06_requests_with_the_same_words_in_another_order_are_two():
    requests = ["tell the ferry crew when the harbour ice breaks", "breaks ice harbour the when crew ferry the tell"]
    assert near_duplicates(requests, 0.7, shingle_words=PAPER.shingle_words) == [0, 0]
    assert near_duplicates(requests, 0.7, shingle_words=ROBUST.shingle_words) == [0, 1]


def test_07_a_request_is_lost_to_one_that_is_kept_and_resembles_it():
    # A chain: each text shares 9 of its 13 shingles with the next, 9/(13 + 13 - 9) = .53; the ends share 5, .24.
    words = [f"w{n}" for n in range(23)]
    chain = [" ".join(words[start : start + 15]) for start in (0, 4, 8)]
    pairs = [InstructionPair(instruction=text, request=text, response="r", kind="web-as-response") for text in chain]
    kept, dropped = drop_duplicates(pairs, near_duplicates(chain, 0.5, shingle_words=3))
    assert kept == [pairs[0], pairs[2]]
    assert dropped[0].origin.parents == (pairs[0].id,)


@pytest.mark.parametrize("refusal", ["I’m sorry, no.", "  I apologize.", "I cannot help with that.", "Sorry.", ""])
def test_08_refusals_and_empty_answers_are_dropped_whatever_their_spelling(refusal, walk):
    drafts, dropped = walk(ROBUST, response=refusal)
    assert drafts == []
    assert {drop.reason for drop in dropped} <= {"refusal", "empty"}
    assert len(dropped) == 9


def test_10_no_row_vanishes_uncounted(walk):
    drafts, dropped = walk(ROBUST, count=30, response=lambda request: "" if request.id[0] in "01234" else "The ferry.")
    assert len(drafts) + len(dropped) == 30
    assert all(drop.stage and drop.reason and drop.where for drop in dropped)


def test_13_the_roll_out_outlives_the_refinement(walk):
    pairs = make_pairs(walk(ROBUST)[0], ROBUST, MODELS)
    assert {pair.rollout for pair in pairs if pair.kind == "web-as-response"} == {"The ferry."}


def test_14_what_becomes_of_a_page_does_not_depend_on_its_place_in_the_file(pages):
    def kinds(drafts):
        return {draft.page.id: (draft.kind, draft.focus) for draft in drafts}

    assert kinds(plan(pages(30)[::-1], ROBUST)) == kinds(plan(pages(30), ROBUST))


def test_15_truncated_answers_are_dropped(pages, answered):
    drafts = plan(pages(3), ROBUST)
    alive, dropped = read_author(drafts, answered(ask_author(drafts, ROBUST), "A ferry", "length"), ROBUST)
    assert alive == []
    assert {drop.reason for drop in dropped} == {"truncated"}


def test_16_a_text_that_begins_with_here_is_keeps_its_first_paragraph(walk):
    text = "Here is what leaves.\n\nThe ferry."
    drafts, _ = walk(ROBUST, response=text)
    assert {draft.response for draft in drafts if draft.kind == "web-as-instruction"} == {text}


def test_18_a_page_too_long_is_cut_at_a_paragraph_and_says_so(answered):
    page = WebPage(url="https://a.example", text="\n".join(["ten words " * 5] * 100))
    params = WebrParams(max_page_words=100, section_share=0.0, as_response=0)
    (draft,) = plan([page], params)
    # 100 words are 10 paragraphs of 10, and the page begins with them
    assert draft.section.count("\n") == 9
    assert page.text.startswith(draft.section)
    assert draft.cut
    (pair,) = make_pairs([_finished(draft)], params, MODELS)
    assert pair.origin.knobs["page"] == "cut after 100 words"
    assert not plan([page], WebrParams(mode="paper"))[0].cut


def test_18_a_page_of_one_paragraph_is_cut_at_a_word():
    page = WebPage(url="https://a.example", text="Title\n" + "salt, " * 500)
    (draft,) = plan([page], WebrParams(max_page_words=100, section_share=0.0))
    assert draft.section == ("Title\n" + "salt, " * 99).rstrip(", ")


def test_19_every_drawn_setting_is_kept_and_drawn_the_same_again(pages):
    assert plan(pages(20), ROBUST) == plan(pages(20), ROBUST)
    assert {draft.seed for draft in plan(pages(20), ROBUST)} != {
        draft.seed for draft in plan(pages(20), WebrParams(seed=1))
    }


def test_20_the_persona_is_that_of_the_section(pages):
    drafts = plan(pages(30), ROBUST)
    assert [request.fields["page"] for request in ask_author(drafts, ROBUST)] == [draft.section for draft in drafts]


def test_21_a_request_that_points_at_an_unseen_text_is_dropped_from_evidence_alone(walk):
    drafts, dropped = walk(ROBUST, request=lambda request: f"Summarise the text above in {request.id} words.")
    assert {draft.kind for draft in drafts} == {"web-as-instruction"}
    assert [(drop.stage, drop.reason) for drop in dropped] == [("request", "not-self-contained")] * 3
    assert dropped[0].text.startswith("points at 'the text above': Summarise")
    assert walk(PAPER, request="Summarise the text above.")[1] == []


def test_21_a_refinement_that_loses_the_page_is_flagged_or_dropped(walk):
    # `harbour` and `ferry` are on the page, `zeppelin` is not: the share falls from 2/2 to 1/2
    answers = {"response": "The harbour ferry.", "refined": "The harbour zeppelin."}
    flagged = make_pairs(walk(ROBUST, **answers)[0], ROBUST, MODELS)
    evidence = [pair.origin.knobs for pair in flagged if pair.kind == "web-as-response"]
    assert {(knobs["rollout_grounding"], knobs["grounding"], knobs["flag"]) for knobs in evidence} == {
        ("1.0000", "0.5000", "less-grounded")
    }
    drafts, dropped = walk(WebrParams(less_grounded="drop"), **answers)
    assert {draft.kind for draft in drafts} == {"web-as-instruction"}
    assert [(drop.stage, drop.reason) for drop in dropped] == [("refinement", "less-grounded")] * 3


def test_contaminated_pairs_are_dropped_with_the_item_they_hold():
    from quintain.methods.webr import drop_leaks

    pairs = some_pairs(2, 0)
    kept, dropped = drop_leaks(pairs, [None, Leak("pack: 7", 0.85)])
    assert kept == pairs[:1]
    assert (dropped[0].stage, dropped[0].reason) == ("contamination", "contaminated")
    assert dropped[0].origin.parents == ("pack: 7",)
    assert dropped[0].text == "holds 85% of evaluation item pack: 7: q1"


def _finished(draft):
    from dataclasses import replace

    return replace(draft, request="Shorten it.", response="Salt.", prompts=("a@1",), asked=("r1",))
