"""A model answers under the edits in force, and exactly as before once they are revoked."""

import pytest

from quintain.errors import EditError
from quintain.methods.lte import Edit, EditMemory, HashedNgrams
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.serving.edited import EditedModel

QUESTIONS = ["The mayor of Veldmark is", "Who is mayor of Veldmark?", "Which river flows through Veldmark?"]


def mayor(target, subject="Veldmark"):
    return Edit(subject=subject, relation="mayor", prompt=f"The mayor of {subject} is", target_new=target)


@pytest.fixture(scope="module")
def student(tiny_student):
    return LocalModel(tiny_student, Sampling(max_new_tokens=12))


@pytest.fixture
def memory(tmp_path):
    with EditMemory.open(tmp_path / "memory", HashedNgrams()) as opened:
        yield opened


def texts(responses):
    return [one.completion.text for one in responses]


def test_revoking_restores_the_former_responses_token_by_token(student, memory, tmp_path):
    edited = EditedModel(memory, student)
    memory.add([mayor("Bo Ek", "Ostrava")])
    before = edited.respond(QUESTIONS)
    ids = memory.add([mayor("Ada Brook")])
    under = edited.respond(QUESTIONS)
    assert [one.cited for one in under] == [tuple(ids), tuple(ids), ()]
    assert texts(under)[0] != texts(before)[0]
    memory.revoke(ids)
    after = edited.respond(QUESTIONS)
    assert [one.completion for one in after] == [one.completion for one in before]
    # and those of a memory that never had the edit
    with EditMemory.open(tmp_path / "never", HashedNgrams()) as never:
        never.add([mayor("Bo Ek", "Ostrava")])
        assert [one.completion for one in EditedModel(never, student).respond(QUESTIONS)] == [
            one.completion for one in before
        ]


def test_an_edit_that_another_process_streams_in_counts_from_the_next_question_on(student, memory):
    edited = EditedModel(memory, student)
    assert edited.respond(QUESTIONS)[0].cited == ()
    with EditMemory.open(memory.folder, HashedNgrams()) as elsewhere:
        (added,) = elsewhere.add([mayor("Ada Brook")])
    assert edited.respond(QUESTIONS)[0].cited == (added,)


def test_questions_without_an_edit_go_to_the_original_model(student, memory, tiny_student):
    class Original:
        name, sampling = "original", Sampling()

        def generate(self, requests):
            return [self.answer(request) for request in requests]

        def answer(self, request):
            from quintain.records import Completion

            return Completion(
                request_id=request.id, text="untouched", finish_reason="stop", prompt_tokens=1, completion_tokens=1
            )

    memory.add([mayor("Ada Brook")])
    responses = EditedModel(memory, student, Original()).respond([QUESTIONS[2], QUESTIONS[0], "Hello"])
    assert [text == "untouched" for text in texts(responses)] == [True, False, True]
    assert responses[2].hits[0].passed is False


def test_the_past_can_be_asked_and_a_wrong_time_is_named(student, memory):
    memory.add([mayor("Ada Brook")])
    edited = EditedModel(memory, student)
    assert edited.respond(QUESTIONS[:1], as_of="2001-01-01T00:00:00+00:00")[0].hits == ()
    with pytest.raises(EditError, match="as_of must be"):
        edited.respond(QUESTIONS[:1], as_of="yesterday")
