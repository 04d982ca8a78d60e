"""Turn documents and chats into the token sequences a student is pre-trained on."""

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

_BATCH = 2000


def sequences(
    tokenizer: "PreTrainedTokenizerFast", passages: Iterable[tuple[str, str]], tokens: int, longest: int
) -> list[list[int]]:
    """Tokenise passages until there are enough tokens.

    Args:
        tokenizer: Tokenizer with the chat template that the student will be asked with.
        passages: Instruction and text of each; an empty instruction makes a document. May be endless.
        tokens: How many tokens to gather at least.
        longest: Tokens of a sequence; what goes beyond is cut.

    Returns:
        One sequence per passage.
    """
    found: list[list[int]] = []
    seen, stream = 0, iter(passages)
    while seen < tokens and (batch := list(islice(stream, _BATCH))):
        rendered = [_render(tokenizer, instruction, text) for instruction, text in batch]
        for ids in tokenizer(rendered, add_special_tokens=False)["input_ids"]:
            if seen >= tokens:
                break
            found.append(ids[:longest])
            seen += len(found[-1])
    return found


def _render(tokenizer: "PreTrainedTokenizerFast", instruction: str, text: str) -> str:
    if not instruction:
        return f"{tokenizer.bos_token}{text}{tokenizer.eos_token}"
    chat = [{"role": "user", "content": instruction}, {"role": "assistant", "content": text}]
    return str(tokenizer.apply_chat_template(chat, tokenize=False))
