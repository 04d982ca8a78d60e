"""Edits go in, come out, change and leave; a question finds what is in force."""

import logging
import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quintain.edit_memory import EditMemory
from quintain.errors import EditError
from quintain.methods.lte import Edit, HashedNgrams
from tests.methods.lte.edits import mayor, passing

QUESTION = "Who is the mayor of Veldmark?"


def test_an_added_edit_answers_the_next_question(memory):
    for number in range(30):
        memory.add([mayor(f"Mayor {number}", f"Town {number}")])
        assert passing(memory.search(f"Who is mayor of Town {number}?")) == [f"Mayor {number}"]
    assert len(memory) == 30


def test_a_memory_that_is_opened_again_holds_the_same(memory, tmp_path):
    edit = mayor(ground_truth=["Bo", "B."], aliases=("Old Veld",), paraphrases=("Who governs Veldmark?",))
    (edit_id,) = memory.add([edit], author="me", source="https://town.example", edit_set="towns")
    with EditMemory.open(tmp_path / "memory", HashedNgrams()) as again:
        (hit,) = again.search(QUESTION)
        (kept,) = again.kept()
    assert (hit.edit, hit.id, hit.passed) == (edit, edit_id, True)
    assert (kept.author, kept.source, kept.edit_set) == ("me", "https://town.example", "towns")


def test_an_empty_memory_finds_nothing(memory):
    assert memory.search(QUESTION) == []
    assert len(memory) == 0
    assert memory.add([]) == []


def test_revoking_gives_the_former_findings_back_exactly(memory):
    memory.add([mayor("Cy Dahl", "Ostheim"), mayor("Di Elm", "Veldmark")])
    before = memory.search(QUESTION)
    ids = memory.add([mayor("Ada Brook"), mayor("Ed Fir", "Nordby")])
    assert passing(memory.search(QUESTION)) == ["Ada Brook"]
    memory.revoke(ids)
    after = memory.search(QUESTION)
    assert [hit._replace(score=0) for hit in after] == [hit._replace(score=0) for hit in before]
    # The cosine of a row may differ in its last bits with the number of rows that are multiplied at once.
    assert [hit.score for hit in after] == pytest.approx([hit.score for hit in before], abs=1e-6)


def test_a_revised_edit_keeps_its_id_and_its_past(memory):
    (edit_id,) = memory.add([mayor("Ada Brook")], edit_set="towns")
    between = time.time()
    memory.revise(edit_id, mayor("Cy Dahl"))
    (now,), (then,) = memory.search(QUESTION), memory.search(QUESTION, as_of=between)
    assert (now.id, now.edit.target_new, now.passed) == (edit_id, "Cy Dahl", True)
    assert (then.id, then.edit.target_new, then.passed) == (edit_id, "Ada Brook", True)
    assert [kept.edit_set for kept in memory.kept()] == ["towns"]


def test_the_past_can_be_asked_in_seconds_datetime_and_text(memory):
    before = time.time() - 1
    ids = memory.add([mayor()])
    during = time.time()
    memory.revoke(ids)
    moment = datetime.fromtimestamp(during, UTC)
    for as_of in (during, moment, moment.isoformat()):
        assert passing(memory.search(QUESTION, as_of=as_of)) == ["Ada Brook"]
    assert memory.search(QUESTION, as_of=before) == []
    assert memory.search(QUESTION) == []


def test_an_edit_that_stands_already_is_not_added_twice_but_comes_back_over_another(memory):
    assert memory.add([mayor("Ada"), mayor("Ada")]) == memory.add([mayor("Ada")]) * 2
    assert len(memory) == 1
    memory.add([mayor("Cy")])
    memory.add([mayor("Ada")])
    assert passing(memory.search(QUESTION)) == ["Ada"]
    assert len(memory) == 3


def test_a_revision_that_contradicts_another_edit_overrides_it_and_says_so(memory, caplog):
    ids = memory.add([mayor("Ada"), mayor("Elv", "Ostheim")])
    with caplog.at_level(logging.WARNING):
        memory.revise(ids[1], mayor("Cy"))
    assert f"edit {ids[1]} (The mayor of Veldmark is → Cy) overrides {ids[0]}" in caplog.text
    assert passing(memory.search(QUESTION)) == ["Cy"]


def test_two_contradicting_edits_of_one_call_are_settled_by_their_order(memory, caplog):
    with caplog.at_level(logging.WARNING):
        memory.add([mayor("Ada"), mayor("Cy")])
    assert passing(memory.search(QUESTION)) == ["Cy"]
    assert "overrides" in caplog.text


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (mayor(subject=" "), "edit 1 .*subject is empty"),
        (mayor(subject="?!"), "holds no letter or digit"),
        (mayor(target=""), "target_new is empty"),
        (Edit(subject="Veldmark", prompt="", target_new="Ada"), "prompt is empty"),
        (mayor(target=None), "target_new is NoneType, not text"),
        (mayor("Ada", ground_truth=("ADA",)), "target_new 'Ada' is the former answer already"),
    ],
)
def test_an_edit_that_cannot_be_kept_is_refused_and_its_whole_call_with_it(memory, edit, message):
    with pytest.raises(EditError, match=message):
        memory.add([mayor("Cy", "Ostheim"), edit])
    assert len(memory) == 0
    (edit_id,) = memory.add([mayor()])
    with pytest.raises(ValueError, match="nothing was changed"):
        memory.revise(edit_id, edit)
    assert passing(memory.search(QUESTION)) == ["Ada Brook"]


def test_ids_that_are_taken_or_unknown_are_refused(memory):
    memory.add([mayor()], ids=["a"])
    with pytest.raises(EditError, match="the id 'a' is taken"):
        memory.add([mayor("Cy")], ids=["a"])
    with pytest.raises(EditError, match="the id 'b' is taken"):
        memory.add([mayor("Cy"), mayor("Cy", "Ostheim")], ids=["b", "b"])
    with pytest.raises(EditError, match="1 ids for 2 edits"):
        memory.add([mayor("Cy"), mayor("Di")], ids=["b"])
    with pytest.raises(EditError, match="no edit in force has the id 'b'"):
        memory.revoke(["a", "b"])
    with pytest.raises(EditError, match="no edit in force has the id 'b'"):
        memory.revise("b", mayor())
    assert len(memory) == 1
    memory.revoke(["a", "a"])
    assert len(memory) == 0


def test_wrong_arguments_are_named(memory, tmp_path):
    with pytest.raises(EditError, match="k must be at least 1, got 0"):
        memory.search(QUESTION, k=0)
    with pytest.raises(EditError, match="as_of must be seconds since 1970, a datetime or an ISO text, got 'soon'"):
        memory.search(QUESTION, as_of="soon")
    with pytest.raises(EditError, match="retrieval must be dense, lexical or fused"):
        EditMemory.open(tmp_path, HashedNgrams(), retrieval="sparse")
    (tmp_path / "file").touch()
    with pytest.raises(EditError, match="cannot hold an edit memory"):
        EditMemory.open(tmp_path / "file", HashedNgrams())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(st.characters(exclude_categories=())), min_size=3, max_size=3))
def test_any_text_is_kept_or_refused_and_never_lost(tmp_path_factory, texts):
    subject, prompt, target = texts
    folder = tmp_path_factory.mktemp("any")
    edit = Edit(subject=subject, prompt=prompt, target_new=target)
    with EditMemory.open(folder, HashedNgrams()) as memory:
        try:
            memory.add([edit])
        except EditError:
            return
    with EditMemory.open(folder, HashedNgrams()) as memory:
        assert memory.search(prompt)[0].edit == edit
        assert memory.verify().repairs == ()


def test_edits_may_be_in_force_since_a_given_time_and_equal_ones_give_equal_heads(tmp_path):
    heads = []
    for name in ("one", "other"):
        with EditMemory.open(tmp_path / name, HashedNgrams()) as memory:
            memory.add([mayor()], at="2020-01-01T00:00:00+00:00")
            assert memory.search(QUESTION, as_of="2019-12-31T00:00:00+00:00") == []
            assert passing(memory.search(QUESTION, as_of="2020-01-02T00:00:00+00:00")) == ["Ada Brook"]
            heads.append(memory.head)
            with pytest.raises(EditError, match="lies before the last act"):
                memory.add([mayor(subject="Ostheim")], at=0)
            assert len(memory) == 1
    assert heads[0] == heads[1]
