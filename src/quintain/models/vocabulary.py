"""Tokens of a tokenizer that its model has no embedding for: some fine-tuned models were saved without them.

A forward pass on such a token is an IndexError on a processor, and ends the whole process on a GPU.
"""

import logging
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from quintain.errors import ModelError
from quintain.models.chat_tokens import ChatEncoder
from quintain.models.open_folder import folder_end_tokens

logger = logging.getLogger(__name__)

_CHAT = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}]


def require_embeddings(folder: Path, model: Any, tokenizer: Any) -> None:
    """See that what the chat template writes has embeddings; a padding without one gives way to an end token.

    Args:
        folder: Where both are from, for messages.
        model: The model.
        tokenizer: Its tokenizer; its padding may change.

    Raises:
        ModelError: The chat template, or all there is to fill with, has no embedding.
    """
    rows = model.get_input_embeddings().weight.shape[0]
    if len(tokenizer) <= rows:
        return
    remedy = (
        "save the model with its tokenizer (`resize_token_embeddings`), or take the tokenizer that it was made with"
    )
    if tokenizer.pad_token_id >= rows:
        ends = sorted(end for end in folder_end_tokens(folder, tokenizer) if end < rows)
        if not ends:
            raise ModelError(
                f"{folder}: {_told(tokenizer, tokenizer.pad_token_id, rows)}, nor has any end token; {remedy}"
            )
        logger.warning(
            "%s: %s; short rows are filled with %s",
            folder, _told(tokenizer, tokenizer.pad_token_id, rows), tokenizer.convert_ids_to_tokens(ends[0]),
        )  # fmt: skip
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(ends[0])
    if beyond := [each for each in _written(tokenizer) if each >= rows]:
        raise ModelError(
            f"{folder}: its chat template writes a token it cannot read: {_told(tokenizer, beyond[0], rows)}; {remedy}"
        )


def _written(tokenizer: Any) -> list[int]:
    """Tokens that the chat template writes around a question and its answer."""
    if tokenizer.chat_template is None:
        return []
    encoder, ids = ChatEncoder(tokenizer), []
    for chat, opened in ((_CHAT[:1], True), (_CHAT, False)):
        try:
            ids += encoder.chat(chat, add_generation_prompt=opened)
        except (TemplateError, ModelError):
            continue  # said where a chat is rendered
    return ids


def _told(tokenizer: Any, token: int, rows: int) -> str:
    return f"{tokenizer.convert_ids_to_tokens(token)!r}, token {token}, has none of the model's {rows:,} embeddings"
