"""Pages, and a model whose answers a test decides."""

import pytest

from quintain.records import Completion, WebPage

PARAGRAPHS = [f"Paragraph {number} tells of the harbour, the ferry and the salt in ten words." for number in range(6)]


@pytest.fixture
def pages():
    return make_pages


def make_pages(count, paragraphs=PARAGRAPHS):
    return [WebPage(url=f"https://a.example/{i}", text="\n".join([f"Page {i}", *paragraphs])) for i in range(count)]


@pytest.fixture
def answered():
    """Completions for requests: `answered(requests, text)`, the text a string or a function of the request."""

    def complete(requests, text, finish_reason="stop"):
        return [
            Completion(
                request_id=request.id,
                text=text(request) if callable(text) else text,
                finish_reason=finish_reason,
            )
            for request in requests
        ]

    return complete
