"""The decoder of a network: continuous batches where its cache can be laid out, transformers' own elsewhere."""

import logging
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from quintain.models.interrupts import Interrupts
from quintain.models.rows import Row

logger = logging.getLogger(__name__)

PREFILL_TOKENS = 1_024
"""Tokens of prompts that are read at a time, and between two steps of the rows at work."""

READ_PADDING = {"rwkv", "xlstm", "deepseek_v4", "xlm", "cpmant", "roformer", "trocr"}
"""Families that take padding for text, or count positions from its beginning, whatever the mask says."""

Take = Callable[[], Row | None]
"""Hands out the next row that waits; None when there is none just now."""


class Decoder(Protocol):
    """Completes rows, many at a time."""

    most_rows: int
    """Rows at a time."""
    most_tokens: int
    """Tokens of prompts and completions at a time; a longer row is completed alone."""

    def decode(self, take: Take) -> Iterator[int]:
        """Complete all rows that there are; rows say themselves when they end.

        Args:
            take: Asked for the next row whenever there is room; None when there is none just now.

        Returns:
            Tokens that were written, step by step.
        """
        ...


def network_of(model: Any) -> Any:
    """The network of transformers in a model; an adapter stands inside of it."""
    return model.get_base_model() if hasattr(model, "peft_config") else model


def make_decoder(
    model: Any,
    interrupts: Interrupts,
    *,
    most_rows: int,
    most_tokens: int,
    context_tokens: int,
    end_tokens: set[int],
    pad_token: int,
) -> Decoder:
    """Make the decoder of a model; a log line says when it is not the fast one.

    Args:
        model: A causal language model of transformers, or an adapter of peft.
        interrupts: Ends its work when nobody waits.
        most_rows: Rows at a time.
        most_tokens: Tokens of prompts and completions at a time.
        context_tokens: Tokens that a row may have.
        end_tokens: Tokens that end a completion.
        pad_token: Token that fills prompts up where they have to be of one length.

    Returns:
        The decoder.
    """
    from quintain.models.continuous import ContinuousDecoder
    from quintain.models.row_cache import obstacle
    from quintain.models.static_batches import StaticDecoder

    network = network_of(model)
    virtual = any(config.is_prompt_learning for config in getattr(model, "peft_config", {}).values())
    if network.config.model_type in READ_PADDING:
        why = f"{type(network).__name__} reads padding, so that batches hold prompts of one length"
    else:
        why = "its adapter puts tokens of its own before a prompt" if virtual else obstacle(network)
    if not why:
        return ContinuousDecoder(network, interrupts, most_rows, most_tokens)
    logger.warning("generation in static batches, which is slower: %s", why)
    return StaticDecoder(
        model,
        interrupts,
        most_rows,
        most_tokens,
        context_tokens=context_tokens,
        end_tokens=end_tokens,
        pad_token=pad_token,
    )
