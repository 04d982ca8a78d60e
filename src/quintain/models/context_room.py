"""Room of a context: a prompt that fits, and how many tokens may be written after it."""

from collections.abc import Sequence
from dataclasses import dataclass

from quintain.models.language_model import Sampling


@dataclass(frozen=True)
class FittedPrompt:
    """A prompt that fits."""

    ids: list[int]
    new_tokens: int
    """Most tokens to write after it."""
    cut_tokens: int = 0
    """Tokens taken out of its middle."""


def most_new_tokens(sampling: Sampling, context_tokens: int) -> int:
    """Tokens that may be written after a prompt of any length: at most half of the context."""
    return min(sampling.max_new_tokens, context_tokens // 2)


def cut_prompt(ids: Sequence[int], sampling: Sampling, context_tokens: int) -> FittedPrompt:
    """Take the middle out of a prompt that is too long.

    Args:
        ids: Tokens of the prompt.
        sampling: How long a completion may be.
        context_tokens: Tokens of the context.

    Returns:
        The prompt.
    """
    new_tokens = most_new_tokens(sampling, context_tokens)
    room = context_tokens - new_tokens
    if len(ids) <= room:
        return FittedPrompt(list(ids), new_tokens)
    # The beginning holds the template's marks and the task, the end the request: the middle goes.
    head = room // 2
    return FittedPrompt([*ids[:head], *ids[len(ids) - (room - head) :]], new_tokens, len(ids) - room)


def fit_prompt(ids: Sequence[int], sampling: Sampling, context_tokens: int) -> FittedPrompt | str:
    """Leave a prompt as it is; the completion gets the rest of the context.

    Args:
        ids: Tokens of the prompt.
        sampling: How long a completion may be.
        context_tokens: Tokens of the context.

    Returns:
        The prompt, or the reason why it does not fit.
    """
    if len(ids) >= context_tokens:
        return (
            f"the chat has {len(ids)} tokens, and the model's context of {context_tokens} must hold the completion "
            "too; shorten the chat"
        )
    return FittedPrompt(list(ids), min(sampling.max_new_tokens, context_tokens - len(ids)))
