"""Work of a network that ends in the middle when nobody waits for it any more."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from quintain.errors import ModelError
from quintain.models.rows import RowEnds


class Interrupts:
    """Looks before every layer of a network whether somebody still waits.

    Between two tokens generate() asks its stopping criteria, but a long prompt may be read for minutes before that.

    Args:
        network: The network.
    """

    def __init__(self, network: Any) -> None:
        self.halted = False
        self._ends: RowEnds | None = None
        for layer in _layers(network):
            layer.register_forward_pre_hook(self._look)

    @contextmanager
    def watching(self, ends: RowEnds) -> Iterator[None]:
        """End the work inside when all of its rows have ended or their listeners are gone.

        Args:
            ends: The rows.

        Yields:
            Nothing.

        Raises:
            ModelError: All work was halted.
        """
        self._ends = ends
        try:
            yield
        except _Interrupted:
            if self.halted:
                raise ModelError("the model was halted before the completion ended") from None
            ends.give_up()
        finally:
            self._ends = None

    def _look(self, *_: object) -> None:
        if self._ends is not None and (self.halted or self._ends.unheard):
            raise _Interrupted


class _Interrupted(Exception):
    """Nobody waits."""


def _layers(network: Any) -> Iterator[Any]:
    """The blocks of a network, whose own parts are too small to look at each."""
    from torch.nn import ModuleList

    for part in network.children():
        if isinstance(part, ModuleList):
            yield from part
        else:
            yield from _layers(part)
