"""Sizes of a model folder, read without opening its weights."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quintain.models.folder import base_of, is_adapter
from quintain.models.open_folder import opener_of, opening
from quintain.training.adapter_config import adapter_config
from quintain.training.memory import ModelShape


@dataclass(frozen=True, kw_only=True)
class OpenedShape:
    """Sizes of a model as it will be trained."""

    model: ModelShape
    """Its sizes."""
    context_tokens: int
    """Longest sequence; 0 where the model states none."""


def opened_shape(folder: Path, lora: dict[str, Any]) -> OpenedShape:
    """Build a model without memory for its weights, and count.

    Args:
        folder: Folder of a model or an adapter.
        lora: Arguments of peft's LoraConfig; empty where all weights are trained.

    Returns:
        The sizes.

    Raises:
        ModelError: There is no such model, or no such layers for an adapter.
    """
    import torch
    from peft import PeftConfig, get_peft_model
    from transformers import AutoConfig

    base = base_of(folder) if is_adapter(folder) else folder
    with opening(folder, "a model to start from"), torch.device("meta"):
        config = AutoConfig.from_pretrained(base, local_files_only=True, trust_remote_code=False)
        model: Any = opener_of(config).from_config(config, trust_remote_code=False)
        parameters = trainable = model.num_parameters()
        adapter: Any = PeftConfig.from_pretrained(str(folder)) if is_adapter(folder) else None
        if adapter is None and lora:
            adapter = adapter_config(model, {**lora, "init_lora_weights": False})
        if adapter is not None:
            trainable = sum(w.numel() for w in get_peft_model(model, adapter).parameters() if w.requires_grad)
        return OpenedShape(
            model=ModelShape.of(config, parameters, trainable),
            context_tokens=int(getattr(config.get_text_config(), "max_position_embeddings", None) or 0),
        )
