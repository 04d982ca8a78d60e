"""Read the pages, ask the models, pair, count, show, hand on."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.decontamination import Decontamination, held_out_texts
from quintain.errors import RecordError
from quintain.methods import webr
from quintain.methods.webr import PairDraft, Plan, WebrParams
from quintain.models.roles import Roles, bind, prices_by_role
from quintain.pipelines.synthesis.waves import Answers, all_dropped, ask_in_waves, choose, pairs_of
from quintain.records import Dropped, InstructionPair, Origin, PreferencePair, WebPage
from quintain.text.streams import Mapped
from quintain.usage import by_role
from quintain.web import PAGE_STAGES, HubSource, IngestionParams, PageLimits, PageSource, funnel


def extract_pages(
    raw_pages: PageSource | HubSource, limits: PageLimits, ingestion: IngestionParams
) -> tuple[Collection[WebPage], Collection[Dropped]]:
    """Read main text, title, language and licence; drop what is not worth learning from.

    Args:
        raw_pages: Where the pages lie.
        limits: What a page must keep to.
        ingestion: Engine, workers and shards; how alike two pages may be.

    Returns:
        The pages, and everything dropped with its reason; both stay in the shards and are read from there.

    Raises:
        RecordError: There was no page, or none was worth keeping.
    """
    from quintain import web

    found = web.ingest(raw_pages, limits, ingestion)
    if next(iter(found.pages), None) is None:
        reasons = funnel(0, found.dropped, PAGE_STAGES)
        said = ", ".join(f"{n} {why}" for stage in reasons.values() for why, n in stage["dropped"].items())
        raise RecordError(
            f"the source of pages gave none to work with: {said or 'it is empty'}. "
            "Name another one (`pages` in conf/<env>/globals.yml, raw_pages in the catalog of the embedded world) or "
            "loosen synthesis.extraction"
        )
    return found.pages, found.dropped


def plan_drafts(pages: Sequence[WebPage], params: WebrParams) -> Sequence[PairDraft]:
    """Decide for each page what it becomes, cut its section, and draw the knobs."""
    return Plan(pages, params)


def write_pairs(
    drafts: Sequence[PairDraft],
    params: WebrParams,
    roles: Roles,
    decontamination: Decontamination,
    ingestion: IngestionParams,
    *benchmarks: Benchmark,
) -> Answers:
    """Ask who wrote each page, what a user would want, for the responses, and for better ones with the page at hand.

    Args:
        drafts: The plan.
        params: How many pairs are wanted, how many drafts are asked about at a time.
        roles: Who is asked.
        decontamination: What makes a pair hold an item, so that it does not count among the wanted.
        ingestion: Where working files may lie.
        *benchmarks: Benchmarks that students of this lifecycle are scored on.

    Returns:
        The drafts that came through all questions, and what became of the others.
    """
    author, teacher = bind("author", roles, stage="synthesis"), bind("teacher", roles, stage="synthesis")
    if any((roles.bound.get(role) or {}).get("mode") == "batch" for role in ("author", "teacher")):
        params = replace(params, wave_rows=0)  # each question is one batch, for which somebody waits a day
    scratch = Path(ingestion.folder).parent / "synthesis"
    return ask_in_waves(drafts, params, author, teacher, decontamination, benchmarks, scratch, prices_by_role(roles))


def make_pairs(
    refined: Answers, params: WebrParams, decontamination: Decontamination, *benchmarks: Benchmark
) -> tuple[Collection[InstructionPair], Collection[Dropped]]:
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
    if not len(refined.drafts):
        counts = funnel(0, refined.dropped, webr.STAGES)
        said = "; ".join(f"{stage}: {count['dropped']}" for stage, count in counts.items() if count["dropped"])
        raise RecordError(f"no page became a pair ({said}); see what the models wrote in the ledger")
    choice = choose(refined, params, decontamination, benchmarks)
    return pairs_of(refined, params, choice.kept), all_dropped(refined, choice)


def pair_refinements(pairs: Collection[InstructionPair]) -> Collection[PreferencePair]:
    """Take each refined response as chosen and its roll-out as rejected: the by-product for preference training."""
    return Mapped(pairs, webr.refinement_preferences)


def count_funnel(
    pages: Collection[WebPage],
    dropped_pages: Iterable[Dropped],
    pairs: Collection[InstructionPair],
    dropped_pairs: Iterable[Dropped],
    refined: Answers,
) -> dict[str, Any]:
    """Count what came in, what went on and why not, and what it cost."""
    from quintain.web.extraction import masked_counts

    kinds = Counter(pair.kind for pair in pairs)
    return {
        "pages": funnel(len(pages), dropped_pages, PAGE_STAGES),
        "masked": masked_counts(pages),
        "pairs": funnel(len(pairs), dropped_pairs, webr.STAGES),
        "not_asked": refined.planned - refined.asked,
        "kinds": dict(sorted(kinds.items())),
        "spent": {role: asdict(usage) for role, usage in by_role(refined.calls).items()},
    }


def measure_evidence(
    pages: Collection[WebPage],
    refined: Answers,
    pairs: Collection[InstructionPair],
    dropped_pairs: Collection[Dropped],
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
    funnel: dict[str, Any],
    evidence: dict[str, Any],
    pages: Collection[WebPage],
    pairs: Collection[InstructionPair],
) -> str:
    """Show funnel, evidence and some rows beside their pages, as one HTML page that needs no network."""
    from quintain.reporting.synthesis import synthesis_page

    return synthesis_page(funnel, evidence, pages, pairs)


def export_pairs(
    pairs: Collection[InstructionPair],
    pages: Iterable[WebPage],
    funnel: dict[str, Any],
    evidence: dict[str, Any],
    params: WebrParams,
) -> tuple[Collection[dict[str, Any]], str]:
    """Lay the pairs out as chats, with the card of the dataset."""
    from quintain.reporting.dataset_card import dataset_card

    used = {pair.page_id for pair in pairs}
    # Address, licence and language are all that card and rows say of a page.
    behind = {page.id: replace(page, text="", origin=Origin()) for page in pages if page.id in used}
    rows = Mapped(pairs, _Chats(behind))
    return rows, dataset_card(pairs, list(behind.values()), funnel, evidence, params)


@dataclass(frozen=True)
class _Chats:
    """From pairs to rows of a dataset of chats."""

    behind: dict[str, WebPage]

    def __call__(self, pairs: list[InstructionPair]) -> list[dict[str, Any]]:
        return [webr.as_chat(pair, self.behind[pair.page_id]) for pair in pairs]
