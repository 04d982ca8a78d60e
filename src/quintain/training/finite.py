"""Finite numbers in a training: it stops at the step whose loss, gradient norm or weights are no numbers any more."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quintain.errors import ModelError
from quintain.models.finite import is_finite
from quintain.training.sharding import own_part

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from torch import nn

_USUAL = {
    "learning_rate": 0.01,
    "weight_decay": 1.0,
    "max_grad_norm": 10.0,
    "kl_weight": 10.0,
    "beta": 10.0,
    "alpha": 10.0,
    "gamma": 10.0,
    "delta": 100.0,
    "lora.lora_alpha": 1000.0,
}
"""Largest value of each setting that trainings are known to stand."""


class NotFiniteError(ModelError):
    """A number of a training became nan or infinite.

    Args:
        what: The number and its value.
        step: Optimiser step at which it happened, from 1.
    """

    def __init__(self, what: str, step: int) -> None:
        super().__init__(f"{what} at step {step}")


@contextmanager
def finite_training(params: "DataclassInstance", setting: str, scratch: Path) -> Iterator[None]:
    """Say of a training that loses its numbers which setting likely did it, and where it last had them.

    Args:
        params: How to train.
        setting: Name under which the user sets the parameters.
        scratch: Folder of the checkpoints.

    Yields:
        Nothing; the training runs meanwhile.

    Raises:
        ModelError: It lost its numbers.
    """
    try:
        yield
    except NotFiniteError as error:
        name, value = likely_cause(asdict(params))
        raise ModelError(
            f"the training lost its numbers: {error}. Most likely {setting}.{name} is too large ({value}); lower it. "
            f"{_last_good(scratch)}; nothing was saved"
        ) from None


def likely_cause(params: dict[str, Any]) -> tuple[str, Any]:
    """The setting that lies furthest above what trainings are known to stand, with its value.

    >>> likely_cause({"learning_rate": 0.001, "weight_decay": 1e6})
    ('weight_decay', 1000000.0)
    >>> likely_cause({"learning_rate": 0.001, "weight_decay": 0.1})
    ('learning_rate', 0.001)
    """
    flat = params | {f"lora.{name}": value for name, value in (params.get("lora") or {}).items()}
    known = {name: flat[name] for name in _USUAL if isinstance(flat.get(name), int | float)}
    worst = max(known, key=lambda name: known[name] / _USUAL[name])
    name = worst if known[worst] > _USUAL[worst] else "learning_rate"
    return name, known[name]


def require_finite_number(what: str, value: float, step: int) -> None:
    """Stop a training at a loss or a gradient norm that is no number.

    Args:
        what: Which of the two.
        value: Its value.
        step: Optimiser step, from 1.

    Raises:
        NotFiniteError: It is nan or infinite.
    """
    if not math.isfinite(value):
        raise NotFiniteError(f"{what} is {value}", step)


def require_finite_weights(model: "nn.Module", step: int) -> None:
    """Stop a training before weights that are no numbers are kept.

    Args:
        model: The student.
        step: Optimiser steps so far.

    Raises:
        NotFiniteError: A weight is nan or infinite.
    """
    for name, weight in model.named_parameters():
        if not is_finite(own_part(weight)):
            raise NotFiniteError(f"{name} holds nan or infinity", step)


def _last_good(scratch: Path) -> str:
    numbered = sorted(scratch.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))
    kept = [*scratch.glob("*.pt"), *numbered]
    return f"The last good checkpoint is {kept[-1]}" if kept else "There is no checkpoint before it"
