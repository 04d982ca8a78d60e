"""A line of descent as boxes and arrows."""

from collections.abc import Sequence
from pathlib import Path

from quintain.registry.ancestry import Generation
from quintain.reporting.lineage_picture import Box, Edge

_DATA = "data/"


def lineage_graph(line: Sequence[Generation]) -> tuple[dict[str, Box], list[Edge]]:
    """Turn a version and its ancestors into boxes: the stages, what passed between them, the models.

    Args:
        line: The version and its ancestors, nearest first.

    Returns:
        Id → box, and the arrows. Code and settings are left out: the commit has them.
    """
    stages = {stage.name: stage for each in line for stage in each.lineage.stages}
    read = {path for stage in stages.values() for path in stage.inputs}
    by_path = {each.lineage.dvc_path: each for each in line}
    by_hash = {each.lineage.dvc_md5: each for each in line if each.lineage.dvc_md5}
    boxes: dict[str, Box] = {}
    edges: list[Edge] = []

    def add(path: str, md5: str) -> None:
        # A loop that ended passes its student on: the same model lies at several paths.
        boxes.setdefault(path, _box(path, md5, by_path.get(path) or by_hash.get(md5)))

    for stage in stages.values():
        boxes[stage.name] = Box("stage", stage.name)
        for path, md5 in stage.inputs.items():
            if path.startswith(_DATA):
                add(path, md5)
                edges.append((path, stage.name))
        for path, md5 in stage.outputs.items():
            if path in by_path or (path.startswith(_DATA) and path in read):
                add(path, md5)
                edges.append((stage.name, path))
    for path in by_path:
        add(path, "")
    return boxes, edges


def _box(path: str, md5: str, generation: Generation | None) -> Box:
    note = f"DVC {md5}" if md5 else path
    if generation is None:
        return Box("data", path.removeprefix(_DATA), note)
    return Box("model", f"{Path(path).name} (version {generation.version.version})", note)
