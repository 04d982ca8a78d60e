"""Pages through extraction, four questions to models in waves, and a gate at every boundary."""

from kedro.pipeline import Pipeline, node

from quintain.lifecycle import Lifecycle
from quintain.pipelines.synthesis.nodes import (
    count_funnel,
    export_pairs,
    extract_pages,
    make_pairs,
    measure_evidence,
    pair_refinements,
    plan_drafts,
    show_synthesis,
    write_pairs,
)
from quintain.quality import checked

_METHOD = "params:synthesis.method"
_DECONTAMINATION = "params:decontamination"
_INGESTION = "params:synthesis.ingestion"


def create_pipeline(lifecycle: Lifecycle) -> Pipeline:
    """Synthesise instruction pairs of the pages of the embedded world, or where there is none of the user's own.

    Args:
        lifecycle: Whether there is a world, and the benchmarks whose items no pair may hold.

    Returns:
        The pipeline: pages in, `instruction_pairs` and what is known of them out.
    """
    pages = "raw_pages" if lifecycle.world else "given_pages"
    items = [f"{benchmark}.items@benchmark" for benchmark in lifecycle.held_out]
    return Pipeline(
        [
            node(
                extract_pages,
                inputs=[pages, "params:synthesis.extraction", _INGESTION],
                outputs=["pages_candidate", "dropped_pages_candidate"],
                name="extract_pages",
            ),
            *checked("pages"),
            *checked("dropped_pages"),
            node(plan_drafts, inputs=["pages", _METHOD], outputs="drafts_candidate", name="plan_drafts"),
            *checked("drafts"),
            node(
                write_pairs,
                inputs=["drafts", _METHOD, "params:roles", _DECONTAMINATION, _INGESTION, *items],
                outputs="refined",
                name="write_pairs",
            ),
            node(
                make_pairs,
                inputs=["refined", _METHOD, _DECONTAMINATION, *items],
                outputs=["instruction_pairs_candidate", "dropped_pairs_candidate"],
                name="make_pairs",
            ),
            *checked("instruction_pairs"),
            *checked("dropped_pairs"),
            node(
                pair_refinements,
                inputs="instruction_pairs",
                outputs="synthesis_preferences_candidate",
                name="pair_refinements",
            ),
            *checked("synthesis_preferences"),
            node(
                count_funnel,
                inputs=["pages", "dropped_pages", "instruction_pairs", "dropped_pairs", "refined"],
                outputs="synthesis_funnel",
                name="count_funnel",
            ),
            node(
                measure_evidence,
                inputs=[
                    "pages",
                    "refined",
                    "instruction_pairs",
                    "dropped_pairs",
                    _DECONTAMINATION,
                    "params:roles",
                    *items,
                ],
                outputs="synthesis_evidence",
                name="measure_evidence",
            ),
            node(
                show_synthesis,
                inputs=["synthesis_funnel", "synthesis_evidence", "pages", "instruction_pairs"],
                outputs="synthesis_page",
                name="show_synthesis",
            ),
            node(
                export_pairs,
                inputs=["instruction_pairs", "pages", "synthesis_funnel", "synthesis_evidence", _METHOD],
                outputs="instruction_dataset",
                name="export_pairs",
            ),
        ]
    )
