"""Autocast of a training: bfloat16 between weights that stay in float32.

Weights that are trained, their gradients and the optimiser are in float32: small steps are lost in half precision. In
bfloat16 matrices are multiplied, and what flows between the layers is kept.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from torch import nn

Dtype = Literal["auto", "float32", "bfloat16"]
NumberFormat = Literal["float32", "bfloat16"]


@contextmanager
def halved_stream(model: "nn.Module") -> Iterator[None]:
    """Keep in bfloat16 what flows between the layers of a model while autocast is on.

    Autocast multiplies matrices in bfloat16, but its embeddings and norms follow their float32 weights, and so does
    everything between two matrices, at twice the memory traffic and with a conversion before every matrix.

    Args:
        model: Causal language model.

    Yields:
        Nothing; the model trains meanwhile.
    """
    leaves = [module for module in model.modules() if not list(module.children()) and list(module.parameters(False))]
    handles = [leaf.register_forward_hook(_halve) for leaf in leaves]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def computed_in(model: "nn.Module", number_format: NumberFormat) -> Iterator[None]:
    """Ask a model in the number format of its training.

    Args:
        model: Causal language model.
        number_format: What the training computes in.

    Yields:
        Nothing; the model is asked meanwhile.
    """
    import torch

    kind = next(model.parameters()).device.type
    with halved_stream(model), torch.autocast(kind, torch.bfloat16, enabled=number_format == "bfloat16"):
        yield


def _halve(module: "nn.Module", inputs: Any, output: Any) -> Any:
    import torch

    if isinstance(output, torch.Tensor) and output.dtype == torch.float32:
        kind = output.device.type
        if torch.is_autocast_enabled(kind):
            return output.to(torch.get_autocast_dtype(kind))
    return output
