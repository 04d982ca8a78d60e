"""Stochastic rounding to bfloat16: up or down with the chances that make the mean exact.

A step of fine-tuning moves a weight by less than half of the distance between two numbers of bfloat16. Rounded to the
nearest, as autocast does, a weight that was stored in bfloat16 stays where it was, and the network does not see what it
has learned. Rounded stochastically, as many weights move as makes their sum right (Gupta et al. 2015, "Deep Learning
with Limited Numerical Precision", section 3).
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.utils.hooks import RemovableHandle

_CUT_BITS = 16
"""Bits of a float32 that a bfloat16 lacks."""
_PIECE = 1 << 16
"""Numbers that are rounded at once; what that takes stays in a processor's cache."""
_NOISE = 1 << 20
"""Numbers of a table of noise."""


def rounded(weight: "Tensor", noise: "Tensor") -> "Tensor":
    """Round weights; those that are numbers of bfloat16 stay as they are.

    The place where the noise is read comes from torch's generator, which a recomputed layer finds as it was.

    Args:
        weight: Weights of any shape, float32.
        noise: Numbers of `rounding_noise`.

    Returns:
        Weights of that shape, bfloat16.
    """
    bits = weight.detach().reshape(-1).view(torch.int32)
    half = torch.empty(weight.shape, dtype=torch.bfloat16, device=weight.device)  # no view: models add to it in place
    found = half.view(-1).view(torch.int16)
    for begin in range(0, len(bits), _PIECE):
        piece = bits[begin : begin + _PIECE]
        at = int(torch.randint(len(noise) - len(piece) + 1, ()))
        found[begin : begin + _PIECE] = (piece + noise[at : at + len(piece)]) >> _CUT_BITS
    return half


def rounding_noise(device: "torch.device") -> "Tensor":
    """Noise that is read from another place for every piece of weights.

    Args:
        device: Where the weights are.

    Returns:
        Numbers below 65,536, int32.
    """
    drawn = torch.randint(1 << _CUT_BITS, (_NOISE,), dtype=torch.int32, generator=torch.Generator().manual_seed(0))
    return drawn.to(device)


@contextmanager
def rounded_weights(model: "nn.Module") -> Iterator[None]:
    """Let the layers of a model compute with rounded weights while autocast is on; gradients reach the exact ones.

    Matrices that are trained are rounded anew at each forward pass, and so is what an adapter adds to the output of the
    layer under it, which is as small beside it as a step beside a weight. All else is left to autocast. Enter it after
    `halved_stream`.

    Args:
        model: Causal language model whose trained weights are float32.

    Yields:
        Nothing; the model trains meanwhile.
    """
    noise_on = functools.cache(rounding_noise)
    exact: dict[nn.Module, Tensor] = {}

    def before(layer: "nn.Module", _: Any) -> None:
        weight = layer._parameters.get("weight")  # peft may have put a product with an adapter in its place
        if weight is not None and weight.requires_grad and _is_on(weight):
            exact[layer] = weight
            layer._parameters["weight"] = _Rounded.apply(weight, noise_on(weight.device))

    def after(layer: "nn.Module", *_: Any) -> None:
        if layer in exact:
            layer._parameters["weight"] = exact.pop(layer)  # type: ignore[assignment]

    def adapted(_: "nn.Module", __: Any, output: Any) -> Any:
        if isinstance(output, torch.Tensor) and output.dtype == torch.float32 and _is_on(output):
            return _Rounded.apply(output, noise_on(output.device))
        return output

    handles: list[RemovableHandle] = []
    for layer in model.modules():
        weight = layer._parameters.get("weight")
        if weight is not None and weight.ndim > 1 and weight.dtype == torch.float32:
            handles += [
                layer.register_forward_pre_hook(before),
                layer.register_forward_hook(after, always_call=True),
            ]
        if isinstance(under := getattr(layer, "base_layer", None), torch.nn.Module):
            handles += [under.register_forward_hook(_widened), layer.register_forward_hook(adapted)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def store_rounded(model: "nn.Module") -> None:
    """Round all weights of a model for good, so that whoever opens it in bfloat16 finds what was learned.

    Args:
        model: Causal language model; one with an adapter is left as it is, and so are weights spread over processes.
    """
    if hasattr(model, "peft_config"):
        return
    weights = [weight for weight in model.parameters() if weight.dtype == torch.float32]
    if any(type(weight.data) is not torch.Tensor for weight in weights):
        return
    noise_on = functools.cache(rounding_noise)
    with torch.random.fork_rng(devices=[]):  # whoever trains next draws as if nothing had been rounded
        torch.manual_seed(0)
        for weight in weights:
            weight.data = rounded(weight, noise_on(weight.device))
    if hasattr(model, "config"):
        model.config.dtype = torch.bfloat16


def _is_on(tensor: "Tensor") -> bool:
    return torch.is_autocast_enabled(tensor.device.type)


def _widened(_: "nn.Module", __: Any, output: Any) -> Any:
    """Output of the layer under an adapter, so that a sum with it loses nothing."""
    return output.float() if isinstance(output, torch.Tensor) and _is_on(output) else output


class _Rounded(torch.autograd.Function):
    """Rounding whose gradient is passed on as if there were none."""

    @staticmethod
    def forward(ctx: Any, weight: "Tensor", noise: "Tensor") -> "Tensor":  # type: ignore[override]
        del ctx
        return rounded(weight, noise)

    @staticmethod
    def backward(ctx: Any, gradient: "Tensor") -> "tuple[Tensor, None]":  # type: ignore[override]
        del ctx
        return gradient.float(), None
