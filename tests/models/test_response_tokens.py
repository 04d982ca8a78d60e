"""A response is encoded behind the prompt that generation begins with, also where the two would melt into one token."""

import json

from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from quintain.training.row_rendering import encoder_of, render_row
from tests.templates import tokenizer_for

CHAT = [{"role": "user", "content": "Tell me."}, {"role": "assistant", "content": "Kind."}]


def merging_line_breaks(tokenizer):
    """The same tokenizer, for which two line breaks are one token, as for Qwen's."""
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    state["model"]["vocab"]["ĊĊ"] = max(tokenizer.get_vocab().values()) + 1
    state["model"]["merges"].insert(0, ["Ċ", "Ċ"])
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(state)), chat_template=tokenizer.chat_template,
        eos_token=tokenizer.eos_token, clean_up_tokenization_spaces=False,
    )  # fmt: skip


def test_the_end_of_a_prompt_and_the_beginning_of_what_is_learned_stay_two_tokens():
    tokenizer = merging_line_breaks(tokenizer_for("qwen3_5_think"))
    encoder = encoder_of(tokenizer)
    row = render_row(encoder, CHAT)
    # The template writes `<think>\n\n</think>` around no reasoning, and its generation prompt ends with `<think>\n`.
    assert row.prompt.endswith("<think>\n")
    assert row.learned == "\n</think>\n\nKind.<|im_end|>"
    assert list(row.prompt_ids) == encoder.chats.chat(CHAT[:1], add_generation_prompt=True)
    assert tokenizer.decode(row.learned_ids) == row.learned
    whole = tokenizer(row.prompt + row.learned, add_special_tokens=False)["input_ids"]
    assert whole != [*row.prompt_ids, *row.learned_ids]
    assert tokenizer.decode(whole) == tokenizer.decode([*row.prompt_ids, *row.learned_ids])
