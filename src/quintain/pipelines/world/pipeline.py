"""From a seed to a world, its web, its pack, and a student."""

from kedro.pipeline import Pipeline, node

from quintain.pipelines.world.nodes import (
    build_pack,
    draw_seeds,
    make_world,
    pretrain_base,
    train_tokenizer,
    write_pages,
)
from quintain.quality import checked


def create_pipeline(**_: object) -> Pipeline:
    """Make the embedded world; nothing goes in but parameters."""
    return Pipeline(
        [
            node(make_world, inputs="params:world.world", outputs="world", name="make_world"),
            node(write_pages, inputs=["world", "params:world.pages"], outputs="raw_pages", name="write_pages"),
            node(build_pack, inputs=["world", "params:world.pack"], outputs="pack_candidate", name="build_pack"),
            *checked("pack"),
            node(draw_seeds, inputs=["world", "params:world.seeds"], outputs="seed_instructions", name="draw_seeds"),
            node(
                train_tokenizer,
                inputs=["world", "params:world.tokenizer", "params:world.architecture", "params:world.pretraining"],
                outputs="tokenizer",
                name="train_tokenizer",
            ),
            node(
                pretrain_base,
                inputs=["world", "tokenizer", "params:world.architecture", "params:world.pretraining"],
                outputs=["base.model@hf", "base.loss_curve", "base.training"],
                name="pretrain_base",
            ),
        ]
    )
