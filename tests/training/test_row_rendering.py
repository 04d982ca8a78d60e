"""Every chat template trains: a row is what the student is asked with, then what it writes, an end token last."""

import pytest

from quintain.training.row_rendering import encoder_of, render_row
from tests.templates import names, tokenizer_for


def chat(*contents, system=""):
    roles = ("user", "assistant")
    turns = [{"role": roles[place % 2], "content": text} for place, text in enumerate(contents)]
    return [*([{"role": "system", "content": system}] if system else []), *turns]


@pytest.mark.parametrize("name", names())
def test_it(name):
    tokenizer = tokenizer_for(name)
    row = render_row(encoder_of(tokenizer), chat("What is the capital?", "Paris, of course."))
    print(repr(row.reason), repr(row.prompt[-60:]), "→", repr(row.learned))
