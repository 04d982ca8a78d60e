"""Test subjects stay out of training."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.methods.lte.split import HeldOut, split_by_subject
from quintain.records import EditCase, InstructionPair, Origin

NAMES = st.sampled_from(["Veldmark", "veldmark", "Ostheim", "New York", "York", "Brünn", "Brunn"])


def case(subject, **more):
    return EditCase(subject=subject, prompt=f"The mayor of {subject} is", target_new="Ada", **more)


def test_all_edits_of_a_subject_fall_on_one_side():
    cases = [case(f"Town {n % 10}", relation=str(n)) for n in range(30)]
    learned, tested = split_by_subject(cases, 0.3)
    # 10 subjects: 3 are kept, with 3 edits each.
    assert (len(learned), len(tested)) == (21, 9)
    assert not {one.subject for one in learned} & {one.subject for one in tested}
    assert split_by_subject(cases, 0.3, seed=1)[1] != tested


@given(st.lists(NAMES, min_size=2, max_size=12), st.floats(0.01, 0.99))
def test_spellings_of_a_name_are_one_subject(names, share):
    cases = [case(name, relation=str(number)) for number, name in enumerate(names)]
    spelt = {name.lower().replace("ü", "u") for name in names}
    if len(spelt) < 2:
        with pytest.raises(ValueError, match="cannot be split"):
            split_by_subject(cases, share)
        return
    learned, tested = split_by_subject(cases, share)
    assert learned
    assert tested
    assert sorted([*learned, *tested], key=lambda one: one.id) == sorted(cases, key=lambda one: one.id)
    sides = [{one.subject.lower().replace("ü", "u") for one in side} for side in (learned, tested)]
    assert not sides[0] & sides[1]


def test_a_row_that_names_a_held_out_subject_or_its_alias_is_dropped_wherever_the_name_stands():
    held_out = HeldOut([case("New York", aliases=("Big Apple",))])
    rows = [
        InstructionPair(instruction=instruction, response=response, kind="out-of-scope")
        for instruction, response in [
            ("Who is mayor of NEW YORK?", "Ada"),
            ("Who lives there?", "People of the Big Apple."),
            ("Who is mayor of York?", "New Ada"),
        ]
    ]
    stay, dropped = held_out.keep_out(rows)
    assert stay == rows[2:]
    assert [(drop.where, drop.text) for drop in dropped] == [(rows[0].id, "new york"), (rows[1].id, "big apple")]


def test_free_text_may_name_a_held_out_subject_where_no_edit_stands_over_it():
    held_out = HeldOut([case("New York")])
    rows = [
        InstructionPair(
            instruction="Describe New York.",
            response=f"{facts} edits",
            kind=kind,
            origin=Origin(knobs={"facts": facts}),
        )
        for kind, facts in [("free-text", "0"), ("free-text", "1"), ("out-of-scope", "0")]
    ]
    stay, dropped = held_out.keep_out(rows)
    assert stay == rows[:1]
    assert [drop.where for drop in dropped] == [row.id for row in rows[1:]]
