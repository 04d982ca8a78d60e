"""The student that a training starts from."""

from pathlib import Path
from typing import TYPE_CHECKING

from quintain.models.folder import is_adapter
from quintain.models.open_folder import open_tokenizer, open_weights

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def open_start(folder: Path, half: bool = False) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
    """Open a student with its tokenizer, in single precision unless `half` keeps what is stored.

    An adapter comes on its base model, ready to be trained on.

    Args:
        folder: Hugging Face folder.
        half: Keep the number format of the folder.

    Returns:
        Model and tokenizer.

    Raises:
        ModelError: The folder holds no model or weights that are no numbers, or the base model of its adapter is
            missing or another one.
    """
    import torch

    # An optimiser loses small steps in half-precision weights; an adapter's own weights are in float32 anyway.
    trains_all = not half and not is_adapter(folder)
    dtype = torch.float32 if trains_all else "auto"
    model = open_weights(folder, dtype, purpose="a model to start from", trainable=True, trains_all=trains_all)
    return model, open_tokenizer(folder)
