"""Work of a network that ends in the middle when nobody waits for it any more."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from quintain.errors import ModelError
from quintain.models.rows import Row

Made = TypeVar("Made")


class Interrupts:
    """Looks before every layer of a network whether somebody still waits: a long prompt may be read for minutes.

    Args:
        network: The network.
    """

    def __init__(self, network: Any) -> None:
        self.halted = False
        self._rows: Sequence[Row] | None = None
        for layer in _layers(network):
            layer.register_forward_pre_hook(self._look)

    def watch(self, rows: Sequence[Row], work: Callable[[], Made]) -> Made | None:
        """Do work of the network for some rows, as long as somebody waits for one of them.

        Args:
            rows: The rows.
            work: The work.

        Returns:
            What it made; None when nobody waits any more.

        Raises:
            ModelError: All work was halted.
        """
        self._rows = rows
        try:
            return work()
        except _Interrupted:
            if self.halted:
                raise ModelError("the model was halted before the completion ended") from None
            return None
        finally:
            self._rows = None

    def _look(self, *_: object) -> None:
        if self._rows is not None and (self.halted or all(row.unheard for row in self._rows)):
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
