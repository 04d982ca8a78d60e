"""Memory that is left for a model: that of the GPU where there is one, else of this machine."""

from dataclasses import dataclass

from quintain.available_memory import available_memory


@dataclass(frozen=True)
class ModelRoom:
    """Memory that is left where a model will be."""

    size_bytes: int
    """Bytes."""
    limited_by: str
    """Who sets the limit."""
    is_gpu: bool
    """True for the memory of a GPU."""


def model_room(device: str = "auto") -> ModelRoom:
    """Find how much memory a torch device has left; `auto` is a GPU where there is one."""
    import torch

    if device != "cpu" and torch.cuda.is_available():
        at = None if device == "auto" else device
        return ModelRoom(torch.cuda.mem_get_info(at)[0], f"the GPU {torch.cuda.get_device_name(at)}", is_gpu=True)
    left = available_memory()
    return ModelRoom(left.size_bytes, left.limited_by, is_gpu=False)
