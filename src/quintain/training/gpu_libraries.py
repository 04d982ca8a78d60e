"""Libraries of the extra `quintain[gpu]`: weights in four bits, and layers in fused kernels."""

import importlib
from typing import Any

from quintain.errors import ConfigError
from quintain.training.autocast import NumberFormat


def four_bits(number_format: NumberFormat) -> Any:
    """Configuration of weights in four bits, NF4 with quantised scales.

    Args:
        number_format: What the layers compute in.

    Returns:
        A BitsAndBytesConfig.

    Raises:
        ConfigError: bitsandbytes is not here or does not work on this machine.

    Source: QLoRA, arXiv:2305.14314.
    """
    import torch
    from transformers import BitsAndBytesConfig

    _imported("bitsandbytes", "quantization: nf4")
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=getattr(torch, number_format),
    )


def with_liger(model: Any) -> None:
    """Give the layers of a model Liger's kernels; the loss stays TRL's, which needs no logits either.

    Args:
        model: Causal language model, changed in place.

    Raises:
        ConfigError: There is no GPU, or liger-kernel is not here or does not work on this machine.
    """
    import torch

    if not torch.cuda.is_available():
        raise ConfigError("liger: true needs a GPU, and torch sees none; set liger: false")
    liger = _imported("liger_kernel.transformers", "liger: true")
    base = model.get_base_model() if hasattr(model, "peft_config") else model
    liger._apply_liger_kernel_to_instance(model=base, fused_linear_cross_entropy=False, cross_entropy=False)


def _imported(module: str, setting: str) -> Any:
    try:
        return importlib.import_module(module)
    except (ImportError, OSError, RuntimeError) as error:  # a library of another CUDA fails in all three ways
        raise ConfigError(
            f"{setting} needs {module.partition('.')[0]}, which cannot be imported ({error}); install it with "
            f"`pip install 'quintain[gpu]'`, or take {setting.partition(':')[0]} out"
        ) from error
