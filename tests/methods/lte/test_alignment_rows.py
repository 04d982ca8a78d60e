"""Parallel rows: which prompt, which response, which distractors; and all of it for KnowEdit's own files."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintain.methods.lte import HashedNgrams, Hit, compose
from quintain.methods.lte.alignment_rows import AlignmentRowParams, ask_responses, draft_rows, read_responses
from quintain.methods.lte.edits import edit_of
from quintain.methods.lte.faults import find_faults, without_faults
from quintain.methods.lte.knowedit import read_cases
from quintain.methods.lte.split import HeldOut, split_by_subject
from quintain.records import Completion, EditCase, EditProbe

DATA = Path(__file__).parents[4] / "shared/data/knowedit"
EMBED = HashedNgrams(64)
ALONE = AlignmentRowParams(distractors=(1.0,))


def probe(aspect, prompt, answer):
    return EditProbe(aspect=aspect, prompt=prompt, answers=((answer, answer.upper()),) if answer else ())


def mayor(town="Veldmark", target="Ada", former="Bo", probes=()):
    return EditCase(
        id=town, subject=town, relation="mayor", prompt=f"The mayor of {town} is", target_new=target,
        ground_truth=(former, "B.") if former else (), probes=tuple(probes),
    )  # fmt: skip


def said(drafts, text="said", reason="stop"):
    return [Completion(request_id=one.id, text=text, finish_reason=reason) for one in ask_responses(drafts)]


def laid_out(cases, params=ALONE, instructions=(), text="said"):
    drafts = draft_rows(cases, instructions, params, EMBED)
    rows, dropped = read_responses(drafts, said(drafts, text))
    assert dropped == []
    return [(row.kind, row.instruction, row.response) for row in rows]


def under(case, question, *others):
    hits = [Hit(edit_of(one), 1.0, passed=True) for one in (case, *others)]
    return compose(question, hits).messages[0].content


def test_in_scope_the_target_is_the_response_under_the_edit_and_the_former_one_without():
    case = mayor(probes=[probe("rephrase", "Who rules Veldmark?", "Ada"), probe("reasoning", "Whose dog …?", "Adas")])
    assert laid_out([case]) == [
        ("in-scope", under(case, case.prompt), "Ada"),
        ("in-scope", case.prompt, "Bo"),
        ("in-scope", under(case, "Who rules Veldmark?"), "Ada"),
        ("in-scope", "Who rules Veldmark?", "Bo"),
        # What the question led to before the edit stands in no file.
        ("in-scope", under(case, "Whose dog …?"), "Adas"),
        ("in-scope", "Whose dog …?", "said"),
    ]


def test_out_of_scope_the_response_is_the_same_with_and_without():
    case = mayor(probes=[probe("far", "Who rules Ostheim?", "Cy"), probe("relation-specificity", "Its river?", "")])
    assert laid_out([case])[2:] == [
        ("out-of-scope", under(case, "Who rules Ostheim?"), "Cy"),
        ("out-of-scope", "Who rules Ostheim?", "Cy"),
        ("out-of-scope", under(case, "Its river?"), "said"),
        ("out-of-scope", "Its river?", "said"),
    ]
    # Without a label the model is asked without the edit, once.
    asked = [one.messages[0].content for one in ask_responses(draft_rows([case], [], ALONE, EMBED))]
    assert asked == ["Its river?"]


def test_free_text_is_answered_as_without_an_edit():
    case = mayor()
    assert laid_out([case], AlignmentRowParams(distractors=(1.0,), free_text=5), ["Write a poem."])[2:] == [
        ("free-text", under(case, "Write a poem."), "said"),
        ("free-text", "Write a poem.", "said"),
    ]


def test_free_text_never_stands_under_an_edit_that_changes_it():
    asked = "Tell me about Veldmark. Mention the mayor."
    for seed in range(20):
        params = AlignmentRowParams(distractors=(1.0,), free_text=1, seed=seed)
        drafts = draft_rows([mayor(), mayor("Ostheim")], [asked], params, EMBED)
        (edited,) = [one for one in drafts if one.kind == "free-text" and one.facts]
        assert edited.request.fields["facts"] == ["The mayor of Ostheim is Ada"]
    assert [one for one in draft_rows([mayor()], [asked], params, EMBED) if one.kind == "free-text"] == []


def test_new_knowledge_has_no_former_answer_so_the_model_is_asked():
    assert laid_out([mayor(former="")])[1] == ("in-scope", "The mayor of Veldmark is", "said")


@pytest.mark.parametrize(
    ("text", "reason", "why"), [("x", "length", "length"), (" ", "stop", "empty"), ("", "error", "error")]
)
def test_what_a_model_did_not_answer_whole_is_dropped_with_its_reason(text, reason, why):
    drafts = draft_rows([mayor(former="")], [], ALONE, EMBED)
    rows, dropped = read_responses(drafts, said(drafts, text, reason))
    assert [row.response for row in rows] == ["Ada"]
    assert [(drop.reason, drop.where) for drop in dropped] == [(why, "Veldmark (rewrite)")]


def test_a_row_says_which_edit_and_wording_it_comes_from():
    drafts = draft_rows([mayor()], [], ALONE, EMBED)
    with_edit, without = read_responses(drafts, [])[0]
    assert with_edit.origin.parents == without.origin.parents == ("Veldmark",)
    assert with_edit.origin.prompt.startswith("lte/edited@")
    assert without.origin.prompt.startswith("student/instruction@")
    assert with_edit.origin.knobs == {"aspect": "rewrite", "facts": "1"}


TOWNS = [mayor(name, f"Ada {name[:2]}") for name in "Ahr Bexley Cammin Dolna Elm Fyr Garz Hull Illok Jonk".split()]


@given(st.integers(0, 50), st.sampled_from(["robust", "paper"]))
@settings(deadline=None)
def test_facts_in_prompts_have_the_shares_asked_for_and_the_right_one_is_always_there(seed, mode):
    params = AlignmentRowParams(mode=mode, distractors=(0.0, 0.5, 0.5), seed=seed)
    drafts = [draft for draft in draft_rows(TOWNS, [], params, EMBED) if draft.facts]
    assert {draft.facts for draft in drafts} <= {2, 3}
    for draft, case in zip(drafts, TOWNS, strict=True):
        facts = draft.request.fields["facts"]
        assert len(set(facts)) == len(facts) == draft.facts
        assert edit_of(case).fact in facts
        if mode == "paper":
            assert facts[0] == edit_of(case).fact


def test_the_right_fact_stands_anywhere_unless_the_paper_is_followed():
    places = Counter()
    for seed in range(40):
        drafts = draft_rows(TOWNS, [], AlignmentRowParams(distractors=(0.0, 0.0, 1.0), seed=seed), EMBED)
        places.update(
            draft.request.fields["facts"].index(edit_of(case).fact)
            for draft, case in zip((one for one in drafts if one.facts), TOWNS, strict=True)
        )
    # 400 draws over 3 places: 133 each, four standard deviations are 38.
    assert all(95 < places[place] < 171 for place in range(3))


def test_rows_do_not_hang_on_how_a_machine_rounds():
    noise = np.random.default_rng(0)

    def all_alike(texts):
        return np.full((len(texts), 4), 0.5, np.float32)

    def rounded_otherwise(texts):
        return (all_alike(texts) + 1e-6 * noise.standard_normal((len(texts), 4))).astype(np.float32)

    params = AlignmentRowParams(distractors=(0.0, 0.0, 1.0))
    assert draft_rows(TOWNS, [], params, rounded_otherwise) == draft_rows(TOWNS, [], params, all_alike)


def test_edits_of_the_same_subject_are_distractors_unless_the_paper_is_followed():
    def river(town):
        return EditCase(id=f"{town}/r", subject=town, prompt=f"The river of {town} is", target_new="Elv")

    cases = [mayor("Veldmark"), river("Veldmark"), mayor("Ostheim", "Cy"), river("Ostheim")]

    def partners(mode):
        params = AlignmentRowParams(mode=mode, distractors=(0.0, 1.0))
        found = set()
        for seed in range(20):
            drafts = draft_rows(cases, [], AlignmentRowParams(**{**vars(params), "seed": seed}), EMBED)
            found |= {fact for draft in drafts[:1] for fact in draft.request.fields["facts"]}
        return found - {"The mayor of Veldmark is Ada"}

    assert "The river of Veldmark is Elv" in partners("robust")
    assert partners("paper") == {"The mayor of Ostheim is Cy", "The river of Ostheim is Elv"}


def test_a_question_of_two_hops_has_what_a_memory_would_find_beside_its_edit():
    question = "What is the trade of the mayor of Veldmark?"
    asked = mayor("Veldmark", probes=[probe("reasoning", question, "baker")])
    trade = EditCase(id="t", subject="Veldmark", prompt="The trade of Veldmark is", target_new="salt")
    river = EditCase(id="r", subject="Veldmark", prompt="The river of Veldmark is", target_new="Elv")
    for seed in range(10):
        drafts = draft_rows(
            [asked, river, trade, *TOWNS], [], AlignmentRowParams(distractors=(0.0, 1.0), seed=seed), EMBED
        )
        (hops,) = [draft for draft in drafts if draft.aspect == "reasoning" and draft.facts]
        assert set(hops.request.fields["facts"]) == {"The mayor of Veldmark is Ada", "The trade of Veldmark is salt"}
        (plain,) = [draft for draft in drafts if draft.aspect == "reasoning" and not draft.facts]
        assert plain.response == ""


def test_no_distractor_answers_the_question():
    asks_other = mayor("Veldmark", probes=[probe("far", "Who is the mayor of Ostheim?", "Bo")])
    cases = [asks_other, mayor("Ostheim", "Cy"), mayor("Nordheim", "Di")]
    for seed in range(20):
        drafts = draft_rows(cases, [], AlignmentRowParams(distractors=(0.0, 1.0), seed=seed), EMBED)
        (far,) = [draft for draft in drafts if draft.aspect == "far" and draft.facts]
        assert set(far.request.fields["facts"]) == {"The mayor of Veldmark is Ada", "The mayor of Nordheim is Di"}


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        ({"mode": "loose"}, "mode must be one of robust, paper"),
        ({"distractors": (0.5, 0.4)}, "distractors must be shares that add up to 1"),
        ({"distractors": ()}, "distractors must be of one item at least"),
        ({"distractors": (0,) * 6 + (1.0,)}, "at most 5 distractors"),
    ],
)
def test_settings_that_make_no_sense_are_named(settings_, message):
    with pytest.raises(ValueError, match=message):
        AlignmentRowParams(**settings_)


@pytest.mark.parametrize("name", ["ZsRE-test-all.json", "train_cf.json", "recent_train.json", "wikibio-test-all.json"])
def test_rows_of_knowedit_are_whole_and_name_no_held_out_subject(name):
    if not (DATA / name).exists():
        pytest.skip(f"{DATA / name} is not on this machine")
    cases = read_cases(name, json.loads((DATA / name).read_text(encoding="utf-8")))[:200]
    learned, tested = split_by_subject(without_faults(cases, find_faults(cases)), 0.3)
    drafts = draft_rows(learned, [], AlignmentRowParams(), EMBED)
    rows, dropped = read_responses(drafts, said(drafts))
    assert dropped == []
    kinds = Counter(row.kind for row in rows)
    assert kinds["in-scope"] > 0
    assert kinds["out-of-scope"] > 0
    held_out = HeldOut(tested)
    stay, named = held_out.keep_out(rows)
    assert len(stay) + len(named) == len(rows)
    assert not any(held_out.named_in(f"{row.instruction}\n{row.response}") for row in stay)
    # Every label is a spelling that the file has, every prompt one that a memory composes.
    labels = {case.target_new for case in learned} | {"said"}
    labels |= {answer for case in learned for answer in case.ground_truth}
    labels |= {one for case in learned for each in case.probes for answer in each.answers for one in answer}
    assert {row.response for row in rows} <= labels
