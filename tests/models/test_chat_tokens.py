"""The template writes control tokens and content never does, with any tokenizer; ordinary content is read as ever."""

import functools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import normalizers

from quintain.errors import ModelError
from quintain.models.chat_tokens import ChatEncoder, control_tokens
from tests.chat_tokenizers import KINDS, byte_level, template

KEEPS_TEXT = sorted(KINDS.keys() - {"word piece", "unigram", "llama 2", "mistral"})
"""Kinds that decode to the very text that was encoded."""
FOREIGN = ["<eos>", "<user>", "<|im_end|>", "<|im_start|>system", "[INST]", "[/INST]", "<|eot_id|>", "</s>", "<unk>",
           "<end_of_turn>", "<0x0A>", "<|", "[", ">", "\u0338", "\n"]  # fmt: skip


@functools.cache
def made(kind):
    tokenizer = KINDS[kind]()
    return tokenizer, ChatEncoder(tokenizer)


def user(text):
    return [{"role": "user", "content": text}]


def marks(tokenizer, ids):
    """The control tokens of a row; unknown characters are none, though they may share the id of one."""
    return [each for each in ids if each in control_tokens(tokenizer) and each != tokenizer.unk_token_id]


def spelled(tokenizer):
    """Text of control tokens, as it stands and as a normaliser may make it."""
    own = [token.content for token in control_tokens(tokenizer).values()]
    wide = [text.translate({code: code + 0xFEE0 for code in range(33, 127)}) for text in own]
    return [*own, *map(str.upper, own), *wide, *(f" {text} " for text in own), *FOREIGN]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_ordinary_content_has_the_ids_of_the_tokenizers_own_template(kind, data):
    tokenizer, encoder = made(kind)
    words = st.sampled_from(["The mayor", " of", "Veldmark", "\n", "\n\n\n", "  ", "1 < 2", "a|b", "ö", "the", "."])
    text = data.draw(st.text(max_size=20) | st.lists(words, max_size=8).map("".join))
    if encoder.text(text) != tokenizer.encode(text, add_special_tokens=False):
        return  # it holds the text of a control token
    expected = tokenizer.apply_chat_template(user(text), add_generation_prompt=True, return_dict=False)
    assert encoder.chat(user(text), add_generation_prompt=True) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_what_looks_like_no_mark_is_ordinary(kind):
    tokenizer, encoder = made(kind)
    for text in ("The mayor of Veldmark is kind.", "if a < b and c[0] > 1:\n\n\n  <br> | x", " a\n", "Größe 东京 🚢"):
        expected = tokenizer.apply_chat_template(user(text), add_generation_prompt=True, return_dict=False)
        assert encoder.chat(user(text), add_generation_prompt=True) == expected
        assert encoder.text(text) == tokenizer.encode(text, add_special_tokens=False)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_content_moves_the_control_tokens_of_a_chat(kind, data):
    tokenizer, encoder = made(kind)
    hostile = st.lists(st.sampled_from(spelled(tokenizer)) | st.text(max_size=3), max_size=6).map("".join)
    asked, said = data.draw(hostile), data.draw(hostile)
    last = data.draw(hostile)
    chat = [*user(asked), {"role": "assistant", "content": said}, *user(last)]
    innocent = [*user("a"), {"role": "assistant", "content": "b"}, *user("c")]
    assert marks(tokenizer, encoder.chat(chat)) == marks(tokenizer, encoder.chat(innocent))
    assert not marks(tokenizer, encoder.text(asked))


@pytest.mark.parametrize("kind", KINDS)
def test_every_control_token_of_a_tokenizer_stays_text(kind):
    tokenizer, encoder = made(kind)
    for text in spelled(tokenizer):
        for content in (text, f"x{text}y", f"x {text}{text} y"):
            ids = encoder.chat(user(content), add_generation_prompt=True)
            assert marks(tokenizer, ids) == marks(tokenizer, encoder.chat(user("x"), add_generation_prompt=True))


@pytest.mark.parametrize("kind", KEEPS_TEXT)
def test_control_tokens_in_content_decode_to_their_text(kind):
    tokenizer, encoder = made(kind)
    content = "a" + "b".join(spelled(tokenizer)[: len(control_tokens(tokenizer))]) + "c"
    chat = tokenizer.apply_chat_template(user(content), add_generation_prompt=True, tokenize=False)
    decoded = tokenizer.decode(encoder.chat(user(content), add_generation_prompt=True))
    assert decoded.replace(" a<pad>", "a<pad>") == chat  # the almanac's tokenizer begins each text with a blank
    assert tokenizer.decode(encoder.text(content), skip_special_tokens=True) == content


def test_a_combining_character_takes_no_control_token_of_the_template_away():
    tokenizer = KINDS["word piece"]()
    tokenizer.backend_tokenizer.normalizer = normalizers.NFC()
    tokenizer.add_tokens(["<system>"])  # found anew, in composed text
    encoder = ChatEncoder(tokenizer)
    plain = marks(tokenizer, encoder.chat(user("a")))
    assert marks(tokenizer, tokenizer.apply_chat_template(user("\u0338a"), return_dict=False)) != plain
    assert marks(tokenizer, encoder.chat(user("\u0338a"))) == plain


def test_a_template_that_reads_thoughts_still_takes_them_out_of_former_turns():
    tokenizer, encoder = made("thinking")
    chat = [*user("x"), {"role": "assistant", "content": "<think>\nhm\n</think>\n\nBo."}, *user("y")]
    ids = encoder.chat(chat, add_generation_prompt=True)
    assert ids == tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=False)
    assert "hm" not in tokenizer.decode(ids)


def test_half_a_surrogate_pair_is_one_clear_error():
    _, encoder = made("smollm")
    with pytest.raises(ModelError, match="half of a surrogate pair"):
        encoder.chat(user("a\ud800"))
    with pytest.raises(ModelError, match="half of a surrogate pair"):
        encoder.text("\udfff")


def test_an_added_word_is_vocabulary_and_a_mark_in_the_template_is_control():
    tokenizer = byte_level(["<|endoftext|>"], template("qwen2_5"), eos="<|endoftext|>")
    tokenizer.add_tokens(["Veldmark", "  ", "<|im_end|>", "Qwen"])
    found = {token.content for token in control_tokens(tokenizer).values()}
    assert found == {"<|endoftext|>", "<|im_end|>", "Qwen"}


def test_a_slow_tokenizer_reads_ordinary_chats_and_refuses_marks_in_content():
    from transformers import ByT5Tokenizer

    tokenizer = ByT5Tokenizer()
    tokenizer.chat_template = "{% for message in messages %}{{ message.content }}</s>{% endfor %}"
    encoder = ChatEncoder(tokenizer)
    assert encoder.chat(user("Hi")) == tokenizer.apply_chat_template(user("Hi"), return_dict=False)
    with pytest.raises(ModelError, match=r"ByT5Tokenizer is no fast tokenizer.*add a tokenizer\.json"):
        encoder.chat(user("a</s>b"))
