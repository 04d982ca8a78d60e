"""A model that says what it was asked in capitals, and requests for it."""

from quintain.models.language_model import Sampling
from quintain.prompts import request
from quintain.records import Completion


class Echo:
    """Answers with the instruction in capitals and counts what reaches it."""

    name = "test:echo@1"

    def __init__(self, sampling=None, fail_on=""):
        self.sampling = sampling or Sampling()
        self.seen = []
        self._fail_on = fail_on

    def generate(self, requests):
        self.seen += [one.fields["instruction"] for one in requests]
        return [
            Completion(
                request_id=one.id,
                text=one.fields["instruction"].upper(),
                finish_reason="error" if one.fields["instruction"] == self._fail_on else "stop",
                prompt_tokens=2,
                completion_tokens=3,
            )
            for one in requests
        ]


def ask(*instructions, sample=0):
    return [request("student/instruction", {"instruction": text}, sample=sample) for text in instructions]


def texts(completions):
    return [completion.text for completion in completions]
