"""Finite weights: a folder that holds nan or infinity is what a training left that lost its numbers, and no model."""

from pathlib import Path
from typing import TYPE_CHECKING

from quintain.errors import ModelError
from quintain.models.folder import FileState, file_state

if TYPE_CHECKING:
    from torch import Tensor

_finite: set[FileState] = set()
"""States of files that this process has found finite; a file that is written to or replaced has another."""


def require_finite(folder: Path) -> None:
    """Refuse a folder whose weights are not all numbers; every file is read once in a process, tensor by tensor.

    Args:
        folder: Folder in Hugging Face layout; of an adapter its own weights, the base has a folder of its own.

    Raises:
        ModelError: A weight is nan or infinite, or a file is damaged; names the file and the weight.
    """
    for path in sorted(folder.glob("*.safetensors")):
        if (state := file_state(path)) not in _finite:
            if spoiled := _spoiled(path):
                raise ModelError(
                    f"{path} holds nan or infinity in {len(spoiled)} weights, such as {spoiled[0]}: the training that "
                    "made it lost its numbers. Bring the former file back (`dvc checkout`), or train anew with a lower "
                    "learning_rate"
                )
            _finite.add(state)


def is_finite(tensor: "Tensor") -> bool:
    """True where no number of a tensor is nan or infinite; tensors of whole numbers always are."""
    if not tensor.is_floating_point() or not tensor.numel():
        return True
    if tensor.element_size() == 1:  # eight bits have no minimum in torch
        tensor = tensor.float()
    # nan goes into both ends, infinity into one; nothing as long as the tensor is made.
    low, high = tensor.detach().aminmax()
    return bool(low.isfinite() & high.isfinite())


def _spoiled(path: Path) -> list[str]:
    """Names of the weights in a file that are not all numbers."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            return [name for name in file.keys() if not is_finite(file.get_tensor(name))]  # noqa: SIM118 - no mapping
    except SafetensorError as error:
        raise ModelError(
            f"{path} could not be opened as a model's weights: {error}. Bring the file back (`dvc checkout`), or make "
            "it again"
        ) from None
