"""A line in the log every few seconds, so that a long training is seen to move."""

import logging
import time
from typing import Any

from transformers import TrainerCallback

logger = logging.getLogger(__name__)

_SECONDS = 10.0


class ProgressLog(TrainerCallback):
    """Logs step, loss and tokens per second.

    Args:
        steps: Steps of the whole training.
        tokens_per_step: Mean tokens per step.
    """

    def __init__(self, steps: int, tokens_per_step: float) -> None:
        self._steps = steps
        self._tokens_per_step = tokens_per_step
        self._first_step = 0
        self._started = self._logged = time.monotonic()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Start the clock, at a later step when the training was resumed."""
        self._first_step = state.global_step
        self._started = self._logged = time.monotonic()

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any) -> None:
        """Print where the training is."""
        now = time.monotonic()
        if not logs or "loss" not in logs or now - self._logged < _SECONDS:
            return
        self._logged = now
        speed = (state.global_step - self._first_step) * self._tokens_per_step / (now - self._started)
        logger.info("step %d of %d, loss %.3f, %.0f tokens/s", state.global_step, self._steps, logs["loss"], speed)
