"""The whole pipeline on a catalog, with the oracle for a model unless a test binds another."""

from kedro.runner import SequentialRunner

from quintain.pipelines.synthesis import create_pipeline
from tests.lifecycles import tree

ORACLE = {role: {"backend": "oracle", "world": "data/01_raw/world.json"} for role in ("author", "teacher")}


def run(catalog):
    SequentialRunner().run(create_pipeline(tree()), catalog)
