"""Checks of an opened model before anything of it is written."""

from typing import TYPE_CHECKING

from quintain.errors import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def require_finite(model: "PreTrainedModel", named: str) -> None:
    """Refuse weights that are not numbers.

    Args:
        model: The model.
        named: Its source, for the message.

    Raises:
        ModelError: A weight is infinite or not a number.
    """
    import torch

    broken = [
        name
        for name, weight in model.named_parameters()
        if weight.is_floating_point() and not torch.isfinite(weight).all()
    ]
    if broken:
        overflow = "; float16 ends at 65,504, so try --dtype bfloat16" if model.dtype == torch.float16 else ""
        raise ModelError(
            f"{named} has weights that are infinite or not numbers, in {len(broken)} tensors such as "
            f"{', '.join(broken[:3])}; fetch it again, or take another model{overflow}"
        )


def require_rows(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", named: str) -> None:
    """Refuse a tokenizer with tokens for which the embedding has no row.

    Args:
        model: The model.
        tokenizer: Its tokenizer.
        named: Their source, for the message.

    Raises:
        ModelError: A token has no row.
    """
    rows = embedding_rows(model)
    highest = max(tokenizer.get_vocab().values(), default=-1)
    if highest >= rows:
        raise ModelError(
            f"the tokenizer of {named} has tokens up to id {highest}, and the embedding of its model {rows} rows: they "
            "do not belong together; fetch both from one place"
        )


def embedding_rows(model: "PreTrainedModel") -> int:
    """Number of tokens for which the model has an embedding."""
    return int(model.get_input_embeddings().weight.shape[0])  # type: ignore[index]
