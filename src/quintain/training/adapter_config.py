"""The configuration of a new adapter for a model."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from peft import LoraConfig
    from transformers import PreTrainedModel

_EMBEDDINGS = ("embed_tokens", "lm_head")


def adapter_config(model: "PreTrainedModel", lora: Mapping[str, Any]) -> "LoraConfig":
    """Configure a LoRA adapter; where input and output share one embedding, they share what is learned of it too.

    Otherwise the two would part in training, and be one again, and wrong, in the merged model.

    Args:
        model: The model that gets the adapter.
        lora: Arguments of peft's LoraConfig.

    Returns:
        The configuration.
    """
    from peft import LoraConfig

    modules = [lora.get("modules_to_save") or (), lora.get("target_modules") or ()]
    named = [name for some in modules if not isinstance(some, str) for name in some]
    ties = bool(getattr(model.config.get_text_config(), "tie_word_embeddings", False))
    shares = ties and any(name.split(".")[-1] in _EMBEDDINGS for name in named)
    return LoraConfig(task_type="CAUSAL_LM", ensure_weight_tying=shares, **lora)
