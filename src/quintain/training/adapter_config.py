"""The configuration of a new adapter for a model."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from quintain.errors import ModelError

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

    Raises:
        ModelError: The adapter would lie on the output weights, whose training TRL does not see.
    """
    from peft import LoraConfig

    ties = bool(getattr(model.config.get_text_config(), "tie_word_embeddings", False))
    beneath = _named(lora, "target_modules", _EMBEDDINGS if ties else _EMBEDDINGS[1:])
    if beneath:
        shared = ", which this model's input and output share" if ties else ""
        raise ModelError(
            f"lora.target_modules names {beneath}{shared}: no adapter can lie on the output weights; name it under "
            "lora.modules_to_save, which trains it whole, or leave it out"
        )
    shares = ties and bool(_named(lora, "modules_to_save", _EMBEDDINGS))
    return LoraConfig(task_type="CAUSAL_LM", ensure_weight_tying=shares, **lora)


def _named(lora: Mapping[str, Any], setting: str, modules: Sequence[str]) -> str:
    """The first of some modules that a setting names; empty where it names none."""
    names = lora.get(setting) or ()
    names = [names] if isinstance(names, str) else names
    return next((name for name in names if name.split(".")[-1] in modules), "")
