"""A chat's last turn goes under the edits of every memory."""

import pytest

from quintain.methods.lte import Edit, EditMemory, HashedNgrams, compose
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.prompts import request
from quintain.records import Message
from quintain.serving.student import Student

MAYOR = "Who is mayor of Veldmark?"


def edit(target):
    return Edit(subject="Veldmark", relation="mayor", prompt="The mayor of Veldmark is", target_new=target)


def user(text):
    return Message(role="user", content=text)


@pytest.fixture(scope="module")
def model(tiny_student):
    return LocalModel(tiny_student, Sampling(max_new_tokens=4))


@pytest.fixture
def memories(tmp_path):
    opened = [EditMemory.open(tmp_path / name, HashedNgrams()) for name in ("live", "carried")]
    yield opened
    for memory in opened:
        memory.close()


def test_one_turn_is_asked_as_any_pipeline_asks_it(model, memories):
    student = Student("tiny", model, tuple(memories))
    assert student.question([user("Hello")]).request == request("student/instruction", {"instruction": "Hello"})
    memories[1].add([edit("Ada Brook")])
    question = student.question([user(MAYOR)])
    assert question.request == compose(MAYOR, memories[1].search(MAYOR))
    assert [hit.edit.target_new for hit in question.edits] == ["Ada Brook"]


def test_the_first_memory_hides_edits_of_the_same_slot_in_later_ones(model, memories):
    live, carried = memories
    carried.add([edit("Ada Brook")])
    live.add([edit("Cy Dahl")])
    question = Student("tiny", model, (live, carried)).question([user(MAYOR)])
    assert [hit.edit.target_new for hit in question.edits] == ["Cy Dahl"]
    assert "Ada" not in question.request.messages[-1].content


def test_earlier_turns_stay_as_they_were_said(model, memories):
    memories[0].add([edit("Ada Brook")])
    earlier = [user(MAYOR), Message(role="assistant", content="Bo.")]
    question = Student("tiny", model, tuple(memories)).question([*earlier, user("Sure? " + MAYOR)])
    assert list(question.request.messages[:2]) == earlier
    assert "Updated information" in question.request.messages[2].content
    first, second = question.samples(2)
    assert len({question.request.id, second.id}) == 2
    assert first.id == question.request.id


def test_the_original_model_answers_what_no_edit_is_about(model, tiny_student, memories):
    original = LocalModel(tiny_student, Sampling())
    memories[0].add([edit("Ada Brook")])
    student = Student("tiny", model, tuple(memories), original)
    assert student.question([user(MAYOR)]).model is model
    assert student.question([user("Hello")]).model is original
