"""Time, tokens and MFU of the steps of a trainer, see `gpu.py`."""

import contextlib
import gc
import statistics
import time
from collections.abc import Iterator
from typing import Any
from unittest import mock

import torch
from gpu_shapes import Shape

PEAK_FLOPS = 989e12


class Steps:
    """When each step of a trainer began, and how many tokens it had."""

    def __init__(self, warm_up: int) -> None:
        self.warm_up = warm_up
        self.began: list[float] = []
        self.tokens: list[int] = []
        self.learned: list[int] = []
        self.rows: list[int] = []

    def see(self, inputs: dict[str, Any]) -> None:
        """Note that a step begins, once all before it is computed."""
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.began.append(time.perf_counter())
        mask = inputs.get("attention_mask")
        learned = inputs["labels"] != -100 if "labels" in inputs else inputs["completion_mask"].bool()
        self.tokens.append(int(inputs["input_ids"].numel() if mask is None else mask.sum()))
        self.learned.append(int(learned.sum()))
        self.rows.append(len(inputs["input_ids"]) if mask is not None else int(inputs["seq_idx"].max()) + 1)

    @property
    def tokens_per_second(self) -> float:
        """Median over the steps after the first ones."""
        took = [after - before for before, after in zip(self.began, self.began[1:], strict=False)]
        speeds = [tokens / seconds for tokens, seconds in zip(self.tokens, took, strict=False)]
        return statistics.median(speeds[self.warm_up :])

    def mfu(self, shape: Shape, passes: float) -> float:
        """Share of the peak; `passes` are the FLOPs of a weight and token."""
        head = shape.hidden // shape.heads
        attention = 2 * shape.hidden * shape.hidden + 2 * shape.hidden * shape.kv_heads * head
        weights = shape.layers * (attention + 3 * shape.hidden * shape.feed_forward)
        learned = sum(self.learned) / sum(self.tokens)
        length = sum(self.tokens) / sum(self.rows)
        a_token = weights + shape.vocabulary * shape.hidden * learned + shape.layers * shape.hidden * length
        return self.tokens_per_second * passes * a_token / PEAK_FLOPS


@contextlib.contextmanager
def watched(trainer: Any, warm_up: int) -> Iterator[Steps]:
    """Note the steps of a trainer and of all that derive from it; no checkpoint is written, gigabytes at a time."""
    steps, step = Steps(warm_up), trainer.training_step

    def noted(self: Any, model: Any, inputs: dict[str, Any], *arguments: Any, **named: Any) -> Any:
        steps.see(inputs)
        return step(self, model, inputs, *arguments, **named)

    try:
        with (
            mock.patch.object(trainer, "training_step", noted),
            mock.patch.object(trainer, "_save_checkpoint", return_value=None),
        ):
            yield steps
    finally:
        gc.collect()  # a trainer and its callbacks hold each other, and the model with them
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
