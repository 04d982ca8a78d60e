"""Nodes that do not depend on each other run at the same time, each in one of a few processes."""

import inspect
import logging
import multiprocessing
import os
import pickle
from collections import Counter
from itertools import chain
from typing import Any

from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node
from kedro.runner import SequentialRunner

from quintain.available_memory import available_memory
from quintain.errors import ConfigError
from quintain.processors import ONE_BY_ONE, usable_cores
from quintain.runner.crew import Crew, Worker
from quintain.runner.messages import Failed, Finished, WorkerSpecs
from quintain.runner.order import expected_seconds, remaining_path

logger = logging.getLogger(__name__)


class BranchRunner(SequentialRunner):
    """Runs a pipeline on all cores, with the results of the sequential runner.

    Workers are forked once, before the first node, and import what their nodes need, once each. Datasets with a file
    pass through it, datasets in memory are pickled and pass through the parent. One process, or a system that cannot
    fork, runs node by node.

    Args:
        processes: Most nodes at a time; by default the cores that this process may use.
        is_async: Kedro's command line passes it; loading and saving stay in the node's turn.
        process_gib: Memory that one process may take, in GiB; no more processes than the memory that is left has room
            for. By default nothing is assumed.

    Raises:
        ConfigError: The number of processes or their memory is not positive, or loading in threads was asked for.
    """

    def __init__(self, processes: int | None = None, is_async: bool = False, process_gib: float | None = None) -> None:
        if is_async:
            raise ConfigError("BranchRunner has no --async: nodes run side by side already; leave it out")
        if processes is not None and (not isinstance(processes, int) or processes < 1):
            raise ConfigError(f"--runner-params processes={processes}: give a whole number from 1")
        if process_gib is not None and (not isinstance(process_gib, int | float) or not process_gib > 0):
            raise ConfigError(f"--runner-params process_gib={process_gib}: give the GiB of one process, above 0")
        super().__init__(is_async=False)
        self._processes = _with_room(processes or _all_cores(), process_gib)

    def _run(
        self,
        pipeline: Pipeline,
        catalog: CatalogProtocol,
        hook_manager: Any = None,
        run_id: str | None = None,
    ) -> None:
        # As many as could ever run at a time; Kedro's own bound.
        count = min(self._processes, len(pipeline.nodes) - len(pipeline.grouped_nodes) + 1)
        if count < 2 or "fork" not in multiprocessing.get_all_start_methods():
            super()._run(pipeline, catalog, hook_manager, run_id)
            return
        hook_manager.add_hookspecs(WorkerSpecs)
        # Two processes that each take all cores are slower than one; torch reads this when a worker imports it.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        crew = Crew(count, {node.name: node for node in pipeline.nodes}, catalog, hook_manager, run_id)
        done: set[Node] = set()
        try:
            _Schedule(pipeline, catalog, crew, hook_manager, done).to_the_end()
        except Exception:
            crew.stop()
            self._suggest_resume_scenario(pipeline, done, catalog)
            raise
        except BaseException:  # Ctrl-C
            crew.stop()
            raise
        crew.dismiss()


def _all_cores() -> int:
    """Cores that this process may use; a line in the log where there is only one."""
    cores = usable_cores()
    if cores == 1:
        logger.warning("one core: %s", ONE_BY_ONE)
    return cores


def _with_room(processes: int, process_gib: float | None) -> int:
    """Processes that the memory has room for; one at least, and a line in the log where that is fewer."""
    if process_gib is None:
        return processes
    left = available_memory()
    left_gib = left.size_bytes / (1 << 30)
    fitting = left.room_for(process_gib * (1 << 30), processes)
    room = f"{left_gib:.1f} GiB of memory left ({left.limited_by}), process_gib={process_gib:g}"
    if left_gib < process_gib:
        logger.warning(
            "%s: the system may end the run where one process has no room; end other programs, or give it more memory",
            room,
        )
    if fitting == 1 < processes:
        logger.warning("%s: %s", room, ONE_BY_ONE)
    elif fitting < processes:
        logger.warning("%s: %d processes in place of %d", room, fitting, processes)
    return fitting


class _Schedule:
    """Nodes in their order, and what is kept in memory for those to come."""

    def __init__(self, pipeline: Pipeline, catalog: CatalogProtocol, crew: Crew, hooks: Any, done: set[Node]) -> None:
        self._pipeline, self._catalog, self._crew, self._hooks, self._done = pipeline, catalog, crew, hooks, done
        self._waits_for = {node: set(parents) for node, parents in pipeline.node_dependencies.items()}
        self._left = remaining_path(pipeline, expected_seconds(pipeline))
        self._loads = Counter(chain.from_iterable(node.inputs for node in pipeline.nodes))
        self._memory: dict[str, bytes] = {}

    def to_the_end(self) -> None:
        """Keep every worker busy until all nodes have run."""
        while len(self._done) < len(self._pipeline.nodes):
            self._assign()
            errors = []
            for worker, message in self._crew.results():
                if isinstance(message, Failed):
                    errors.append(message.error)
                else:
                    self._finish(worker, message)
            if errors:
                raise errors[0]

    def _finish(self, worker: Worker, finished: Finished) -> None:
        node, worker.node, worker.peak_mib = worker.node, None, finished.peak_mib
        if node is None:
            raise AssertionError(f"worker {worker.number} finished a node that it was not given")
        self._keep(worker, node, finished.memory)
        self._done.add(node)
        for parents in self._waits_for.values():
            parents.discard(node)
        self._hooks.hook.after_worker_node_run(
            node=node, seconds=finished.seconds, peak_mib=finished.peak_mib, worker=worker.number
        )

    def _assign(self) -> None:
        ready = [node for node, parents in self._waits_for.items() if not parents]
        idle = [worker for worker in self._crew.workers if worker.node is None]
        for node in sorted(ready, key=lambda node: (-self._left[node], node.name))[: len(idle)]:
            kept = {name for name in node.inputs if name in self._memory}
            # One that has run the same code has its imports behind it.
            code = inspect.unwrap(node.func)
            worker = max(idle, key=lambda each: (len(kept & each.holds), code in each.functions, -each.number))
            idle.remove(worker)
            del self._waits_for[node]
            self._hooks.hook.before_worker_node_run(node=node)
            self._crew.assign(worker, node, {name: self._memory[name] for name in kept - worker.holds})

    def _keep(self, worker: Worker, node: Node, memory: dict[str, bytes]) -> None:
        """Take over what a node made in memory, and let go what no node needs any more."""
        self._memory |= memory
        worker.holds |= memory.keys()
        self._loads.subtract(node.inputs)
        over = {name for name in [*node.inputs, *node.outputs] if self._loads[name] < 1}
        for name in sorted(over - self._pipeline.inputs()):
            data = self._memory.pop(name, None)
            if data is not None and name in self._pipeline.outputs():
                self._catalog.save(name, pickle.loads(data))  # noqa: S301 - from our own worker
            for each in self._crew.workers:
                if name in each.holds:
                    each.holds.remove(name)
                    each.release.append(name)
