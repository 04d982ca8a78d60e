"""The workers of a run, as the parent sees them."""

import inspect
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from kedro.io import CatalogProtocol
from kedro.pipeline.node import Node

from quintain.errors import RunError
from quintain.runner.messages import Assignment, Failed, Finished
from quintain.runner.worker import GRACE_SECONDS, serve


@dataclass(eq=False)
class Worker:
    """One process and what is known of it."""

    number: int
    """From 1."""
    process: BaseProcess
    connection: Connection
    node: Node | None = None
    """What it runs just now."""
    holds: set[str] = field(default_factory=set)
    """Datasets that it keeps in memory."""
    release: list[str] = field(default_factory=list)
    """Datasets that it may let go before its next node."""
    functions: set[Callable[..., Any]] = field(default_factory=set)
    """What it has run so far."""
    peak_mib: float = 0.0


class Crew:
    """Workers, forked from this process with all that it holds.

    Args:
        count: Workers.
        nodes: Every node of the run by name.
        catalog: The catalog; each worker goes on with a copy.
        hooks: Kedro's plugin manager; each worker goes on with a copy.
        run_id: Kedro's id of the run.
    """

    def __init__(
        self, count: int, nodes: Mapping[str, Node], catalog: CatalogProtocol, hooks: Any, run_id: str | None
    ) -> None:
        context = multiprocessing.get_context("fork")
        self.workers: list[Worker] = []
        for number in range(1, count + 1):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=serve, args=(theirs, nodes, catalog, hooks, run_id), name=f"worker {number}"
            )
            process.start()
            theirs.close()
            with suppress(PermissionError, ProcessLookupError):  # the worker does so too; whoever is first
                os.setpgid(process.pid or 0, process.pid or 0)
            self.workers.append(Worker(number, process, ours))

    def assign(self, worker: Worker, node: Node, memory: dict[str, bytes]) -> None:
        """Let an idle worker run a node."""
        worker.node = node
        worker.functions.add(inspect.unwrap(node.func))
        with suppress(BrokenPipeError):  # it was killed: `results` says so
            worker.connection.send(Assignment(node.name, memory, worker.release))
        worker.holds |= memory.keys()
        worker.release = []

    def results(self) -> list[tuple[Worker, Finished | Failed]]:
        """Wait until at least one worker is through with its node.

        Returns:
            Workers and what they say.

        Raises:
            RunError: A worker was killed.
        """
        busy = {worker.connection: worker for worker in self.workers if worker.node}
        ended = {worker.process.sentinel: worker for worker in self.workers}
        ready = wait([*busy, *ended])
        heard: list[tuple[Worker, Finished | Failed]] = []
        for connection, worker in busy.items():
            if connection in ready:
                try:
                    heard.append((worker, connection.recv()))
                except (EOFError, ConnectionResetError):
                    raise self._killed(worker) from None
        for sentinel, worker in ended.items():
            if sentinel in ready and not heard:
                raise self._killed(worker)
        return heard

    def dismiss(self) -> None:
        """End workers that have nothing to do."""
        for worker in self.workers:
            with suppress(BrokenPipeError):
                worker.connection.send(None)
        for worker in self.workers:
            worker.process.join(GRACE_SECONDS)
        self.stop()

    def stop(self) -> None:
        """End every worker, whatever it does, and all that it started."""
        self._signal(signal.SIGTERM)
        try:
            deadline = time.monotonic() + GRACE_SECONDS + 0.25
            for worker in self.workers:
                worker.process.join(max(0.0, deadline - time.monotonic()))
        finally:
            self._signal(signal.SIGKILL)
            for worker in self.workers:
                worker.process.join()

    def _signal(self, number: int) -> None:
        for worker in self.workers:
            # Its group outlives a worker that was killed when its node had started others.
            with suppress(ProcessLookupError):
                os.killpg(worker.process.pid or 0, number)

    def _killed(self, worker: Worker) -> RunError:
        worker.process.join(GRACE_SECONDS)
        code = worker.process.exitcode or 0
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended by itself with exit code {code}"
        what = f"node {worker.node.name}" if worker.node else "no node"
        peaks = ", ".join(f"{each.peak_mib:,.0f}" for each in self.workers)
        return RunError(
            f"the process that ran {what} {how}; the system kills one (SIGKILL) when memory runs out. After their "
            f"last nodes the workers had held {peaks} MiB at most. Give the run more memory or fewer processes "
            "(--runner-params processes=1), then run it again; what other nodes have saved is kept"
        )
