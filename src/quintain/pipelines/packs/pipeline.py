"""From seeds to training items and edits, each with an exact answer."""

from kedro.pipeline import Pipeline, node

from quintain.lifecycle import Lifecycle
from quintain.pipelines.packs.nodes import draw_exercises, draw_pack_edits
from quintain.quality import checked


def create_pipeline(lifecycle: Lifecycle) -> Pipeline:
    """Draw what students learn `on: packs`; nothing goes in but parameters."""
    return Pipeline(
        [
            node(
                draw_exercises,
                inputs="params:packs.exercises",
                outputs=["pack_pairs_candidate", "pack_seeds", "pack_prompts_candidate"],
                name="draw_exercises",
            ),
            *checked("pack_pairs"),
            *checked("pack_prompts"),
            node(draw_pack_edits, inputs="params:packs.edits", outputs="pack_edits", name="draw_pack_edits"),
        ]
    )
