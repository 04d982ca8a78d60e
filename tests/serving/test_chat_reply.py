"""Replies to a client: the response is the content, reasoning stands in a field of its own."""

import pytest

from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.records import Completion, Message, Request
from quintain.serving.chat_reply import ChatReply
from quintain.serving.student import Question


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<think>\nWho?\n</think>\n\nThe mayor.", {"content": "The mayor.", "reasoning_content": "Who?"}),
        ("<think>\nWho", {"content": "", "reasoning_content": "Who"}),
        ("The mayor.", {"content": "The mayor."}),
    ],
)
def test_the_content_is_the_response_alone(tiny_student, text, message):
    request = Request(prompt="p", fields={}, messages=(Message(role="user", content="Who rules?"),))
    question = Question(LocalModel(tiny_student, Sampling(max_new_tokens=1), device="cpu"), request, ())
    completion = Completion(request_id=request.id, text=text, finish_reason="stop")
    (choice,) = ChatReply("student", question).whole([completion])["choices"]
    assert choice["message"] == {"role": "assistant", **message}
