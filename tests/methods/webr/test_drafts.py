"""The plan: mixture, sections and knobs, before any model is asked."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.methods.webr import WebrParams, plan
from quintain.methods.webr.drafts import section
from quintain.records import WebPage

ROBUST = WebrParams()
PAPER = WebrParams(mode="paper")


def kinds(drafts):
    return Counter((draft.kind, draft.focus) for draft in drafts)


# --- mixture -------------------------------------------------------------------------------------------------------


def test_the_paper_assigns_by_sixths_of_the_list(pages):
    # 1000 // 6 = 166: two sixths are 332, and the last kind takes the 4 that are left over.
    assert list(kinds(plan(pages(1000), PAPER)).values()) == [332, 332, 166, 170]
    assert [draft.page.url for draft in plan(pages(7), PAPER)] == [page.url for page in pages(7)]


def test_the_paper_makes_fewer_than_six_pages_all_evidence(pages):
    assert kinds(plan(pages(5), PAPER)) == {("web-as-response", "part"): 5}


def test_robust_holds_mixture_and_focus_within_one_row(pages):
    # 100 pages at 2:1 are 66.7 and 33.3; half of each on a part.
    counts = kinds(plan(pages(100), ROBUST))
    assert counts["web-as-instruction", "all"] + counts["web-as-instruction", "part"] == 67
    assert abs(counts["web-as-instruction", "all"] - counts["web-as-instruction", "part"]) <= 1
    assert abs(counts["web-as-response", "all"] - counts["web-as-response", "part"]) <= 1


@given(st.integers(0, 40), st.integers(0, 5), st.integers(0, 5))
def test_any_number_from_the_front_holds_the_mixture(count, as_instruction, as_response):
    if as_instruction + as_response == 0:
        return
    pages = [WebPage(url=str(i), text=f"Page {i}") for i in range(count)]
    params = WebrParams(as_instruction=as_instruction, as_response=as_response)
    share = as_instruction / (as_instruction + as_response)
    drafts = plan(pages, params)
    for size in range(count + 1):
        made = sum(draft.kind == "web-as-instruction" for draft in drafts[:size])
        assert abs(made - size * share) <= 0.5 + 1e-9


def test_the_plan_depends_on_the_pages_and_not_on_their_order(pages):
    assert plan(pages(30), ROBUST) == plan(pages(30)[::-1], ROBUST)


def test_the_knobs_of_a_page_do_not_depend_on_the_other_pages(pages):
    def knobs(drafts):
        return {draft.page.id: (draft.section, draft.words, draft.request_first, draft.seed) for draft in drafts}

    few, many = knobs(plan(pages(10), ROBUST)), knobs(plan(pages(40), ROBUST))
    assert all(many[page] == drawn for page, drawn in few.items())


def test_another_seed_draws_other_knobs(pages):
    assert plan(pages(30), ROBUST) != plan(pages(30), WebrParams(seed=1))


def test_knobs_are_spread_evenly(pages):
    # 800 pages over 4 budgets: 200 each, standard deviation 12.
    drafts = plan(pages(800), ROBUST)
    assert all(150 < count < 250 for count in Counter(draft.words for draft in drafts).values())
    assert 340 < sum(draft.request_first for draft in drafts) < 460
    assert {draft.noun for draft in drafts if draft.kind == "web-as-instruction"} == {"request", "instruction"}
    assert {draft.noun for draft in drafts if draft.kind == "web-as-response"} == {
        "request",
        "question",
        "instruction",
    }


def test_no_pages_make_no_drafts():
    assert plan([], ROBUST) == plan([], PAPER) == []


# --- sections ------------------------------------------------------------------------------------------------------

TEN_WORDS = "the ferry to the island leaves twice a day now"


def cut_always(**rest):
    return WebrParams(section_share=1.0, **rest)


def sections(text, params, draws=300):
    return Counter(section(text, random.Random(seed), params) for seed in range(draws))


def test_a_section_is_a_run_of_whole_paragraphs_from_the_top():
    paragraphs = [f"{number} {TEN_WORDS}" for number in range(4)]
    text = "\n".join(paragraphs)
    found = sections(text, cut_always(min_section_words=1))
    assert set(found) == {"\n".join(paragraphs[: k + 1]) for k in range(4)}
    assert min(found.values()) > 40  # 300 draws over four lengths: 75 each, standard deviation 7.5


def test_a_robust_section_has_enough_words_to_ask_about():
    # A heading of one word, then paragraphs of 10: the shortest section of 21 words has three lines.
    text = "\n".join(["Ferry", *[TEN_WORDS] * 4])
    assert {found.count("\n") for found in sections(text, cut_always(min_section_words=21))} == {2, 3, 4}


def test_a_page_shorter_than_the_least_section_stays_whole():
    assert set(sections("Ferry\nshort", cut_always(min_section_words=21))) == {"Ferry\nshort"}


def test_half_of_the_pages_stay_whole_and_a_cut_may_keep_all_too():
    # P(whole) = 1/2 + 1/2 x 1/4 = .625 for four paragraphs; 2000 draws, standard deviation .011.
    text = "\n\n".join(f"{number} {TEN_WORDS}" for number in range(4))
    whole = sections(text, PAPER, draws=2000)[text]
    assert 0.58 < whole / 2000 < 0.67


def test_the_paper_cuts_at_blank_lines_and_takes_the_hashes_of_headings():
    found = sections("# Ferry\n\n## Times\nat noon", cut_always(mode="paper"))
    assert set(found) == {" Ferry", " Ferry\n\n Times\nat noon"}


def test_the_paper_leaves_a_single_paragraph_as_it_is():
    assert set(sections("# Ferry\nat noon", cut_always(mode="paper"))) == {"# Ferry\nat noon"}


@given(st.text(max_size=60), st.integers(0, 50), st.integers(1, 20))
def test_a_robust_section_is_a_prefix_that_ends_with_a_paragraph(text, seed, least):
    cut = section(text, random.Random(seed), WebrParams(min_section_words=least))
    assert text == cut or text.startswith(cut + "\n")
    assert cut == text or len(cut.split()) >= least


@pytest.mark.parametrize("mode", ["paper", "robust"])
def test_the_same_page_is_cut_the_same_way_twice(pages, mode):
    params = WebrParams(mode=mode)
    assert plan(pages(20), params) == plan(pages(20), params)
