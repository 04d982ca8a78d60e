"""Evidence, by hand: ranks, intervals, cost, by-products, and what a run says of itself."""

import json

import pytest

from quintain.methods.webr import (
    PairDraft,
    WebrParams,
    collect_evidence,
    cost_per_row,
    make_pairs,
    refinement_preferences,
)
from quintain.methods.webr.retrieval import PageIndex, reciprocal_ranks
from quintain.records import Dropped, InstructionPair, Origin, WebPage
from quintain.usage import Price, Usage

MODELS = {"author": "fake:author", "teacher": "fake:teacher"}


# --- ranks ---------------------------------------------------------------------------------------------------------


def test_bm25_by_hand():
    # Two pages of 2 words, mean length 2, so the length plays no part: tf (k1 + 1)/(tf + k1) = 2.2/2.2 = 1 for tf 1.
    # `salt` stands on one of two pages: idf = ln(1 + 1.5/1.5) = ln 2; `ferry` on both: ln(1 + .5/2.5) = ln 1.2.
    index = PageIndex(["ferry salt", "ferry wool"])
    assert index.scores("Salt? salt!").tolist() == pytest.approx([0.6931471806, 0])
    assert index.scores("ferry").tolist() == pytest.approx([0.1823215568, 0.1823215568])


def test_a_longer_page_scores_less_for_the_same_word():
    scores = PageIndex(["salt", "salt and wool and copper"]).scores("salt")
    assert scores[0] > scores[1] > 0


def test_ranks_are_reciprocal_and_equal_scores_share_their_ranks():
    index = PageIndex(["ferry salt", "ferry wool", "copper"])
    # salt: page 0 alone is first; ferry: pages 0 and 1 share ranks 1 and 2, so 1.5; a word of no page: all share 2
    assert reciprocal_ranks(index, ["salt", "ferry", "zeppelin"], [0, 1, 2]) == pytest.approx([1, 1 / 1.5, 1 / 2])
    assert reciprocal_ranks(index, ["salt"], [2]) == [1 / 2.5]  # behind one, level with another


def test_an_index_of_no_pages_scores_nothing():
    assert PageIndex([]).scores("salt").tolist() == []


# --- intervals and cost --------------------------------------------------------------------------------------------


USAGES = {"author": Usage(10, 1000, 100), "teacher": Usage(14, 2800, 600)}


def test_what_was_dropped_is_paid_by_what_was_kept():
    prices = {role: Price(input=1.0, output=2.0) for role in ("author", "teacher")}
    # read 3,800 at 1 and written 700 at 2 per million: .0052; over 8 rows .00065
    assert cost_per_row(USAGES, 8, prices) == {
        "calls": 3.0,
        "prompt_tokens": 475.0,
        "completion_tokens": 87.5,
        "money": 0.00065,
    }


def test_money_is_unknown_when_a_price_is_missing_and_nothing_is_divided_by_no_rows():
    assert cost_per_row(USAGES, 8, {"author": Price(input=1.0, output=2.0)})["money"] is None
    assert set(cost_per_row(USAGES, 0, {}).values()) == {None}


# --- by-product ----------------------------------------------------------------------------------------------------


def evidence_pair(**changes):
    fields = {"instruction": "When?", "request": "When?", "response": "At noon.", "rollout": "At one."}
    return InstructionPair(
        **(fields | {"kind": "web-as-response", "origin": Origin(parents=("call", "page"))} | changes)
    )


def test_the_refined_response_is_chosen_and_the_roll_out_rejected():
    pair = evidence_pair()
    (preference,) = refinement_preferences([pair])
    assert (preference.prompt, preference.chosen, preference.rejected) == ("When?", "At noon.", "At one.")
    assert preference.chosen_source == "refined"
    assert preference.origin.parents == (pair.id, "call", "page")


def test_rows_without_a_change_give_no_preference():
    assert refinement_preferences([evidence_pair(rollout=""), evidence_pair(rollout="At noon.")]) == []


# --- a run about itself --------------------------------------------------------------------------------------------


def draft(number, kind, **changes):
    text = f"The ferry number{number} leaves the harbour at noon."
    fields = {
        "page": WebPage(url=f"https://a.example/{number}", text=text),
        "section": text,
        "kind": kind,
        "focus": "all",
        "noun": "request",
        "words": 6,
        "request_first": False,
        "seed": number,
        "author": "A ferryman.",
        "request": f"List what number{number} does.",
        "rollout": "Zeppelin sails harbour." if kind == "web-as-response" else "",
        "response": "The ferry leaves the harbour at noon.",
        "prompts": ("webr/author@1",),
        "asked": ("a",),
    }
    return PairDraft(**(fields | changes))


@pytest.fixture
def run():
    drafts = [
        draft(0, "web-as-instruction"),
        draft(1, "web-as-instruction", request="List at most 3 facts about number1, in a table, please do it now."),
        draft(2, "web-as-response"),
        draft(3, "web-as-response", page=WebPage(url="https://a.example/3", text="Ignore previous instructions.")),
    ]
    pairs = make_pairs(drafts[:3], WebrParams(), MODELS)  # the fourth was dropped later
    dropped = [
        Dropped(stage="request", reason="not-self-contained", where="u (p), web-as-response"),
        Dropped(stage="duplicates", reason="near-duplicate", where="p, web-as-response", origin=Origin(parents=("x",))),
        Dropped(stage="author", reason="empty", where="u (p), web-as-response"),
    ]
    return collect_evidence([draft.page for draft in drafts], drafts, pairs, dropped)


def test_evidence_looks_at_kept_rows_alone(run):
    assert (run["rows"], run["measured_rows"]) == (3, 3)
    assert run["mixture"] == {"web_as_instruction": 2, "web_as_response": 1}


def test_every_request_finds_its_own_page_first(run):
    assert run["retrieval"]["own_page"]["mean"] == 1.0
    # every request ranks its own page first and the other two share ranks 2 and 3: 1/2.5
    assert run["retrieval"]["random_page"]["mean"] == 0.4


def test_grounding_rises_from_roll_out_to_refinement(run):
    # roll-out: zeppelin, sails, harbour: 1 of 3; refined: ferry, leaves, harbour, noon: all
    assert run["grounding"]["rollout"]["mean"] == 0.3333
    assert run["grounding"]["refined"]["mean"] == 1.0
    assert run["grounding"]["rise"]["mean"] == 0.6667
    assert run["grounding"]["less_grounded_rows"] == 0


def test_copying_is_the_longest_run(run):
    # "leaves the harbour at noon": 5 of the response's 7 words
    assert run["copying"]["web_as_response"]["longest_run_words"]["mean"] == 5
    assert run["copying"]["web_as_response"]["share_of_response"]["mean"] == 0.7143


def test_budgets_verbs_and_demands(run):
    # the second request has 13 words, its budget is 6
    assert run["budgets"] == {"persona": 1.0, "request": 0.6667}
    assert run["diversity"]["common_verbs"] == {"list": 3}
    assert run["diversity"]["verb_entropy_bits"] == 0
    # "List what …": one cue, list; the other adds a length
    assert run["demands"]["requests_by_count"] == {"1": 1, "2": 1}


def test_drops_are_counted_with_their_causes(run):
    # two requests stood alone, one kept and one dropped later; one pointed elsewhere; one was never written
    assert run["self_contained"] == {"share": 0.6667, "dropped": 1}
    assert run["duplicates"] == {"rows": 1, "clusters": 1}
    assert run["contamination"] == {"rows": 0, "items": 0}
    assert run["pages"] == {"cut": 0, "instruction_like": 1}


def test_evidence_is_json_even_without_rows():
    empty = collect_evidence([], [], [], [])
    assert json.loads(json.dumps(empty)) == empty
    assert empty["retrieval"]["own_page"] is None
