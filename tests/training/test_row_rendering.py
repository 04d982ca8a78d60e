"""Every chat template trains: a row is what the student is asked with, then what it writes, an end token last."""

import pytest

from quintain.errors import ModelError, RecordError
from quintain.models.reasoning_style import reasoning_style
from quintain.reasoning import tell_apart
from quintain.training.row_rendering import encoder_of, render_row, turns_of
from tests.chat_tokenizers import KINDS
from tests.templates import OWN, names, tokenizer_for

NAMES = names()
RESPONSES = (
    "Paris, of course.",
    "\n\n  Paris\n\nand Lyon \n",
    "Use the </think> tag to end, and <think> to begin.",
    "```\n<think>\nplan\n</think>\n```\nis how it looks. <|channel|> [THINK] <|im_end|>",
    "1",
)


def chat(*contents, system=""):
    roles = ("user", "assistant")
    turns = [{"role": roles[place % 2], "content": text} for place, text in enumerate(contents)]
    return [*([{"role": "system", "content": system}] if system else []), *turns]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("response", RESPONSES)
def test_a_response_is_learned_word_for_word_behind_the_prompt_of_generation(name, response):
    tokenizer = tokenizer_for(name)
    encoder = encoder_of(tokenizer)
    row = render_row(encoder, chat("What is the capital?", response))
    assert row.reason == ""
    assert list(row.prompt_ids) == encoder.chats.chat(chat("What is the capital?"), add_generation_prompt=True)
    assert response.strip() in row.learned
    assert row.learned_ids[-1] == tokenizer.eos_token_id
    assert tokenizer.decode(row.prompt_ids) == row.prompt
    assert tokenizer.decode(row.learned_ids) == row.learned


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("keep_reasoning", [False, True])
def test_what_a_student_learned_to_write_is_read_back_as_its_response(name, keep_reasoning):
    tokenizer = tokenizer_for(name)
    encoder = encoder_of(tokenizer)
    said = "<think>\nFirst I count the towns.\n</think>\n\nParis, of course."
    row = render_row(encoder, chat("What is the capital?", said), keep_reasoning=keep_reasoning)
    assert row.reasoning == "First I count the towns."
    assert (row.reasoning in row.learned) == keep_reasoning
    style = reasoning_style(encoder.chats.renderer)
    written = style.written(encoder.chats.decoder(style.marks)(list(row.learned_ids[:-1])))
    told = tell_apart(written)
    assert told.response.strip() == "Paris, of course."
    assert told.reasoning == (row.reasoning if keep_reasoning else "")
