"""Gradients of a batch in two halves, on one core or on two, with the same bytes.

A batch is always cut in two and the gradients of its halves are added in one order, so a training ends with the same
weights whether a second process was there, came late or was killed.
"""

import bisect
import ctypes
import itertools
import logging
import math
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from quintain.processors import usable_cores

if TYPE_CHECKING:
    import torch
    from torch.nn import Module

logger = logging.getLogger(__name__)

Sequences = Sequence[Sequence[int]]
SummedLoss = Callable[[Any, Sequences, int], "torch.Tensor"]
"""Summed loss of sequences under a model; the third argument is the id that fills short sequences."""

START_SECONDS = 3.0
"""How long a training goes on alone, since one that is over by then would have waited for a process to start."""
_END_SECONDS = 5.0
_PR_SET_PDEATHSIG = 1


def halves(batch: Sequence[int], lengths: Sequence[int]) -> tuple[list[int], list[int]]:
    """Cut a batch where half of its tokens are reached; the second half of one sequence is empty."""
    seen = list(itertools.accumulate(lengths[i] for i in batch))
    cut = bisect.bisect_left(seen, seen[-1] / 2) + 1
    return list(batch[:cut]), list(batch[cut:])


class HalvedBatches:
    """Backward passes over batches, the second half of each in a process of its own once that is ready.

    Args:
        model: The model, all of it to be trained.
        sequences: All sequences, as token ids.
        pad_id: Id that fills short sequences.
        summed_loss: A function of a module, so that a new process can import it.
    """

    def __init__(self, model: "Module", sequences: Sequences, pad_id: int, summed_loss: SummedLoss) -> None:
        self._half = _Half(model, sequences, pad_id, summed_loss)
        self._lengths = [len(sequence) for sequence in sequences]
        self._second: _SecondProcess | None = None
        self._start_at = math.inf

    @contextmanager
    def on_all_cores(self) -> Iterator[None]:
        """Use a second core, where this process may, until the block ends; the model must be changed in place only."""
        self._start_at = time.monotonic() + START_SECONDS if usable_cores() > 1 else math.inf
        try:
            yield
        finally:
            self._start_at = math.inf
            if self._second is not None:
                self._second.end()
                self._second = None

    def backward(self, batch: Sequence[int]) -> float:
        """Set the model's gradients: of the mean loss over all predicted positions of a batch.

        Args:
            batch: Indices of sequences.

        Returns:
            The mean loss.
        """
        if self._second is None and time.monotonic() > self._start_at:
            self._second = _SecondProcess(self._half)
        first, second = halves(batch, self._lengths)
        predicted = sum(self._lengths[i] - 1 for i in batch)
        asked = bool(second) and self._second is not None and self._second.ask(second, predicted)
        loss, gradients = self._half.gradients(first, predicted)
        if second:
            more = self._second.answer() if asked and self._second is not None else None
            other_loss, other = more or self._half.gradients(second, predicted)
            loss += other_loss
            for gradient, addend in zip(gradients, other, strict=True):
                gradient.add_(addend)
        for weight, gradient in zip(self._half.weights, gradients, strict=True):
            weight.grad = gradient
        return loss


class _Half:
    """Gradients of some sequences."""

    def __init__(self, model: "Module", sequences: Sequences, pad_id: int, summed_loss: SummedLoss) -> None:
        self.model, self.weights = model, list(model.parameters())
        self._sequences, self._pad_id, self._summed_loss = sequences, pad_id, summed_loss

    def gradients(self, some: Sequence[int], predicted: int) -> "tuple[float, tuple[torch.Tensor, ...]]":
        """Part of the mean loss and its gradients that comes from some of a batch's sequences."""
        import torch

        loss = self._summed_loss(self.model, [self._sequences[i] for i in some], self._pad_id) / predicted
        return loss.item(), torch.autograd.grad(loss, self.weights)


class _SecondProcess:
    """A process that shares the model's weights and computes gradients beside this one."""

    def __init__(self, half: _Half) -> None:
        import torch
        from torch.multiprocessing import get_context  # shares the memory of tensors

        half.model.share_memory()
        self._gradients = [torch.zeros_like(weight).share_memory_() for weight in half.weights]
        # Not forked: a process that has computed gradients may hold threads that a fork would lose.
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        self._connection: Connection = ours
        self._process = context.Process(
            target=_serve, args=(theirs, half, self._gradients, os.getpid()), name="second half", daemon=True
        )
        self._process.start()
        theirs.close()
        self._ready = self._gone = False

    def ask(self, some: Sequence[int], predicted: int) -> bool:
        """Let it compute; False while it is still starting, and once it is gone."""
        try:
            self._ready = self._ready or (not self._gone and self._connection.poll() and self._connection.recv())
            if self._ready:
                self._connection.send((some, predicted))
        except (EOFError, OSError):
            self._lose()
        return self._ready

    def answer(self) -> "tuple[float, Sequence[torch.Tensor]] | None":
        """Wait for what it was asked; None when it has ended instead."""
        try:
            return self._connection.recv(), self._gradients
        except (EOFError, OSError):
            self._lose()
            return None

    def end(self) -> None:
        """End the process."""
        self._connection.close()
        if self._ready:
            self._process.join(_END_SECONDS)
        self._process.kill()
        self._process.join()

    def _lose(self) -> None:
        self._ready, self._gone = False, True
        logger.warning("the process for the second half of each batch has ended; one core does both halves")


def _serve(connection: Connection, half: _Half, gradients: "Sequence[torch.Tensor]", parent: int) -> None:
    import torch

    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which closes the connection
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return
    try:
        connection.send(True)
        while True:
            loss, computed = half.gradients(*connection.recv())
            for shared, gradient in zip(gradients, computed, strict=True):
                shared.copy_(gradient)
            connection.send(loss)
    except (EOFError, OSError):  # the training is over
        return
