"""Kedro-Viz opens on the family tree: `__default__` in boxes of students in place of those of namespaces."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from kedro.pipeline import Pipeline
from kedro_viz import server
from kedro_viz.constants import ROOT_MODULAR_PIPELINE_ID
from kedro_viz.data_access.repositories.modular_pipelines import ModularPipelinesRepository
from kedro_viz.integrations.kedro import data_loader
from kedro_viz.models.flowchart.edge import GraphEdge
from kedro_viz.models.flowchart.model_utils import GraphNodeType
from kedro_viz.models.flowchart.nodes import ModularPipelineChild
from kedro_viz.utils import _hash, _hash_input_output, is_dataset_param

from quintain import pipeline_registry
from quintain.viewing.family_tree import Boxes, boxes_of, outermost, plain

DEFAULT = "__default__"
_PACKAGE = "quintain"
_LOAD, _POPULATE = data_loader.load_data, server.populate_data


class FamilyTreeRepository(ModularPipelinesRepository):  # type: ignore[misc]
    """The boxes of `__default__`, as Kedro-Viz asks for them.

    Kedro-Viz would put every dataset that leaves a namespace outside of its box, reports and scorecards included. Here
    each lies inside of the boxes that make or read it, and box leads to box; outside lies what is the user's own.

    Args:
        boxes: Box of each node, and what joins the outermost.
    """

    def __init__(self, boxes: Boxes) -> None:
        super().__init__()
        self._boxes = boxes

    def populate_tree(self, pipeline: Pipeline) -> None:
        """Fill boxes with nodes and datasets.

        Args:
            pipeline: All nodes of the lifecycle.
        """
        made, read = _by_box(pipeline, self._boxes)
        for box in sorted({above for one in self._boxes.of.values() for above in _with_those_around(one)}):
            self.get_or_create_modular_pipeline(box)
            around = box.rpartition(".")[0] or ROOT_MODULAR_PIPELINE_ID
            self._put(around, box, GraphNodeType.MODULAR_PIPELINE)
        for node in pipeline.nodes:
            box = self._boxes.of[node.name]
            self._put(box, _hash(str(node)), GraphNodeType.TASK)
            self.node_mod_pipeline_map[_hash(str(node))].add(box)
            for above in _with_those_around(box):
                self.tree[above].tags.update(node.tags)
        for name in pipeline.datasets():
            self._place(name, made[plain(name)], read[plain(name)])

    def _place(self, name: str, made: set[str], read: set[str]) -> None:
        """Put a dataset into the boxes that it belongs to, and tie it to those which it enters or leaves."""
        identity = _hash_input_output(name)
        homes = self._homes(name, made | read)
        for box in {above for one in made | read for above in _with_those_around(one)}:
            if any(_lies_in(home, box) for home in homes) and not self._joins(name, box):
                continue
            ends = self.tree[box].outputs if any(_lies_in(one, box) for one in made) else self.tree[box].inputs
            ends.add(identity)
        if is_dataset_param(name):
            self.parameters.add(identity)
            return
        for box in homes:
            self._put(box, identity, GraphNodeType.DATA)
            self.node_mod_pipeline_map[identity].add(box)

    def _homes(self, name: str, boxes: set[str]) -> set[str]:
        """Boxes that a dataset is drawn in: none, or of each student the innermost with all its users."""
        if plain(name) in self._boxes.outside or is_dataset_param(name):
            return {ROOT_MODULAR_PIPELINE_ID}
        if plain(name) in self._boxes.joined:
            return {outermost(box) for box in boxes}
        homes = set()
        for student in {outermost(box) for box in boxes}:
            users = [box.split(".") for box in boxes if outermost(box) == student]
            shared = users[0]
            while not all(user[: len(shared)] == shared for user in users):
                shared = shared[:-1]
            homes.add(".".join(shared))
        return homes

    def _joins(self, name: str, box: str) -> bool:
        return any(box in pair for pair in self._boxes.joined.get(plain(name), ()))

    def _put(self, box: str, identity: str, kind: Any) -> None:
        self.get_or_create_modular_pipeline(box).children.add(ModularPipelineChild(id=identity, type=kind))


def open_on_family_tree() -> None:
    """Have Kedro-Viz, in this process, show the family tree of projects of ours."""
    data_loader.load_data, server.populate_data = load_data, populate_data


def load_data(
    path: Path, env: str | None = None, include_hooks: bool = False, package_name: str | None = None, *more: Any
) -> Any:
    """Load a project as Kedro-Viz does; one of ours with its hooks, which read the lifecycle of the environment.

    Args:
        path: Folder of the project.
        env: Its environment.
        include_hooks: Whether hooks of a project of others take part.
        package_name: Package with the pipelines.
        *more: Further settings of Kedro-Viz's.

    Returns:
        Catalog, pipelines, and what Kedro-Viz adds to nodes.
    """
    return _LOAD(path, env, include_hooks or package_name == _PACKAGE, package_name, *more)


def populate_data(manager: Any, catalog: Any, pipelines: dict[str, Pipeline], extras: Any) -> None:
    """Give pipelines to the pages of Kedro-Viz; where a lifecycle was read, with `__default__` as its family tree.

    Args:
        manager: What the pages ask.
        catalog: Datasets.
        pipelines: Pipelines by name.
        extras: What Kedro-Viz adds to nodes.
    """
    lifecycle = pipeline_registry.lifecycle
    if lifecycle and DEFAULT in pipelines:
        _show(manager, boxes_of(pipelines, lifecycle))
        pipelines = {DEFAULT: pipelines[DEFAULT], **pipelines}  # Kedro-Viz keeps the first place that it sees a node in
    _POPULATE(manager, catalog, pipelines, extras)


def _show(manager: Any, boxes: Boxes) -> None:
    """Have the pages of Kedro-Viz ask for these boxes in `__default__`, joined directly and without layers.

    A layer would run through all generations: every student is made of a model and makes one. Kedro-Viz remembers one
    place per node, that of the pipeline it saw first, so each page is given the places of its own pipeline.
    """
    manager.modular_pipelines[DEFAULT] = FamilyTreeRepository(boxes)
    tree_of = manager.create_modular_pipelines_tree_for_registered_pipeline
    layers_of = manager.get_sorted_layers_for_registered_pipeline
    nodes_of = manager.get_nodes_for_registered_pipeline

    def places(pipeline: str) -> list[tuple[Any, set[str] | None]]:
        found = manager.modular_pipelines[pipeline].node_mod_pipeline_map
        return [
            (node, node.modular_pipelines if node.type == GraphNodeType.MODULAR_PIPELINE else found.get(node.id))
            for node in nodes_of(pipeline)
        ]

    def nodes(pipeline: str = DEFAULT) -> list[Any]:
        return [node.model_copy(update={"modular_pipelines": place}) for node, place in places(pipeline)]

    def create_tree(pipeline: str = DEFAULT) -> Any:
        for node, place in places(pipeline):
            node.modular_pipelines = place
        tree = tree_of(pipeline)
        if pipeline == DEFAULT:
            for made, reader in {pair for pairs in boxes.joined.values() for pair in pairs}:
                manager.edges[pipeline].add_edge(GraphEdge(source=made, target=reader))
            inside = {_hash_input_output(name) for name in boxes.joined}
            for box in {outermost(one) for one in boxes.of.values()}:
                # Kedro-Viz draws inputs and outputs of a closed box outside of it. The lines to them are made already.
                tree[box].inputs -= inside
                tree[box].outputs -= inside
        return tree

    def sorted_layers(pipeline: str = DEFAULT) -> list[str]:
        return [] if pipeline == DEFAULT else layers_of(pipeline)

    manager.create_modular_pipelines_tree_for_registered_pipeline = create_tree
    manager.get_sorted_layers_for_registered_pipeline = sorted_layers
    manager.get_nodes_for_registered_pipeline = nodes


def _by_box(pipeline: Pipeline, boxes: Boxes) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Boxes that make and that read each dataset."""
    made, read = defaultdict(set), defaultdict(set)
    for node in pipeline.nodes:
        for name in node.outputs:
            made[plain(name)].add(boxes.of[node.name])
        for name in node.inputs:
            read[plain(name)].add(boxes.of[node.name])
    return made, read


def _with_those_around(box: str) -> list[str]:
    """A box and all that it lies in, the outermost first."""
    parts = box.split(".")
    return [".".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def _lies_in(box: str, other: str) -> bool:
    return box == other or box.startswith(f"{other}.")
