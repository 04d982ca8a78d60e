"""The configuration of a new adapter for a model."""

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from quintain.errors import ModelError

if TYPE_CHECKING:
    from peft import LoraConfig
    from transformers import PreTrainedModel

logger = logging.getLogger(__name__)

_EMBEDDINGS = ("embed_tokens", "lm_head")
_ALL_LAYERS = "all-linear"
_STATE_SPACES = {"mamba", "mamba2", "falcon_mamba", "falcon_h1", "nemotron_h"}
_FUSED = ["out_proj", "conv1d", "dt_proj"]
"""Layers of state spaces whose weights their kernels read past an adapter."""


def adapter_config(model: "PreTrainedModel", lora: Mapping[str, Any]) -> "LoraConfig":
    """Configure a LoRA adapter; where input and output share one embedding, they share what is learned of it too.

    Otherwise the two would part in training, and be one again, and wrong, in the merged model. Where nothing names the
    layers that it lies on, they are those that peft names for the family, and all linear ones but the output where
    the model has none of these.

    Args:
        model: The model that gets the adapter.
        lora: Arguments of peft's LoraConfig.

    Returns:
        The configuration.

    Raises:
        ModelError: The adapter would lie on the output weights, whose training TRL does not see, or on layers that the
            model does not have.
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
    config = LoraConfig(task_type="CAUSAL_LM", ensure_weight_tying=shares, **{**lora, **_layers(model, lora)})
    _require_layers(model, config)
    return config


def _layers(model: "PreTrainedModel", lora: Mapping[str, Any]) -> dict[str, Any]:
    """The layers of an adapter where the setting does not name them."""
    from peft import LoraConfig
    from peft.utils import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING as KNOWN
    from torch import nn

    family = model.config.model_type
    if lora.get("target_modules") or lora.get("target_parameters"):
        return {}
    known: Any = KNOWN.get(family)
    if known and _lies_on_some(model, LoraConfig(target_modules=known)):
        return {"target_modules": known}
    logger.info("lora: peft names no layers of %s; the adapter lies on %s of them", family, _ALL_LAYERS)
    if lora.get("exclude_modules"):
        return {"target_modules": _ALL_LAYERS}
    # Linear layers of a family's own kind, such as routers of experts, give more than a product.
    odd = {
        name.rpartition(".")[2]
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and type(module).__module__.startswith("transformers.models.")
    }
    odd |= set(_FUSED if family in _STATE_SPACES else ())
    return {"target_modules": _ALL_LAYERS, **({"exclude_modules": sorted(odd)} if odd else {})}


def _require_layers(model: "PreTrainedModel", config: "LoraConfig") -> None:
    """Refuse target modules that the model does not have."""
    from torch import nn

    if config.target_modules in (None, _ALL_LAYERS) or config.target_parameters or _lies_on_some(model, config):
        return
    linear = {name.rpartition(".")[2] for name, module in model.named_modules() if isinstance(module, nn.Linear)}
    named = (
        config.target_modules
        if isinstance(config.target_modules, str)
        else ", ".join(sorted(config.target_modules or ()))
    )
    raise ModelError(
        f"lora.target_modules: {named}: this model has no such layer; it has {', '.join(sorted(linear))}, and "
        f"{_ALL_LAYERS} means them all"
    )


def _lies_on_some(model: "PreTrainedModel", config: "LoraConfig") -> bool:
    """True where some layer of the model is among the target modules."""
    from peft.tuners.tuners_utils import check_target_module_exists

    layers = [name for name, module in model.named_modules() if not list(module.children())]
    return any(check_target_module_exists(config, name) for name in layers)


def _named(lora: Mapping[str, Any], setting: str, modules: Sequence[str]) -> str:
    """The first of some modules that a setting names; empty where it names none."""
    names = lora.get(setting) or ()
    names = [names] if isinstance(names, str) else names
    return next((name for name in names if name.split(".")[-1] in modules), "")
