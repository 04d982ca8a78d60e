"""A line in the log every few seconds, so that a long training is seen to move."""

import logging
import time
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback

if TYPE_CHECKING:
    from transformers import TrainerState

logger = logging.getLogger(__name__)

_SECONDS = 10.0


class ProgressLog(TrainerCallback):
    """Logs step, loss and tokens per second, and measures the time of this process."""

    def __init__(self) -> None:
        self._started = self._logged = time.monotonic()
        self._tokens_before = 0

    def on_train_begin(self, args: Any, state: "TrainerState", control: Any, **_: Any) -> None:
        """Start the clock, at a later step when the training is resumed."""
        self._started = self._logged = time.monotonic()
        self._tokens_before = state.num_input_tokens_seen
        if state.global_step:
            logger.info("continuing at step %d of %d", state.global_step, state.max_steps)

    def on_log(
        self, args: Any, state: "TrainerState", control: Any, logs: dict[str, float] | None = None, **_: Any
    ) -> None:
        """Print where the training is."""
        if not logs or "loss" not in logs or time.monotonic() - self._logged < _SECONDS:
            return
        self._logged = time.monotonic()
        logger.info(
            "step %d of %d, loss %.3f, %.0f tokens/s",
            state.global_step, state.max_steps, logs["loss"], self.tokens_per_second(state),
        )  # fmt: skip

    @property
    def seconds(self) -> float:
        """Seconds since the training began in this process."""
        return time.monotonic() - self._started

    def tokens_per_second(self, state: "TrainerState") -> float:
        """Tokens that this process trained on per second, padding not counted."""
        return (state.num_input_tokens_seen - self._tokens_before) / max(self.seconds, 1e-9)
