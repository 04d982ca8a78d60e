"""Progress, seconds and peak memory of the nodes of a run: a line when one starts, a line when it has ended."""

import logging
import time
from typing import Any

from kedro.framework.hooks import hook_impl

from quintain.hooks.chosen_nodes import chosen_nodes
from quintain.hooks.heartbeat import Heartbeat
from quintain.runner.peak import peak_mib

logger = logging.getLogger(__name__)


class StageTimesHook:
    """Logs every node's start and end with its seconds, and seconds and peak memory of every pipeline after a run.

    Nodes run in this process, or in workers: there a copy of this object lives, which keeps silent, and the parent's is
    told what they did.
    """

    def __init__(self) -> None:
        self._in_worker = False
        self._begun_nodes, self._done, self._nodes = 0, 0, 0
        self._begun = 0.0
        self._started: dict[str, float] = {}
        self._heartbeats: dict[str, Heartbeat] = {}
        self._seconds: dict[str, float] = {}
        self._peak_mib: dict[str, float] = {}
        self._worker_peak_mib: dict[int, float] = {}

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Any, catalog: Any) -> None:
        """Count the nodes, and say which is the first: it may be a while until it has ended."""
        chosen = chosen_nodes(run_params, pipeline, catalog)
        self._begun_nodes, self._done, self._nodes = 0, 0, len(chosen.nodes)
        if chosen.nodes:
            first = chosen.nodes[0]
            logger.info("%d nodes to run, first %s: %s", self._nodes, _pipeline(first), first.name)
        self._begun = time.monotonic()
        self._seconds, self._peak_mib, self._worker_peak_mib = {}, {}, {}

    @hook_impl
    def after_worker_started(self) -> None:
        """Leave the telling to the parent."""
        self._in_worker = True

    @hook_impl
    def before_node_run(self, node: Any) -> None:
        """Note the time, and say that it starts: it may be a while until it has ended."""
        self._started[node.name] = time.monotonic()
        if not self._in_worker:
            self._say_started(node)
        # A worker's lines begin with the node's name as they are.
        self._heartbeats[node.name] = Heartbeat("" if self._in_worker else node.name)

    @hook_impl
    def before_worker_node_run(self, node: Any) -> None:
        """Say that a worker was given a node."""
        self._say_started(node)

    def _say_started(self, node: Any) -> None:
        self._begun_nodes += 1
        logger.info("[%*d/%d] %s started", len(str(self._nodes)), self._begun_nodes, self._nodes, node.name)

    @hook_impl
    def after_node_run(self, node: Any) -> None:
        """Add the node's seconds to its stage."""
        self._fall_silent(node)
        seconds = time.monotonic() - self._started.pop(node.name, time.monotonic())
        if not self._in_worker:
            self._add(node, seconds, peak_mib())

    @hook_impl
    def after_worker_node_run(self, node: Any, seconds: float, peak_mib: float, worker: int) -> None:
        """Add the seconds of a node that ran in a worker."""
        self._worker_peak_mib[worker] = peak_mib
        self._add(node, seconds, peak_mib)

    @hook_impl
    def on_node_error(self, node: Any) -> None:
        """Fall silent."""
        self._fall_silent(node)

    def _fall_silent(self, node: Any) -> None:
        if heartbeat := self._heartbeats.pop(node.name, None):
            heartbeat.end()

    def _add(self, node: Any, seconds: float, peak_mib: float) -> None:
        stage = _stage(node)
        self._seconds[stage] = self._seconds.get(stage, 0.0) + seconds
        # The peak of its process so far: a stage that adds nothing shows the peak of an earlier one.
        self._peak_mib[stage] = max(peak_mib, self._peak_mib.get(stage, 0.0))
        self._done += 1
        logger.info("[%*d/%d] %s: %s %.1f s", len(str(self._nodes)), self._done, self._nodes,
                    _pipeline(node), node.name, seconds)  # fmt: skip

    @hook_impl
    def after_pipeline_run(self, pipeline: Any) -> None:
        """Print the table."""
        if not self._seconds:
            if pipeline.nodes:
                logger.info(
                    "Nothing to do: what all %d nodes make is there (--only-missing-outputs)", len(pipeline.nodes)
                )
            return
        lines = [f"{'stage':28s} {'seconds':>8s} {'peak MiB':>9s}"]
        lines += [f"{stage:28s} {self._seconds[stage]:8.1f} {self._peak_mib[stage]:9.0f}" for stage in self._seconds]
        whole = time.monotonic() - self._begun
        peaks = {"this process": peak_mib(), **{f"worker {n}": m for n, m in sorted(self._worker_peak_mib.items())}}
        lines.append(f"{'all nodes':28s} {sum(self._seconds.values()):8.1f}")
        lines += [f"{process:28s} {whole:8.1f} {peak:9.0f}" for process, peak in peaks.items()]
        lines.append(f"{'the run':28s} {whole:8.1f} {sum(peaks.values()):9.0f}")
        logger.info("Time and memory\n%s", "\n".join(lines))
        self._seconds, self._peak_mib = {}, {}


def _pipeline(node: Any) -> str:
    """Pipeline folder of a node's function."""
    module = getattr(node.func, "__module__", "").split(".")
    return module[2] if module[:2] == ["quintain", "pipelines"] and len(module) > 2 else "quality"


def _stage(node: Any) -> str:
    """Pipeline folder of a node's function, with the student it works for."""
    return f"{_pipeline(node)} ({node.namespace})" if node.namespace else _pipeline(node)
