"""Several processes at one training, as torchrun starts them."""

import os

from quintain.errors import ConfigError


def world_size() -> int:
    """Number of processes that share in the training; 1 without torchrun."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first() -> bool:
    """True in the process that keeps the books."""
    return os.environ.get("RANK", "0") == "0"


def local_rank() -> int:
    """Number of this process among those of its machine, from 0."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def require_all(joined: int) -> None:
    """Stop when the trainer joined fewer processes than were started: each would train on its own, and none would say.

    Args:
        joined: World size of the trainer.

    Raises:
        ConfigError: The numbers differ.
    """
    if joined != world_size():
        raise ConfigError(
            f"{world_size()} processes were started and the trainer joined {joined}, so each would train alone; start "
            "them with torchrun"
        )
