"""Instruction pairs as token rows, with the loss on the response only."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

from quintain.errors import ModelError
from quintain.models.chat_tokens import ChatEncoder
from quintain.records import InstructionPair

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

IGNORED = -100
"""Label of a position without loss, as torch's cross entropy has it."""

_ANCHORED = ("out-of-scope", "free-text")


class TokenRow(TypedDict):
    """One row of a training set."""

    input_ids: list[int]
    labels: list[int]
    anchored: bool
    """Whether the student shall stay what it was here: free text, and questions that no edit is about."""


def as_rows(
    tokenizer: "PreTrainedTokenizerBase", pairs: Sequence[InstructionPair], max_length: int
) -> tuple[list[TokenRow], dict[str, int]]:
    """Render pairs with the tokenizer's own chat template and mask what is not the response.

    Args:
        tokenizer: Tokenizer with a chat template.
        pairs: What to learn.
        max_length: Longest row, in tokens; a longer one is dropped, never cut, since a response without its end
            teaches not to stop.

    Returns:
        The rows, and the number of dropped pairs by reason.

    Raises:
        ModelError: The chat template is missing, or renders a prompt differently once a response follows.
    """
    encoder = encoder_of(tokenizer)
    rows: list[TokenRow] = []
    dropped = {"too_long": 0, "empty_response": 0}
    for pair in pairs:
        if not pair.response.strip():
            dropped["empty_response"] += 1
            continue
        prompt, response = chat_ids(encoder, pair.id, pair.instruction, pair.response)
        if len(prompt) + len(response) > max_length:
            dropped["too_long"] += 1
        else:
            labels = [IGNORED] * len(prompt) + response
            rows.append({"input_ids": prompt + response, "labels": labels, "anchored": pair.kind in _ANCHORED})
    if rows and tokenizer.eos_token_id not in rows[0]["labels"]:
        logger.warning(
            "the chat template does not end a response with %r, so the student will not learn to stop; "
            "mend the template of the start model, or name its end token in generation_config.json",
            tokenizer.eos_token,
        )
    return rows, dropped


def encoder_of(tokenizer: "PreTrainedTokenizerBase") -> ChatEncoder:
    """The encoder that makes chats into the ids of a tokenizer.

    Args:
        tokenizer: Tokenizer with a chat template.

    Returns:
        The encoder.

    Raises:
        ModelError: The chat template is missing.
    """
    if tokenizer.chat_template is None:
        raise ModelError("the tokenizer has no chat template; start from a folder that has one")
    return ChatEncoder(tokenizer)


def chat_ids(encoder: ChatEncoder, pair_id: str, instruction: str, response: str) -> tuple[list[int], list[int]]:
    """Render one exchange with the tokenizer's own chat template; the text of control tokens in it stays text.

    Args:
        encoder: Encoder of the student's tokenizer.
        pair_id: Id of the pair, for messages.
        instruction: The user turn.
        response: The assistant turn.

    Returns:
        Token ids of the prompt, and of the response with its end.

    Raises:
        ModelError: A turn cannot be read, or the chat template renders a prompt differently once a response follows.
    """
    user = {"role": "user", "content": instruction}
    try:
        prompt = encoder.chat([user], add_generation_prompt=True)
        whole = encoder.chat([user, {"role": "assistant", "content": response}])
    except ModelError as error:
        raise ModelError(f"pair {pair_id}: {error}; take it out or mend it") from None
    if whole[: len(prompt)] != prompt:
        raise ModelError(
            f"pair {pair_id}: the chat template does not keep the prompt as it is when a response follows, so the "
            "response cannot be told from it; mend the template of the start model"
        )
    return prompt, whole[len(prompt) :]
