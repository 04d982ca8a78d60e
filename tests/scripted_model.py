"""A model that says what a test wants it to say."""

from collections.abc import Callable

from quintain.models.language_model import Sampling
from quintain.records import Completion, Request


class Scripted:
    """A model that says one thing, or what a function of the request says."""

    name = "scripted:test"
    sampling = Sampling()

    def __init__(self, text: str | Callable[[Request], str]) -> None:
        self._text = text

    def generate(self, requests):
        return [
            Completion(
                request_id=request.id,
                text=self._text(request) if callable(self._text) else self._text,
                finish_reason="stop",
                prompt_tokens=10,
                completion_tokens=3,
            )
            for request in requests
        ]
