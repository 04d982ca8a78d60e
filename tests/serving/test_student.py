"""A chat's last turn goes under the edits in force in every memory, and is as before once they are revoked."""

import pytest

from quintain.edit_memory import EditMemory
from quintain.errors import EditError
from quintain.methods.lte import Edit, HashedNgrams, compose
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.prompts import request
from quintain.records import Message
from quintain.serving.student import Student

MAYOR = "Who is mayor of Veldmark?"
QUESTIONS = ["The mayor of Veldmark is", MAYOR, "Which river flows through Veldmark?"]


def edit(target, subject="Veldmark"):
    return Edit(subject=subject, relation="mayor", prompt=f"The mayor of {subject} is", target_new=target)


def cited(responses):
    return [[hit.id for hit in question.edits] for question, _ in responses]


def said(responses):
    return [completion for _, completion in responses]


def user(text):
    return Message(role="user", content=text)


@pytest.fixture(scope="module")
def model(tiny_student):
    return LocalModel(tiny_student, Sampling(max_new_tokens=12))


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


def test_revoking_restores_the_former_responses_token_by_token(model, memories):
    memory, never = memories
    for one in memories:
        one.add([edit("Bo Ek", "Ostrava")])
    student = Student("tiny", model, (memory,))
    before = student.respond(QUESTIONS)
    ids = memory.add([edit("Ada Brook")])
    under = student.respond(QUESTIONS)
    assert cited(under) == [ids, ids, []]
    assert said(under)[0].text != said(before)[0].text
    memory.revoke(ids)
    assert said(student.respond(QUESTIONS)) == said(before)
    # and those of a memory that never had the edit
    assert said(Student("tiny", model, (never,)).respond(QUESTIONS)) == said(before)


def test_an_edit_that_another_process_streams_in_counts_from_the_next_question_on(model, memories):
    student = Student("tiny", model, (memories[0],))
    assert cited(student.respond([MAYOR])) == [[]]
    with EditMemory.open(memories[0].folder, HashedNgrams()) as elsewhere:
        ids = elsewhere.add([edit("Ada Brook")])
    assert cited(student.respond([MAYOR])) == [ids]


def test_responses_come_in_the_order_of_the_questions_whoever_answers(model, tiny_student, memories):
    original = LocalModel(tiny_student, Sampling(max_new_tokens=3))
    memories[0].add([edit("Ada Brook")])
    responses = Student("tiny", model, (memories[0],), original).respond([QUESTIONS[2], MAYOR, "Hello"])
    assert [question.model is original for question, _ in responses] == [True, False, True]
    assert all(completion.request_id == question.request.id for question, completion in responses)
    assert responses[2][0].hits[0].passed is False


def test_the_past_can_be_asked_and_a_wrong_time_is_named(model, memories):
    memories[0].add([edit("Ada Brook")])
    student = Student("tiny", model, (memories[0],))
    ((question, _),) = student.respond([MAYOR], as_of="2001-01-01T00:00:00+00:00")
    assert question.hits == ()
    with pytest.raises(EditError, match="as_of must be"):
        student.respond([MAYOR], as_of="yesterday")
