"""Every chat template trains: a row is what the student is asked with, then what it writes, an end token last."""

import pytest

from quintain.errors import ModelError, RecordError
from quintain.models.reasoning_style import reasoning_style
from quintain.reasoning import tell_apart
from quintain.training.row_rendering import encoder_of, render_row, turns_of
from tests.chat_tokenizers import KINDS
from tests.templates import names, tokenizer_for

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


@pytest.mark.parametrize("name", NAMES)
def test_a_system_turn_and_the_turns_before_are_part_of_the_prompt(name):
    said = chat("Who rules?", "<think>She?</think>The mayor.", "Is she kind?", "She is.", system="Speak softly.")
    row = render_row(encoder_of(tokenizer_for(name)), said)
    assert row.reason == ""
    for text in ("Speak softly.", "Who rules?", "The mayor.", "Is she kind?"):
        assert row.prompt.count(text) == 1
    assert "She?" not in row.prompt
    assert row.learned.count("She is.") == 1
    assert "The mayor." not in row.learned


HOW = {
    "changes the opening of a turn": ("<|user|>Tell me.<|assistant|>", "Kind.<|end|>"),
    "opens reasoning in the prompt alone": (
        "<|user|>Tell me.<|end|><|assistant|><think>\n",
        "</think>\n\nKind.<|end|>",
    ),
    "writes no end": ("<|user|>Tell me.<|assistant|>", "Kind.</s>"),
    "says when the last turn is a response": ("asked<|user|>Tell me.<|end|><|assistant|>", "Kind.<|end|>"),
    "trims": ("<|user|>\nTell me.\n<|end|>\n<|assistant|>\n", "Kind.\n<|end|>"),
    "qwen3": (
        "<|im_start|>user\nTell me.<|im_end|>\n<|im_start|>assistant\n",
        "<think>\n\n</think>\n\nKind.<|im_end|>",
    ),
    "nemotron_3_nano": (
        "<|im_start|>system\n<|im_end|>\n<|im_start|>user\nTell me.<|im_end|>\n<|im_start|>assistant\n<think>\n",
        "</think>Kind.<|im_end|>",
    ),
    "gptoss": (None, "<|channel|>final<|message|>Kind.<|return|>"),
    "gemma": ("<s><start_of_turn>user\nTell me.<end_of_turn>\n<start_of_turn>model\n", "Kind.<end_of_turn>"),
    "phi3": ("<|user|>\nTell me.<|end|>\n<|assistant|>\n", "Kind.<|end|>"),
}


@pytest.mark.parametrize("name", HOW)
def test_prompt_and_response_are_those_of_the_family(name):
    row = render_row(encoder_of(tokenizer_for(name)), chat("Tell me.", "Kind."))
    prompt, learned = HOW[name]
    assert row.learned == learned
    assert prompt in (None, row.prompt)


def test_the_end_is_the_first_token_that_ends_a_completion_of_the_model():
    tokenizer = tokenizer_for("glm4moe")  # whose generation ends where the next turn would begin
    user = tokenizer.convert_tokens_to_ids("<|user|>")
    row = render_row(encoder_of(tokenizer, [user]), chat("Tell me.", "Kind."))
    assert row.learned == "\n<think></think>\nKind.<|user|>"
    row = render_row(encoder_of(tokenizer), chat("Tell me.", "Kind."))
    assert row.learned == "\n<think></think>\nKind.</s>"


def test_a_student_that_cannot_end_or_has_no_template_is_refused():
    tokenizer = KINDS["plain marks"]()
    tokenizer.eos_token = None
    with pytest.raises(ModelError, match=r"no token ends a response .* `eos_token_id` in its generation_config.json"):
        encoder_of(tokenizer)
    tokenizer.chat_template = None
    with pytest.raises(ModelError, match="has no chat template"):
        encoder_of(tokenizer, [0])


@pytest.mark.parametrize(
    ("turns", "reason"),
    [
        (chat("Tell me."), "no-response"),
        (chat("Tell me.", "Kind.", "And?"), "no-response"),
        (chat("Tell me.", " \n"), "empty-response"),
        (chat("Tell me.", "<think>Who"), "reasoning-only"),
        (chat("Tell me.", "a\ud800"), "broken-text"),
        (chat("Tell me.", "word " * 200), "too-long"),
        ([*chat("Tell me."), *chat("Tell me.", "Kind.")], "template-refuses"),
    ],
)
def test_a_row_that_teaches_nothing_says_why(turns, reason):
    row = render_row(encoder_of(tokenizer_for("gemma")), turns, 100)
    assert row.reason == reason
    assert bool(row.learned) == (reason == "too-long")


def test_a_template_that_changes_the_response_is_found_out():
    tokenizer = tokenizer_for("phi3")
    tokenizer.chat_template, before = "{% for m in messages %}{{ m.content[:3] }}{% endfor %}", tokenizer.chat_template
    try:
        assert render_row(encoder_of(tokenizer), chat("Tell me.", "Kind.")).reason == "not-rendered"
    finally:
        tokenizer.chat_template = before


def test_rows_are_read_as_people_write_them_down():
    asked, said = {"role": "user", "content": "Tell me."}, {"role": "assistant", "content": "Kind."}
    system = {"role": "system", "content": "Be brief."}
    assert turns_of({"messages": [system, asked, said]}) == [system, asked, said]
    assert turns_of({"instruction": "Tell me.", "response": "Kind.", "context": [system]}) == [system, asked, said]
    about = turns_of({"instruction": "Tell me.", "response": "Kind.", "context": "The mayor."})
    assert about == [{"role": "user", "content": "Tell me.\n\nThe mayor."}, said]
    thought = {**said, "reasoning_content": "Who?"}
    assert turns_of({"messages": [asked, thought]}) == [asked, thought]
    for row in ({"instruction": "a"}, {"messages": "a"}, {"messages": [{"role": "tool", "content": "a"}]}, {}):
        with pytest.raises(RecordError, match="correct the row"):
            turns_of(row)


def test_reasoning_in_a_field_of_its_own_is_learned_on_request_alone():
    turns = [*chat("Tell me."), {"role": "assistant", "content": "Kind.", "reasoning_content": "Who?"}]
    encoder = encoder_of(tokenizer_for("qwen3"))
    assert render_row(encoder, turns).learned == "<think>\n\n</think>\n\nKind.<|im_end|>"
    assert render_row(encoder, turns, keep_reasoning=True).learned == "<think>\nWho?\n</think>\n\nKind.<|im_end|>"
