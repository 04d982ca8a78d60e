"""The nodes that hooks are told of are those that Kedro's runner runs."""

import itertools

from hypothesis import given
from hypothesis import strategies as st
from kedro.framework.hooks import hook_impl
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner
from kedro_datasets.json import JSONDataset

from quintain.hooks.chosen_nodes import chosen_nodes

MISSING = {"only_missing_outputs": True}


class Seen:
    """Names of the nodes that ran."""

    def __init__(self):
        self.names = []

    @hook_impl
    def before_node_run(self, node):
        """Note its name."""
        self.names.append(node.name)


def lines(kept):
    """A chain of nodes, each output kept in a file or in memory; the third one has a second child."""
    names = [f"out_{place}" for place in range(len(kept))]
    nodes = [node(lambda: 1, None, names[0], name="n0")]
    nodes += [
        node(lambda one: one + 1, before, name, name=f"n{place}")
        for place, (before, name) in enumerate(itertools.pairwise(names), start=1)
    ]
    return Pipeline([*nodes, node(lambda one: one, names[min(2, len(kept) - 1)], "side", name="aside")]), names


@given(data=st.data(), kept=st.lists(st.booleans(), min_size=1, max_size=6))
def test_they_are_those_of_the_runner_whatever_is_there_already(tmp_path_factory, data, kept):
    folder = tmp_path_factory.mktemp("outputs")
    pipeline, names = lines(kept)
    files = {
        name: folder / f"{name}.json" for name, in_file in zip([*names, "side"], [*kept, True], strict=True) if in_file
    }
    there = data.draw(st.sets(st.sampled_from(sorted(files))))
    for name in there:
        files[name].write_text("1")
    catalog = DataCatalog({name: JSONDataset(filepath=str(file)) for name, file in files.items()})
    chosen = chosen_nodes(MISSING, pipeline, catalog)
    seen, manager = Seen(), _create_hook_manager()
    manager.register(seen)
    SequentialRunner().run(pipeline, catalog, manager, only_missing_outputs=True)
    assert [each.name for each in chosen.nodes] == seen.names


def test_all_of_them_run_where_nobody_asked_for_the_missing_ones_alone():
    pipeline, names = lines([True])
    assert chosen_nodes({}, pipeline, DataCatalog({names[0]: MemoryDataset(1)})) is pipeline
