"""Ask and read: the six questions, what each shows to the model, and where each answer goes."""

import pytest

from quintain.methods.webr import (
    STAGES,
    WebrParams,
    ask_author,
    ask_refinement,
    ask_request,
    ask_response,
    plan,
    read_author,
    read_refinement,
    read_request,
    read_response,
)

PARAMS = WebrParams()


def prompt(request):
    return request.prompt.partition("@")[0]


def of_kind(items, kind):
    return [item for item in items if item.kind == kind]


@pytest.fixture
def drafts(pages):
    """Nine drafts, six of them web-as-instruction."""
    return plan(pages(9), PARAMS)


def walked(drafts, answered, params=PARAMS):
    """Take drafts through the first three questions."""
    drafts = read_author(drafts, answered(ask_author(drafts, params), "A ferryman."), params).drafts
    drafts = read_request(drafts, answered(ask_request(drafts), "What leaves at noon?"), params).drafts
    return read_response(drafts, answered(ask_response(drafts, params), "The ferry."), params).drafts


def test_the_author_is_asked_with_the_section_alone(drafts):
    requests = ask_author(drafts, PARAMS)
    assert {prompt(request) for request in requests} == {"webr/author"}
    assert [request.fields for request in requests] == [{"page": draft.section} for draft in drafts]


def test_the_paper_shows_the_author_question_the_whole_page(pages):
    params = WebrParams(mode="paper", section_share=1.0)
    drafts = plan(pages(9), params)
    assert [request.fields["page"] for request in ask_author(drafts, params)] == [draft.page.text for draft in drafts]


def test_requests_are_asked_by_kind_with_all_knobs(drafts, answered):
    drafts = read_author(drafts, answered(ask_author(drafts, PARAMS), "A ferryman."), PARAMS).drafts
    requests = ask_request(drafts)
    for draft, request in zip(drafts, requests, strict=True):
        name = "instruction" if draft.kind == "web-as-instruction" else "response"
        assert prompt(request) == f"webr/{name}_request"
        assert request.fields == {
            "page": draft.section,
            "author": "A ferryman.",
            "noun": draft.noun,
            "words": draft.words,
            "focus": draft.focus,
        }


def test_material_is_answered_with_the_page_and_evidence_without(drafts, answered):
    drafts = read_author(drafts, answered(ask_author(drafts, PARAMS), "A ferryman."), PARAMS).drafts
    drafts = read_request(drafts, answered(ask_request(drafts), "What leaves?"), PARAMS).drafts
    for draft, request in zip(drafts, ask_response(drafts, PARAMS), strict=True):
        if draft.kind == "web-as-instruction":
            assert prompt(request) == "webr/instruction_response"
            assert request.fields == {
                "page": draft.section,
                "request": "What leaves?",
                "request_first": draft.request_first,
            }
        else:
            assert prompt(request) == "webr/response_rollout"
            assert request.fields == {"request": "What leaves?"}


def test_only_evidence_is_refined_and_the_roll_out_is_kept(drafts, answered):
    drafts = walked(drafts, answered)
    requests = ask_refinement(drafts)
    evidence = of_kind(drafts, "web-as-response")
    assert len(requests) == len(evidence) == 3
    assert [request.fields for request in requests] == [
        {"page": draft.section, "request": "What leaves at noon?", "response": "The ferry."} for draft in evidence
    ]
    refined, dropped = read_refinement(drafts, answered(requests, "The ferry to the island."), PARAMS)
    assert dropped == []
    assert [draft.page.id for draft in refined] == [draft.page.id for draft in drafts]
    assert {(draft.rollout, draft.response) for draft in of_kind(refined, "web-as-response")} == {
        ("The ferry.", "The ferry to the island.")
    }
    assert {(draft.rollout, draft.response) for draft in of_kind(refined, "web-as-instruction")} == {("", "The ferry.")}


def test_three_calls_make_a_row_of_material_and_four_a_row_of_evidence(drafts, answered):
    drafts = walked(drafts, answered)
    drafts, _ = read_refinement(drafts, answered(ask_refinement(drafts), "The ferry."), PARAMS)
    assert {(draft.kind, len(draft.asked), len(draft.prompts)) for draft in drafts} == {
        ("web-as-instruction", 3, 3),
        ("web-as-response", 4, 4),
    }


def test_every_fault_drops_its_draft_with_stage_reason_page_and_text(drafts, answered):
    completions = answered(ask_author(drafts, PARAMS), "A ferryman.")
    completions[2:4] = answered(ask_author(drafts[2:4], PARAMS), "I'm sorry.")
    completions[5:6] = answered(ask_author(drafts[5:6], PARAMS), "A ferry", "length")
    alive, dropped = read_author(drafts, completions, PARAMS)
    assert [draft.page for draft in alive] == [draft.page for i, draft in enumerate(drafts) if i not in (2, 3, 5)]
    assert [(drop.stage, drop.reason, drop.text) for drop in dropped] == [
        ("author", "refusal", "I'm sorry."),
        ("author", "refusal", "I'm sorry."),
        ("author", "truncated", "A ferry"),
    ]
    assert drafts[2].page.url in dropped[0].where
    assert {drop.stage for drop in dropped} <= set(STAGES)


def test_a_refinement_that_fails_takes_its_own_row_only(drafts, answered):
    drafts = walked(drafts, answered)
    requests = ask_refinement(drafts)
    completions = [*answered(requests[:1], ""), *answered(requests[1:], "Better.")]
    alive, dropped = read_refinement(drafts, completions, PARAMS)
    assert len(alive) == 8
    assert [(drop.stage, drop.reason) for drop in dropped] == [("refinement", "empty")]
    assert of_kind(drafts, "web-as-response")[0].page.id not in {draft.page.id for draft in alive}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('  "When does the ferry leave?"\n', "When does the ferry leave?"),
        ("“When?”", "When?"),
        ('"Noon" or "one"?', '"Noon" or "one"?'),
        ("Here is a request: list the ferries.\n\nIn a table.", "Here is a request: list the ferries.\n\nIn a table."),
    ],
)
def test_a_request_loses_quotation_marks_around_it_and_nothing_else(drafts, answered, written, read):
    requests = answered(ask_author(drafts, PARAMS), written)
    assert {draft.request for draft in read_request(drafts, requests, PARAMS).drafts} == {read}


def test_an_answer_that_speaks_of_an_improved_answer_is_kept_whole(drafts, answered):
    # The released code deletes everything up to the first blank line when these words occur anywhere.
    text = "The improved answer of the ferry company was short."
    drafts = walked(drafts, answered)
    alive, _ = read_refinement(drafts, answered(ask_refinement(drafts), text), PARAMS)
    assert {draft.response for draft in of_kind(alive, "web-as-response")} == {text}


def test_completions_that_do_not_belong_to_the_drafts_are_noticed(drafts, answered):
    with pytest.raises(ValueError, match="shorter"):
        read_author(drafts, answered(ask_author(drafts, PARAMS), "A ferryman.")[1:], PARAMS)


def test_no_reasoning_gets_into_a_draft(drafts, answered):
    thought = "<think>\nA ferryman wrote it.\n</think>\n\nA ferryman."
    read = read_author(drafts, answered(ask_author(drafts, PARAMS), thought), PARAMS)
    assert {draft.author for draft in read.drafts} == {"A ferryman."}
    cut = read_author(drafts, answered(ask_author(drafts, PARAMS), "<think>\nA ferryman"), PARAMS)
    assert {one.reason for one in cut.dropped} == {"trace"}
