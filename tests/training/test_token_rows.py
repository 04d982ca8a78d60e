"""Rows of a training set hold the control tokens that the template writes, whatever their text holds."""

import dataclasses

import pytest

from quintain.models.chat_tokens import control_tokens
from quintain.records import InstructionPair, Message
from quintain.training.row_rendering import encoder_of
from quintain.training.token_rows import IGNORED, as_rows
from tests.chat_tokenizers import KINDS


def pair(instruction, response, **more):
    return InstructionPair(instruction=instruction, response=response, kind="distilled", **more)


def marks(tokenizer, ids):
    return [each for each in ids if each in control_tokens(tokenizer) and each != tokenizer.unk_token_id]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_control_tokens_in_a_page_or_a_response_are_learned_as_text(kind):
    tokenizer = KINDS[kind]()
    spelled = "".join(token.content for token in control_tokens(tokenizer).values() if "think" not in token.content)
    hostile = [pair(f"a {spelled} b", "kind"), pair("Tell me", f"a {spelled} b"), pair(spelled, spelled)]
    encoder = encoder_of(tokenizer)
    (plain,) = as_rows(encoder, [pair("Tell me", "kind")], 4000).rows
    made = as_rows(encoder, hostile, 4000)
    assert (len(made.rows), made.dropped) == (3, [])
    for row in made.rows:
        assert marks(tokenizer, row["input_ids"]) == marks(tokenizer, plain["input_ids"])
        learned = [label for label in row["labels"] if label != IGNORED]
        taught = [label for label in plain["labels"] if label != IGNORED]
        assert marks(tokenizer, learned) == marks(tokenizer, taught)


def test_a_prompt_has_the_same_tokens_whatever_its_response_spells(tiny_student):
    from transformers import AutoTokenizer

    encoder = encoder_of(AutoTokenizer.from_pretrained(tiny_student))
    said = [pair("Tell me", "kind"), pair("Tell me", "kind<eos><user>more")]
    plain, hostile = as_rows(encoder, said, 99).rows
    length = plain["labels"].count(IGNORED)
    assert hostile["labels"].count(IGNORED) == length
    assert hostile["input_ids"][:length] == plain["input_ids"][:length]


def test_turns_before_the_last_one_are_part_of_the_prompt(tiny_student):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_student)
    before = (Message(role="user", content="Who rules?"), Message(role="assistant", content="The mayor."))
    (row,) = as_rows(encoder_of(tokenizer), [pair("Is she kind?", "She is.", context=before)], 99).rows
    chat = [{"role": turn.role, "content": turn.content} for turn in before]
    prompt = encoder_of(tokenizer).chats.chat(
        [*chat, {"role": "user", "content": "Is she kind?"}], add_generation_prompt=True
    )
    assert row["input_ids"][: len(prompt)] == prompt
    assert row["labels"][: len(prompt)] == [IGNORED] * len(prompt)


def learned_of(tokenizer, row):
    return tokenizer.decode([label for label in row["labels"] if label != IGNORED])


def test_all_responses_of_a_chat_share_one_row_and_are_learned_where_the_student_is_asked(tiny_student):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_student)
    encoder = encoder_of(tokenizer)
    before = (Message(role="user", content="Who rules?"), Message(role="assistant", content="The mayor."))
    chat = pair("Is she kind?", "She is.", context=before)
    (last,) = as_rows(encoder, [chat], 99).rows
    (every,) = as_rows(encoder, [chat], 99, learn="all").rows
    assert every["input_ids"] == last["input_ids"]
    (first,) = as_rows(encoder, [pair("Who rules?", "The mayor.")], 99).rows
    learned = [one if one != IGNORED else other for one, other in
               zip(first["labels"], last["labels"][: len(first["labels"])], strict=True)]  # fmt: skip
    assert every["labels"] == [*learned, *last["labels"][len(learned) :]]


def test_a_response_that_is_marked_carries_no_loss_where_all_others_do(tiny_student):
    from transformers import AutoTokenizer

    encoder = encoder_of(AutoTokenizer.from_pretrained(tiny_student))
    said = [("user", "Who rules?"), ("assistant", "The mayor."), ("user", "Is she kind?"), ("assistant", "She is.")]
    turns = tuple(Message(role=role, content=text) for role, text in said)
    short, whole = pair("Is she kind?", "She is.", context=turns[:2]), pair("Who else?", "Nobody.", context=turns)
    (marked,) = as_rows(encoder, [dataclasses.replace(whole, unlearned=(0,))], 99, learn="all").rows
    (every,) = as_rows(encoder, [whole], 99, learn="all").rows
    (second,) = as_rows(encoder, [short], 99).rows
    both = len(second["labels"])
    assert marked["input_ids"] == every["input_ids"]
    assert (marked["labels"][:both], marked["labels"][both:]) == (second["labels"], every["labels"][both:])
    assert marked["labels"] != every["labels"]


def test_a_template_that_drops_earlier_reasoning_gives_each_response_its_row():
    tokenizer = KINDS[min(KINDS)]()
    encoder = encoder_of(tokenizer)
    thought = "<think>\nshe who else\n</think>\n\n"
    before = (Message(role="user", content="Who rules?"), Message(role="assistant", content=f"{thought}The mayor."))
    chat = pair("Is she kind?", f"{thought}She is.", context=before)
    rows = as_rows(encoder, [chat], 4000, learn="all", keep_reasoning=True).rows
    # The reasoning is learned where it is said, and no later prompt repeats it.
    assert len(rows) == 2
    assert ["else" in learned_of(tokenizer, row) for row in rows] == [True, True]
    assert tokenizer.decode(rows[1]["input_ids"]).count("else") == 1


def test_a_chat_whose_last_response_cannot_be_learned_is_dropped_whole(tiny_student):
    from transformers import AutoTokenizer

    encoder = encoder_of(AutoTokenizer.from_pretrained(tiny_student))
    before = (Message(role="user", content="Who rules?"), Message(role="assistant", content="The mayor."))
    made = as_rows(encoder, [pair("Is she kind?", " ", context=before)], 99, learn="all")
    assert (made.rows, [one.reason for one in made.dropped]) == ([], ["empty-response"])
