"""Pages through extraction, four questions to models, and two gates."""

from kedro.pipeline import Pipeline, node

from quintain.pipelines.synthesis.nodes import (
    count_funnel,
    extract_pages,
    make_pairs,
    plan_drafts,
    refine_responses,
    write_personas,
    write_requests,
    write_responses,
)
from quintain.quality import checked

_METHOD = "params:synthesis.method"
_MODELS = [_METHOD, "params:roles", "world"]


def create_pipeline(**_: object) -> Pipeline:
    """Synthesise instruction pairs: `raw_pages` in, `instruction_pairs` and `synthesis_funnel` out."""
    return Pipeline(
        [
            node(
                extract_pages,
                inputs=["raw_pages", "params:synthesis.extraction", "params:synthesis.ingestion"],
                outputs=["pages_candidate", "dropped_pages_candidate"],
                name="extract_pages",
            ),
            *checked("pages"),
            *checked("dropped_pages"),
            node(plan_drafts, inputs=["pages", _METHOD], outputs="drafts", name="plan_drafts"),
            node(write_personas, inputs=["drafts", *_MODELS], outputs="personas", name="write_personas"),
            node(write_requests, inputs=["personas", *_MODELS], outputs="requests", name="write_requests"),
            node(write_responses, inputs=["requests", *_MODELS], outputs="rollouts", name="write_responses"),
            node(refine_responses, inputs=["rollouts", *_MODELS], outputs="refined", name="refine_responses"),
            node(
                make_pairs,
                inputs=["refined", _METHOD],
                outputs=["instruction_pairs_candidate", "dropped_pairs_candidate"],
                name="make_pairs",
            ),
            *checked("instruction_pairs"),
            *checked("dropped_pairs"),
            node(
                count_funnel,
                inputs=["pages", "dropped_pages", "instruction_pairs", "dropped_pairs", "refined"],
                outputs="synthesis_funnel",
                name="count_funnel",
            ),
        ]
    )
