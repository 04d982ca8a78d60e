"""A chat to MLflow's /invocations: the body of a chat completion, answered as `quintain serve` answers it."""

import functools
from typing import Any, TypeVar

from pydantic import ValidationError

from quintain.models.calls import Call
from quintain.serving.chat_reply import ChatReply
from quintain.serving.chat_request import ChatRequest, fault
from quintain.serving.json_body import Body, Refused
from quintain.serving.student import Student

Pointer = TypeVar("Pointer", bound=type[Any])


def complete_chat(student: Student, body: Body) -> Body:
    """Answer one chat.

    Args:
        student: Who answers.
        body: `messages`, and how to complete them.

    Returns:
        A `chat.completion`.

    Raises:
        ValueError: The body asks for what cannot be honoured, or the model cannot take the chat.
    """
    try:
        asked = ChatRequest.model_validate(body)
    except ValidationError as error:
        raise ValueError(fault(error.errors()[0])[0]) from None
    question = student.question(asked.chat)
    sampling, stop = asked.sampling(student.model.sampling), tuple(asked.stop)
    calls = [Call(request=request, sampling=sampling, stop=stop) for request in question.samples(asked.n)]
    try:
        return ChatReply(student.name, question).whole(question.model.answer(calls))
    except Refused as error:
        raise ValueError(str(error)) from None


def takes_chats(pointer: Pointer) -> Pointer:
    """Let the `predict` of a registered model with a `student` take one chat beside its list of instructions.

    MLflow hands a body with `messages` over as it came, and then refuses it, for it is no list.
    """
    of_instructions = pointer.predict

    @functools.wraps(of_instructions)
    def predict(self: Any, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        from mlflow.exceptions import MlflowException

        if not (isinstance(model_input, dict) and "messages" in model_input):
            return of_instructions(self, model_input, params)
        # MLflow takes what is a parameter of instructions out of the body, and fills in empty ones.
        taken_out = {name: value for name, value in (params or {}).items() if value}
        try:
            return complete_chat(self.student, model_input | taken_out)
        except ValueError as error:
            raise MlflowException.invalid_parameter_value(str(error)) from None

    pointer.predict = predict
    return pointer
