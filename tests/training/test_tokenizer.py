"""A tokenizer for a small world: names whole, any text back, one chat template for training and use."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.almanac.corpus import lexicon, passages
from quintain.almanac.world import WorldParams, make_world
from quintain.errors import ConfigError
from quintain.training.passages import sequences
from quintain.training.tokenizer import train_tokenizer

WORLD = make_world(WorldParams(towns=12, fresh_towns=6, persons=10, rivers=3, regions=3, years=8))


def texts():
    said = (f"{p.instruction}\n{p.text}" for p in itertools.islice(passages(WORLD, 0.5, seed=1), 800))
    return [*said, *list(lexicon(WORLD)) * 3]


TOKENIZER = train_tokenizer(texts(), WORLD.names, vocab_size=1200, context_tokens=256)


def test_every_name_is_one_token_at_a_line_start_and_inside_a_sentence():
    for name in WORLD.names:
        inside = TOKENIZER.encode(f"of {name}", add_special_tokens=False)
        first = TOKENIZER.encode(f"so\n{name}", add_special_tokens=False)
        assert inside[-1] == first[-1] == TOKENIZER.encode(name, add_special_tokens=False)[-1]


@given(st.text(max_size=120).filter(lambda text: text == text.strip(" ") and "\n " not in text))
def test_any_text_comes_back(text):
    assert TOKENIZER.decode(TOKENIZER.encode(text, add_special_tokens=False)) == text


def test_a_prompt_is_the_beginning_of_the_chat_it_opens():
    user = [{"role": "user", "content": "Hello."}]
    prompt = TOKENIZER.apply_chat_template(user, add_generation_prompt=True, return_dict=False)
    chat = TOKENIZER.apply_chat_template([*user, {"role": "assistant", "content": "Hi."}], return_dict=False)
    assert chat[: len(prompt)] == prompt
    assert chat[-1] == TOKENIZER.eos_token_id
    assert chat.count(TOKENIZER.bos_token_id) == 1


def test_pre_training_sees_chats_exactly_as_they_will_be_asked():
    chat = TOKENIZER.apply_chat_template(
        [{"role": "user", "content": "Describe it."}, {"role": "assistant", "content": "It is old."}], return_dict=False
    )
    document = [TOKENIZER.bos_token_id, *TOKENIZER.encode("A page.", add_special_tokens=False), TOKENIZER.eos_token_id]
    stream = [("Describe it.", "It is old."), ("", "A page.")]
    assert sequences(TOKENIZER, stream, tokens=10_000, longest=50) == [chat, document]


def test_passages_stop_when_there_are_enough_tokens_and_long_ones_are_cut():
    endless = (("", f"page {random.Random(i).random()} " * 30) for i in itertools.count())
    found = sequences(TOKENIZER, endless, tokens=500, longest=40)
    # 13 sequences of 40 tokens are 520: the first sum of at least 500
    assert [len(ids) for ids in found] == [40] * 13


def test_a_vocabulary_that_is_too_small_names_the_setting():
    with pytest.raises(ConfigError, match=r"names are more than one token, for example .*world.tokenizer.vocab_size"):
        train_tokenizer(texts(), WORLD.names, vocab_size=300, context_tokens=64)
