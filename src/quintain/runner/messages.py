"""Messages between the parent of a run and its workers, and the hooks that tell of them."""

from dataclasses import dataclass, field
from typing import Any

from kedro.framework.hooks.markers import hook_spec


@dataclass(frozen=True)
class Assignment:
    """A node to be run by a worker."""

    node: str
    """Name of the node."""
    memory: dict[str, bytes]
    """Pickled inputs that are kept in memory alone and that the worker does not hold yet."""
    release: list[str]
    """Datasets that nobody needs any more."""


@dataclass(frozen=True)
class Finished:
    """A node that came to its end."""

    seconds: float
    peak_mib: float
    """Most memory that the worker has held so far."""
    memory: dict[str, bytes] = field(default_factory=dict)
    """Pickled outputs that are kept in memory alone."""


@dataclass(frozen=True)
class Failed:
    """A node that raised."""

    error: Exception
    """With the worker's traceback as a note."""


class WorkerSpecs:
    """Hooks beside Kedro's own: those of a node run in a worker, where they cannot tell the parent anything."""

    @hook_spec
    def after_worker_started(self) -> None:
        """Called in each worker before its first node."""

    @hook_spec
    def before_worker_node_run(self, node: Any) -> None:
        """Called in the parent when a worker is given a node.

        Args:
            node: The node.
        """

    @hook_spec
    def after_worker_node_run(self, node: Any, seconds: float, peak_mib: float, worker: int) -> None:
        """Called in the parent when a worker has run a node.

        Args:
            node: The node.
            seconds: What it took, loading and saving included.
            peak_mib: Most memory that the worker has held so far.
            worker: Number of the worker, from 1.
        """
