"""The default world and its base student, trained from scratch."""

import pytest

from quintain.pipelines.world import nodes as world_nodes


def train_base(sizes, folder):
    """The world as JSON, the student's folder, and how its training went, as `kedro run --pipelines world` makes them.

    Args:
        sizes: What conf/base/parameters_world.yml says under `world`.
        folder: Where the student goes.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world_nodes, "SCRATCH", folder / "scratch")
        world = world_nodes.make_world(world_nodes.WorldParams(**sizes["world"]))
        architecture = world_nodes.ArchitectureParams(**sizes["architecture"])
        pretraining = world_nodes.PretrainingParams(**sizes["pretraining"])
        tokenizer_params = world_nodes.TokenizerParams(**sizes["tokenizer"])
        tokenizer = world_nodes.train_tokenizer(world, tokenizer_params, architecture, pretraining)
        student, _, summary = world_nodes.pretrain_base(world, tokenizer, architecture, pretraining)
        training = world_nodes.probe_base(world, student, summary, pretraining)
    model, tokenizer = student
    model.save_pretrained(folder / "base")
    tokenizer.save_pretrained(folder / "base")
    return world, folder / "base", training
