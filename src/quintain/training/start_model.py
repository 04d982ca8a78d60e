"""The student that a training starts from."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from quintain.models.finite import require_finite
from quintain.models.folder import base_of, is_adapter
from quintain.models.open_folder import opening

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
    from transformers import AutoModelForCausalLM, AutoTokenizer

    with opening(folder, "a model to start from"):
        base = base_of(folder) if is_adapter(folder) else folder
        for each in {base, folder}:
            require_finite(each)
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        # An optimiser loses small steps in half-precision weights; an adapter's own weights are in float32 anyway.
        model: Any = AutoModelForCausalLM.from_pretrained(
            base,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            dtype="auto" if half or is_adapter(folder) else torch.float32,
        )
        if is_adapter(folder):
            from peft import PeftModel

            model = PeftModel.from_pretrained(model, str(folder), is_trainable=True, local_files_only=True)
    return model, tokenizer
