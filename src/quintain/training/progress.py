"""Progress of a training: step, loss and tokens per second, so that a long one is seen to move."""

import logging
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

from transformers import TrainerCallback

from quintain.progress import Progress

if TYPE_CHECKING:
    from transformers import TrainerState

logger = logging.getLogger(__name__)


class ProgressLog(TrainerCallback):
    """Tells steps, loss and tokens per second, and measures the time of this process.

    As a context manager around the training it falls silent when that ends, by an error too.
    """

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._tokens_before = self._tokens_told = 0
        self._showing = ExitStack()
        self._progress: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._showing.close()

    def on_train_begin(self, args: Any, state: "TrainerState", control: Any, **_: Any) -> None:
        """Start the clock, at a later step when the training is resumed."""
        self._started = time.monotonic()
        self._tokens_before = self._tokens_told = state.num_input_tokens_seen
        if state.global_step:
            logger.info("continuing at step %d of %d", state.global_step, state.max_steps)
        progress = Progress("training, steps", state.max_steps, "tokens", done=state.global_step)
        self._progress = self._showing.enter_context(progress)

    def on_step_end(self, args: Any, state: "TrainerState", control: Any, **_: Any) -> None:
        """Note what a step read."""
        if self._progress is not None:
            read = state.num_input_tokens_seen - self._tokens_told
            self._progress.advance(state.global_step - self._progress.done, read)
            self._tokens_told = state.num_input_tokens_seen

    def on_log(
        self, args: Any, state: "TrainerState", control: Any, logs: dict[str, float] | None = None, **_: Any
    ) -> None:
        """Note the loss."""
        if self._progress is not None and logs and "loss" in logs:
            self._progress.advance(note=f"loss {logs['loss']:.3f}")

    @property
    def seconds(self) -> float:
        """Seconds since the training began in this process."""
        return time.monotonic() - self._started

    def tokens_per_second(self, state: "TrainerState") -> float:
        """Tokens that this process trained on per second, padding not counted."""
        return (state.num_input_tokens_seen - self._tokens_before) / max(self.seconds, 1e-9)
