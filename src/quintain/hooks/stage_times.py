"""Progress, seconds and peak memory of the nodes of a run."""

import logging
import resource
import sys
import time
from typing import Any

from kedro.framework.hooks import hook_impl

logger = logging.getLogger(__name__)


class StageTimesHook:
    """Logs every node with its seconds, and seconds and peak memory of every pipeline at the end of a run."""

    def __init__(self) -> None:
        self._done, self._nodes = 0, 0
        self._started: dict[str, float] = {}
        self._seconds: dict[str, float] = {}
        self._peak_mib: dict[str, float] = {}

    @hook_impl
    def before_pipeline_run(self, pipeline: Any) -> None:
        """Count the nodes."""
        self._done, self._nodes = 0, len(pipeline.nodes)

    @hook_impl
    def before_node_run(self, node: Any) -> None:
        """Note the time."""
        self._started[node.name] = time.monotonic()

    @hook_impl
    def after_node_run(self, node: Any) -> None:
        """Add the node's seconds to its stage."""
        stage = _stage(node)
        seconds = time.monotonic() - self._started.pop(node.name, time.monotonic())
        self._seconds[stage] = self._seconds.get(stage, 0.0) + seconds
        self._done += 1
        logger.info("[%d/%d] %s %.1f s", self._done, self._nodes, node.name, seconds)
        unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
        # The peak of the process so far: a stage that adds nothing shows the peak of an earlier one.
        self._peak_mib[stage] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit

    @hook_impl
    def after_pipeline_run(self) -> None:
        """Print the table."""
        if not self._seconds:
            return
        lines = [f"{'stage':28s} {'seconds':>8s} {'peak MiB':>9s}"]
        lines += [f"{stage:28s} {self._seconds[stage]:8.1f} {self._peak_mib[stage]:9.0f}" for stage in self._seconds]
        lines.append(f"{'all':28s} {sum(self._seconds.values()):8.1f} {max(self._peak_mib.values()):9.0f}")
        logger.info("Time and memory\n%s", "\n".join(lines))
        self._seconds, self._peak_mib = {}, {}


def _stage(node: Any) -> str:
    """Pipeline folder of a node's function, with the student it works for."""
    module = getattr(node.func, "__module__", "").split(".")
    pipeline = module[2] if module[:2] == ["quintain", "pipelines"] and len(module) > 2 else "quality"
    return f"{pipeline} ({node.namespace})" if node.namespace else pipeline
