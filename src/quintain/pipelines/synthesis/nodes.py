"""Read the pages, ask the models, pair, count, show, hand on."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.decontamination import Decontamination, find_held_out, held_out_texts
from quintain.errors import RecordError
from quintain.methods import webr
from quintain.methods.webr import PairDraft, Read, WebrParams
from quintain.models.roles import Roles, bind, prices_by_role
from quintain.records import (
    Completion,
    Dropped,
    InstructionPair,
    PreferencePair,
    Request,
    WebPage,
)
from quintain.usage import RoleUsage, by_role
from quintain.web import PAGE_STAGES, IngestionParams, PageLimits, PageSource, funnel


@dataclass(frozen=True)
class Drafts:
    """Drafts on their way from one question to the next, with dropped ones and calls."""

    drafts: list[PairDraft]
    """The drafts still alive."""
    dropped: list[Dropped] = field(default_factory=list)
    """All drafts dropped so far."""
    calls: list[RoleUsage] = field(default_factory=list)
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


def plan_drafts(pages: list[WebPage], params: WebrParams) -> list[PairDraft]:
    """Decide for each page what it becomes, cut its section, and draw the knobs."""
    return webr.plan(pages, params)


def write_personas(drafts: list[PairDraft], params: WebrParams, roles: Roles) -> Drafts:
    """Ask who wrote each page."""
    requests = webr.ask_author(drafts, params)
    return _answered(Drafts(drafts), requests, webr.read_author, "author", params, roles)


def write_requests(personas: Drafts, params: WebrParams, roles: Roles) -> Drafts:
    """Ask what a user would want."""
    requests = webr.ask_request(personas.drafts)
    return _answered(personas, requests, webr.read_request, "teacher", params, roles)


def write_responses(requested: Drafts, params: WebrParams, roles: Roles) -> Drafts:
    """Ask for the responses, and for roll-outs without the page."""
    requests = webr.ask_response(requested.drafts, params)
    return _answered(requested, requests, webr.read_response, "teacher", params, roles)


def refine_responses(responded: Drafts, params: WebrParams, roles: Roles) -> Drafts:
    """Ask to improve the roll-outs with the page at hand."""
    requests = webr.ask_refinement(responded.drafts)
    return _answered(responded, requests, webr.read_refinement, "teacher", params, roles)


def _answered(
    drafts: Drafts,
    requests: list[Request],
    read: Callable[[Sequence[PairDraft], Sequence[Completion], WebrParams], Read],
    role: str,
    params: WebrParams,
    roles: Roles,
) -> Drafts:
    model = bind(role, roles, stage="synthesis")
    completions = model.generate(requests)
    alive, dropped = read(drafts.drafts, completions, params)
    usage = RoleUsage.on(role, completions, model.name)
    return Drafts(alive, [*drafts.dropped, *dropped], [*drafts.calls, usage])


def make_pairs(
    refined: Drafts, params: WebrParams, decontamination: Decontamination, *benchmarks: Benchmark
) -> tuple[list[InstructionPair], list[Dropped]]:
    """Pair requests and responses, drop those that ask the same or what is evaluated, hold the mixture.

    Args:
        refined: Drafts with all answers in them.
        params: Similarity of equal requests, mixture.
        decontamination: Further packs, and what makes a pair hold an item.
        *benchmarks: Benchmarks that students of this lifecycle are scored on.

    Returns:
        The pairs, and everything dropped since the plan.

    Raises:
        RecordError: No draft came through all questions, or a pack is missing.
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
    texts = ((pair.instruction, pair.response, pair.rollout) for pair in distinct)
    leaks = find_held_out(texts, benchmarks, decontamination)
    clean, contaminated = webr.drop_leaks(distinct, leaks)
    kept, surplus = webr.hold_mixture(clean, params)
    return kept, [*refined.dropped, *repeated, *contaminated, *surplus]


def pair_refinements(pairs: list[InstructionPair]) -> list[PreferencePair]:
    """Take each refined response as chosen and its roll-out as rejected: the by-product for preference training."""
    return webr.refinement_preferences(pairs)


def count_funnel(
    pages: list[WebPage],
    dropped_pages: list[Dropped],
    pairs: list[InstructionPair],
    dropped_pairs: list[Dropped],
    refined: Drafts,
) -> dict[str, Any]:
    """Count what came in, what went on and why not, and what it cost."""
    return {
        "pages": funnel(len(pages), dropped_pages, PAGE_STAGES),
        "pairs": funnel(len(pairs), dropped_pairs, webr.STAGES),
        "kinds": {kind: sum(pair.kind == kind for pair in pairs) for kind in sorted({pair.kind for pair in pairs})},
        "spent": {role: asdict(usage) for role, usage in by_role(refined.calls).items()},
    }


def measure_evidence(
    pages: list[WebPage],
    refined: Drafts,
    pairs: list[InstructionPair],
    dropped_pairs: list[Dropped],
    decontamination: Decontamination,
    roles: Roles,
    *benchmarks: Benchmark,
) -> dict[str, Any]:
    """Measure what the pairs are worth as data, and what each cost."""
    prices = prices_by_role(roles)
    evidence = webr.collect_evidence(pages, refined.drafts, pairs, dropped_pairs)
    evidence["contamination"]["held_out"] = len(held_out_texts(benchmarks, decontamination))
    return evidence | {"cost_per_row": webr.cost_per_row(by_role(refined.calls), len(pairs), prices)}


def show_synthesis(
    funnel: dict[str, Any], evidence: dict[str, Any], pages: list[WebPage], pairs: list[InstructionPair]
) -> str:
    """Show funnel, evidence and some rows beside their pages, as one HTML page that needs no network."""
    from quintain.reporting.synthesis import synthesis_page

    return synthesis_page(funnel, evidence, pages, pairs)


def export_pairs(
    pairs: list[InstructionPair],
    pages: list[WebPage],
    funnel: dict[str, Any],
    evidence: dict[str, Any],
    params: WebrParams,
) -> tuple[list[dict[str, Any]], str]:
    """Lay the pairs out as chats, with the card of the dataset."""
    from quintain.reporting.dataset_card import dataset_card

    by_id = {page.id: page for page in pages}
    rows = [webr.as_chat(pair, by_id[pair.page_id]) for pair in pairs]
    return rows, dataset_card(pairs, pages, funnel, evidence, params)
