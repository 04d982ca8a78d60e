"""Pairs: the user turn, the way back to the page, duplicates, mixture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.methods.webr import (
    PairDraft,
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
from quintain.prompts import fingerprint
from quintain.records import InstructionPair, WebPage

PARAMS = WebrParams()
MODELS = {"author": "fake:author", "teacher": "fake:teacher"}


def draft(kind="web-as-instruction", **changes):
    fields = {
        "page": WebPage(url="https://a.example", text="The page.\nIts end."),
        "section": "The page.",
        "kind": kind,
        "focus": "all",
        "noun": "request",
        "words": 50,
        "request_first": False,
        "seed": 7,
        "request": "Shorten it.",
        "response": "A page.",
        "prompts": ("webr/author@1", "webr/x@2"),
        "asked": ("first", "second"),
    }
    return PairDraft(**(fields | changes))


def pair(kind, number, page="p"):
    return InstructionPair(instruction=f"i{number}", response="r", kind=kind, page_id=page, request=f"q{number}")


# --- the pair ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_first", "instruction"),
    [(False, "The page.\n\nShorten it."), (True, "Shorten it.\n\nThe page.")],
)
def test_section_and_request_stand_in_the_drawn_order_with_a_blank_line_between(request_first, instruction):
    (made,) = make_pairs([draft(request_first=request_first)], PARAMS, MODELS)
    assert made.instruction == instruction
    assert made.origin.knobs["order"] == ("request, page" if request_first else "page, request")


def test_the_user_turn_of_evidence_is_the_request_alone():
    (made,) = make_pairs([draft("web-as-response", rollout="Some page.")], PARAMS, MODELS)
    assert (made.instruction, made.response, made.rollout) == ("Shorten it.", "A page.", "Some page.")
    assert "order" not in made.origin.knobs


def test_a_pair_leads_back_over_every_call_to_its_page(pages, answered):
    drafts = plan(pages(3), PARAMS)
    asked = [ask_author(drafts, PARAMS)]
    drafts, _ = read_author(drafts, answered(asked[-1], "A ferryman."), PARAMS)
    asked.append(ask_request(drafts))
    drafts, _ = read_request(drafts, answered(asked[-1], lambda request: f"Ask {request.id}."), PARAMS)
    asked.append(ask_response(drafts, PARAMS))
    drafts, _ = read_response(drafts, answered(asked[-1], "It leaves."), PARAMS)
    asked.append(ask_refinement(drafts))
    drafts, _ = read_refinement(drafts, answered(asked[-1], "It leaves at noon."), PARAMS)
    pairs = make_pairs(drafts, PARAMS, MODELS)

    at = next(i for i, made in enumerate(pairs) if made.kind == "web-as-response")
    evidence, source = pairs[at], drafts[at].page
    assert evidence.origin.parents == (asked[3][0].id, *(asked[step][at].id for step in (2, 1, 0)), source.id)
    assert evidence.origin.prompt == fingerprint("webr/response_refinement")
    assert evidence.origin.model == "fake:teacher"
    assert evidence.origin.seed == drafts[at].seed
    assert evidence.origin.knobs == {
        "mode": "robust",
        "section": f"{len(drafts[at].section)} of {len(source.text)} characters",
        "focus": drafts[at].focus,
        "noun": drafts[at].noun,
        "words": str(drafts[at].words),
        "author": "A ferryman.",
        "author_model": "fake:author",
        "prompts": " ".join(
            fingerprint(f"webr/{name}")
            for name in ("author", "response_request", "response_rollout", "response_refinement")
        ),
        "rollout_grounding": "0.0000",  # leaves is not on the page
        "grounding": "0.0000",
    }
    assert evidence.page_id == source.id
    assert source.text[: int(evidence.origin.knobs["section"].split()[0])] == drafts[at].section


# --- duplicates ----------------------------------------------------------------------------------------------------


def test_the_first_of_a_cluster_stays_and_the_others_name_it():
    pairs = [pair("web-as-instruction", i) for i in range(4)]
    kept, dropped = drop_duplicates(pairs, [0, 1, 0, 2])
    assert kept == [pairs[0], pairs[1], pairs[3]]
    assert [(drop.stage, drop.reason) for drop in dropped] == [("duplicates", "near-duplicate")]
    assert dropped[0].text == f"asks the same as pair {pairs[0].id}: q2"
    assert pairs[2].id in dropped[0].where


def test_kinds_do_not_shadow_each_other():
    pairs = [pair("web-as-instruction", 0), pair("web-as-response", 0)]
    assert drop_duplicates(pairs, [0, 0]).pairs == pairs


# --- mixture -------------------------------------------------------------------------------------------------------


def pairs_of(as_instruction, as_response):
    return [
        *(pair("web-as-instruction", i) for i in range(as_instruction)),
        *(pair("web-as-response", i) for i in range(as_response)),
    ]


def counts(pairs):
    return tuple(sum(made.kind == kind for made in pairs) for kind in ("web-as-instruction", "web-as-response"))


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ((300, 150), (300, 150)),
        ((200, 150), (200, 100)),
        ((300, 100), (201, 100)),  # 301 rows: round(200.67) = 201
        ((1, 0), (1, 0)),  # one row: round(.67) = 1
        ((0, 1), (0, 0)),  # one row would have to be the other kind
        ((2, 5), (2, 1)),
        ((0, 0), (0, 0)),
    ],
)
def test_the_largest_set_that_holds_two_to_one_is_kept(found, wanted):
    kept, dropped = hold_mixture(pairs_of(*found), PARAMS)
    assert counts(kept) == wanted
    assert len(kept) + len(dropped) == sum(found)
    assert {(drop.stage, drop.reason) for drop in dropped} <= {("mixture", "surplus")}


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 4), st.integers(1, 4))
def test_the_mixture_holds_within_one_row_at_any_size(as_instruction, as_response, parts, others):
    params = WebrParams(as_instruction=parts, as_response=others)
    kept = hold_mixture(pairs_of(as_instruction, as_response), params).pairs
    assert abs(counts(kept)[0] - len(kept) * params.instruction_share) <= 0.5 + 1e-9


def test_what_is_set_aside_does_not_depend_on_the_order():
    pairs = pairs_of(20, 3)
    assert hold_mixture(pairs, PARAMS).pairs == hold_mixture(pairs[::-1], PARAMS).pairs[::-1]


def test_pairs_that_stay_keep_their_order():
    pairs = pairs_of(20, 3)
    kept = hold_mixture(pairs, PARAMS).pairs
    assert kept == [made for made in pairs if made in kept]


def test_the_paper_keeps_whatever_the_filters_left():
    pairs = pairs_of(20, 3)
    assert hold_mixture(pairs, WebrParams(mode="paper")).pairs == pairs
