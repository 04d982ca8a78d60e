"""WebR: every web page becomes the material of an instruction or the evidence behind a response.

Source: Jiang et al. 2025, "Instruction-Tuning Data Synthesis from Scratch via Web Reconstruction", arXiv:2504.15573.

A run is `plan`, then four questions to a model, each an `ask_…` and a `read_…`, then `make_pairs` and three filters:

    drafts = plan(pages, params)
    drafts, dropped = read_author(drafts, author.generate(ask_author(drafts, params)), params)
    …
    pairs = make_pairs(drafts, params)
"""

from quintain.methods.webr.cost import cost_per_row
from quintain.methods.webr.drafts import PairDraft, Plan, plan
from quintain.methods.webr.evidence import Evidence, collect_evidence
from quintain.methods.webr.forecast import forecast_calls
from quintain.methods.webr.grounding import grounding
from quintain.methods.webr.pairs import as_chat, drop_duplicates, drop_leaks, hold_mixture, make_pairs, mixture_of
from quintain.methods.webr.params import WebrParams
from quintain.methods.webr.preferences import refinement_preferences
from quintain.methods.webr.steps import (
    STAGES,
    Read,
    ask_author,
    ask_refinement,
    ask_request,
    ask_response,
    read_author,
    read_refinement,
    read_request,
    read_response,
)

__all__ = [
    "STAGES",
    "Evidence",
    "PairDraft",
    "Plan",
    "Read",
    "WebrParams",
    "as_chat",
    "ask_author",
    "ask_refinement",
    "ask_request",
    "ask_response",
    "collect_evidence",
    "cost_per_row",
    "drop_duplicates",
    "drop_leaks",
    "forecast_calls",
    "grounding",
    "hold_mixture",
    "make_pairs",
    "mixture_of",
    "plan",
    "read_author",
    "read_refinement",
    "read_request",
    "read_response",
    "refinement_preferences",
]
