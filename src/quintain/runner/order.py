"""Priority of nodes: those with most left to do after them go first."""

from collections.abc import Mapping

from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

TRAINING_SECONDS = 60.0
_MODEL = "model@hf"


def expected_seconds(pipeline: Pipeline) -> dict[str, float]:
    """Guess what nodes take before any has run: one that saves a model trains it, which takes longer than the rest."""
    return {
        node.name: TRAINING_SECONDS
        for node in pipeline.nodes
        if any(name.rpartition(".")[2] == _MODEL for name in node.outputs)
    }


def remaining_path(pipeline: Pipeline, seconds: Mapping[str, float]) -> dict[Node, float]:
    """Length of the longest chain that begins at each node, its own time included.

    The longest chain is what a run takes however many processes there are, so nobody may wait in it for a node that
    stands beside it.

    Args:
        pipeline: Nodes and what they depend on.
        seconds: Node's name → what it is known to take; a node that is not there counts as one second.

    Returns:
        Node → seconds from its start to the end of its longest chain.
    """
    children: dict[Node, list[Node]] = {node: [] for node in pipeline.nodes}
    for node, parents in pipeline.node_dependencies.items():
        for parent in parents:
            children[parent].append(node)
    left: dict[Node, float] = {}
    for node in reversed(pipeline.nodes):  # in topological order, so children come first here
        left[node] = seconds.get(node.name, 1.0) + max((left[child] for child in children[node]), default=0.0)
    return left
