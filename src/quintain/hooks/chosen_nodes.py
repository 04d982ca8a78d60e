"""Nodes that a run will run: all of its pipeline, or those whose outputs are missing."""

import logging
from typing import Any

from kedro.pipeline import Pipeline

logger = logging.getLogger(__name__)


def chosen_nodes(run_params: dict[str, Any], pipeline: Pipeline, catalog: Any) -> Pipeline:
    """Part of a pipeline that Kedro's runner will run.

    The runner drops what `--only-missing-outputs` leaves out after the hooks were told of the whole pipeline; its own
    functions decide here as they do there.

    Args:
        run_params: Kedro's parameters of the run.
        pipeline: The nodes that were asked for.
        catalog: Where their outputs are looked for.

    Returns:
        Those that will run; may be none.
    """
    if not run_params.get("only_missing_outputs"):
        return pipeline
    from kedro.runner.runner import _build_node_children_map, _determine_nodes_to_run

    backwards = list(reversed(pipeline.nodes))
    nodes = _determine_nodes_to_run(backwards, catalog, _build_node_children_map(pipeline), logger)
    return pipeline.filter(node_names=[node.name for node in nodes]) if nodes else Pipeline([])
