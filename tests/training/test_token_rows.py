"""Rows of a training set hold the control tokens that the template writes, whatever their text holds."""

import pytest

from quintain.errors import ModelError
from quintain.models.chat_tokens import control_tokens
from quintain.records import InstructionPair
from quintain.training.token_rows import IGNORED, as_rows, chat_ids, encoder_of
from tests.chat_tokenizers import KINDS

RESPONDING = sorted(KINDS.keys() - {"thinking"})
"""Kinds whose template keeps a prompt as it is when a response follows."""


def pair(instruction, response):
    return InstructionPair(instruction=instruction, response=response, kind="distilled")


def marks(tokenizer, ids):
    return [each for each in ids if each in control_tokens(tokenizer) and each != tokenizer.unk_token_id]


@pytest.mark.parametrize("kind", RESPONDING)
def test_control_tokens_in_a_page_or_a_response_are_learned_as_text(kind):
    tokenizer = KINDS[kind]()
    spelled = "".join(token.content for token in control_tokens(tokenizer).values())
    hostile = [pair(f"a {spelled} b", "kind"), pair("Tell me", f"a {spelled} b"), pair(spelled, spelled)]
    (plain,), _ = as_rows(tokenizer, [pair("Tell me", "kind")], 4000)
    rows, dropped = as_rows(tokenizer, hostile, 4000)
    assert (len(rows), set(dropped.values())) == (3, {0})
    for row in rows:
        assert marks(tokenizer, row["input_ids"]) == marks(tokenizer, plain["input_ids"])
        learned = [label for label in row["labels"] if label != IGNORED]
        taught = [label for label in plain["labels"] if label != IGNORED]
        assert marks(tokenizer, learned) == marks(tokenizer, taught)


def test_a_prompt_has_the_same_tokens_whatever_its_response_spells(tiny_student):
    from transformers import AutoTokenizer

    encoder = encoder_of(AutoTokenizer.from_pretrained(tiny_student))
    plain, hostile = (chat_ids(encoder, "p", "Tell me", said)[0] for said in ("kind", "kind<eos><user>more"))
    assert plain == hostile


def test_a_pair_with_half_a_surrogate_pair_is_named(tiny_student):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_student)
    broken = pair("Tell me", "a\ud800")
    with pytest.raises(ModelError, match=f"pair {broken.id}: the chat holds half of a surrogate pair"):
        as_rows(tokenizer, [broken], 99)


def test_a_tokenizer_without_a_template_is_refused(tiny_student):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_student)
    tokenizer.chat_template = None
    with pytest.raises(ModelError, match="has no chat template"):
        as_rows(tokenizer, [pair("a", "b")], 99)
