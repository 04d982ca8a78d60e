"""WebR: every web page becomes the material of an instruction or the evidence behind a response.

Source: Jiang et al. 2025, "Instruction-Tuning Data Synthesis from Scratch via Web Reconstruction", arXiv:2504.15573.

A run is `plan`, then four questions to a model, each an `ask_…` and a `read_…`, then `make_pairs` and two filters:

    drafts = plan(pages, params)
    drafts, dropped = read_author(drafts, author.generate(ask_author(drafts, params)), params)
    …
    pairs = make_pairs(drafts, params)
"""

from quintain.methods.webr.drafts import Draft, plan
from quintain.methods.webr.grounding import grounding
from quintain.methods.webr.pairs import drop_duplicates, hold_mixture, make_pairs
from quintain.methods.webr.params import WebrParams
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
    "Draft",
    "Read",
    "WebrParams",
    "ask_author",
    "ask_refinement",
    "ask_request",
    "ask_response",
    "drop_duplicates",
    "grounding",
    "hold_mixture",
    "make_pairs",
    "plan",
    "read_author",
    "read_refinement",
    "read_request",
    "read_response",
]
