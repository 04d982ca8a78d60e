"""Read the pages, ask the models, pair, count."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from quintain.errors import RecordError
from quintain.methods import webr
from quintain.methods.webr import Draft, Read, WebrParams
from quintain.models.roles import Roles, bind
from quintain.records import Completion, Dropped, InstructionPair, Request, WebPage
from quintain.web import PAGE_STAGES, IngestionParams, PageLimits, PageSource, funnel

World = dict[str, Any]


@dataclass(frozen=True)
class Calls:
    """What one question to one role cost."""

    role: str
    """Role that was asked."""
    model: str
    """Name of the model behind it."""
    calls: int
    """Requests, whether the model or the ledger answered them."""
    prompt_tokens: int
    """Tokens read."""
    completion_tokens: int
    """Tokens written."""


@dataclass(frozen=True)
class Drafts:
    """What one question hands on to the next."""

    drafts: list[Draft]
    """The drafts still alive."""
    dropped: list[Dropped] = field(default_factory=list)
    """All drafts dropped so far."""
    calls: list[Calls] = field(default_factory=list)
    """All questions asked so far."""


def extract_pages(
    raw_pages: PageSource, limits: PageLimits, ingestion: IngestionParams
) -> tuple[list[WebPage], list[Dropped]]:
    """Read main text, title, language and licence; drop what is not worth learning from.

    Args:
        raw_pages: Where the pages lie.
        limits: What a page must keep to.
        ingestion: Engine, workers and shards; how alike two pages may be.

    Returns:
        The pages, and everything dropped with its reason.

    Raises:
        RecordError: There was no page, or none was worth keeping.
    """
    from quintain import web

    pages: list[WebPage] = []
    dropped: list[Dropped] = []
    for record in web.ingest(raw_pages, limits, ingestion):
        (pages if isinstance(record, WebPage) else dropped).append(record)  # type: ignore[arg-type]
    if not pages:
        reasons = funnel(0, dropped, PAGE_STAGES)
        said = ", ".join(f"{n} {why}" for stage in reasons.values() for why, n in stage["dropped"].items())
        raise RecordError(
            f"raw_pages gave no page to work with: {said or 'it is empty'}. "
            "Name another source (raw_pages in the catalog) or loosen synthesis.extraction"
        )
    return pages, dropped


def plan_drafts(pages: list[WebPage], params: WebrParams) -> Drafts:
    """Decide which page becomes material and which evidence, and draw the knobs."""
    return Drafts(webr.plan(pages, params))


def write_personas(drafts: Drafts, params: WebrParams, roles: Roles, world: World | None) -> Drafts:
    """Ask who wrote each page."""
    requests = webr.ask_author(drafts.drafts, params)
    return _answered(drafts, requests, webr.read_author, "author", params, roles, world)


def write_requests(personas: Drafts, params: WebrParams, roles: Roles, world: World | None) -> Drafts:
    """Ask what a user would want."""
    requests = webr.ask_request(personas.drafts)
    return _answered(personas, requests, webr.read_request, "teacher", params, roles, world)


def write_responses(requested: Drafts, params: WebrParams, roles: Roles, world: World | None) -> Drafts:
    """Ask for the responses, and for roll-outs without the page."""
    requests = webr.ask_response(requested.drafts)
    return _answered(requested, requests, webr.read_response, "teacher", params, roles, world)


def refine_responses(responded: Drafts, params: WebrParams, roles: Roles, world: World | None) -> Drafts:
    """Ask to improve the roll-outs with the page at hand."""
    requests = webr.ask_refinement(responded.drafts)
    return _answered(responded, requests, webr.read_refinement, "teacher", params, roles, world)


def _answered(
    drafts: Drafts,
    requests: list[Request],
    read: Callable[[Sequence[Draft], Sequence[Completion], WebrParams], Read],
    role: str,
    params: WebrParams,
    roles: Roles,
    world: World | None,
) -> Drafts:
    model = bind(role, roles, world, stage="synthesis")
    completions = model.generate(requests)
    alive, dropped = read(drafts.drafts, completions, params)
    calls = Calls(
        role,
        model.name,
        len(completions),
        sum(completion.prompt_tokens for completion in completions),
        sum(completion.completion_tokens for completion in completions),
    )
    return Drafts(alive, [*drafts.dropped, *dropped], [*drafts.calls, calls])


def make_pairs(refined: Drafts, params: WebrParams) -> tuple[list[InstructionPair], list[Dropped]]:
    """Pair requests and responses, drop those that ask the same, hold the mixture.

    Args:
        refined: Drafts with all answers in them.
        params: Similarity of equal requests, mixture.

    Returns:
        The pairs, and everything dropped since the plan.

    Raises:
        RecordError: No draft came through all questions.
    """
    from quintain.web import near_duplicates

    if not refined.drafts:
        counts = funnel(0, refined.dropped, webr.STAGES)
        said = "; ".join(f"{stage}: {count['dropped']}" for stage, count in counts.items() if count["dropped"])
        raise RecordError(f"no page became a pair ({said}); see what the models wrote in the ledger")
    pairs = webr.make_pairs(refined.drafts, params, {calls.role: calls.model for calls in refined.calls})
    requests = [pair.request for pair in pairs]
    clusters = near_duplicates(requests, params.duplicate_similarity, shingle_words=params.shingle_words)
    distinct, repeated = webr.drop_duplicates(pairs, clusters)
    kept, surplus = webr.hold_mixture(distinct, params)
    return kept, [*refined.dropped, *repeated, *surplus]


def count_funnel(
    pages: list[WebPage],
    dropped_pages: list[Dropped],
    pairs: list[InstructionPair],
    dropped_pairs: list[Dropped],
    refined: Drafts,
) -> dict[str, Any]:
    """Count what came in, what went on and why not, what it cost, and how far refinement leans on the pages."""
    spent: dict[str, dict[str, int]] = {}
    for calls in refined.calls:
        role = spent.setdefault(calls.role, {"calls": 0, "prompt_tokens": 0, "completion_tokens": 0})
        for name in role:
            role[name] += getattr(calls, name)
    return {
        "pages": funnel(len(pages), dropped_pages, PAGE_STAGES),
        "pairs": funnel(len(pairs), dropped_pairs, webr.STAGES),
        "kinds": {kind: sum(pair.kind == kind for pair in pairs) for kind in sorted({pair.kind for pair in pairs})},
        "spent": spent,
        "grounding": _grounding(refined.drafts),
    }


def _grounding(drafts: list[Draft]) -> dict[str, float]:
    """Mean share of content words that stand on the page, before and after refinement."""
    refined = [draft for draft in drafts if draft.rollout]
    if not refined:
        return {}
    return {
        "rollout": round(fmean(webr.grounding(draft.rollout, draft.section) for draft in refined), 4),
        "refined": round(fmean(webr.grounding(draft.response, draft.section) for draft in refined), 4),
    }
