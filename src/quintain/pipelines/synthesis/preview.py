"""A look at some rows before a run: the first of the plan, with everything that was asked and said about them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.decontamination import Decontamination, find_held_out
from quintain.methods import webr
from quintain.methods.webr import PairDraft, Plan, WebrParams
from quintain.models.ledgered_model import LedgeredModel
from quintain.pipelines.synthesis.waves import STEPS
from quintain.records import Completion, InstructionPair, Origin, Request, WebPage

STEP_NAMES = ("author", "request", "response", "refinement")
"""What each step of a row is called, in order."""


@dataclass(frozen=True)
class Step:
    """One question about a row."""

    name: str
    """Which of STEP_NAMES."""
    model: str
    """Who was asked."""
    request: Request
    """What was asked."""
    completion: Completion
    """What was said."""


@dataclass
class Row:
    """A row on its way from page to pair."""

    draft: PairDraft
    """What the plan drew, with what was read so far."""
    steps: list[Step] = field(default_factory=list)
    """The questions so far."""
    dropped: str = ""
    """Step and reason where it was dropped; empty where it was not."""
    pair: InstructionPair | None = None
    """The pair that it became."""


def first_drafts(pages: Collection[WebPage], params: WebrParams, rows: int) -> list[PairDraft]:
    """Draft the first rows of the plan, the ones that a run begins with.

    Args:
        pages: All pages of the run; they are read twice, and only those of the drafts are held.
        params: Settings of the method.
        rows: How many.

    Returns:
        The drafts, fewer where there are fewer pages.
    """
    found = [replace(page, text="", origin=Origin()) for page in pages]
    plan = Plan(found, params)
    rows = min(rows, len(plan))
    wanted = {plan.place(rank) for rank in range(rows)}
    for place, page in enumerate(pages):
        if place in wanted:
            found[place] = page
    return plan[:rows]


def preview_rows(
    drafts: Sequence[PairDraft],
    params: WebrParams,
    author: LedgeredModel,
    teacher: LedgeredModel,
    decontamination: Decontamination,
    benchmarks: Sequence[Benchmark],
) -> list[Row]:
    """Ask about some drafts as a run would, and keep every step.

    Args:
        drafts: The drafts.
        params: Settings of the method.
        author: Who says who wrote a page.
        teacher: Who writes requests and responses.
        decontamination: What makes a pair hold an item.
        benchmarks: Benchmarks whose items no pair may hold.

    Returns:
        One row per draft, in order. What was asked stands in the ledger, so that the run does not pay for it again.
    """
    rows = {draft.page.id: Row(draft) for draft in drafts}
    asking = {"author": author, "teacher": teacher}
    alive = list(drafts)
    for name, (role, ask, read) in zip(STEP_NAMES, STEPS, strict=True):
        requests = ask(alive, params)
        completions = asking[role].generate(requests)
        # Only roll-outs are refined.
        about = [draft for draft in alive if name != "refinement" or draft.kind == "web-as-response"]
        for draft, request, completion in zip(about, requests, completions, strict=True):
            rows[draft.page.id].steps.append(Step(name, asking[role].name, request, completion))
        before = {draft.page.id for draft in alive}
        alive, lost = read(alive, completions, params)
        for draft in alive:
            rows[draft.page.id].draft = draft
        for page_id in before - {draft.page.id for draft in alive}:
            reasons = [drop.reason for drop in lost if f"({page_id})" in drop.where]
            rows[page_id].dropped = f"{name}: {', '.join(reasons) or 'dropped'}"
    pairs = webr.make_pairs(alive, params, {role: model.name for role, model in asking.items()})
    texts = ((pair.instruction, pair.response, pair.rollout) for pair in pairs)
    for pair, leak in zip(pairs, find_held_out(texts, benchmarks, decontamination), strict=True):
        rows[pair.page_id].pair = pair
        if leak is not None:
            rows[pair.page_id].dropped = f"contamination: holds {leak.share:.0%} of evaluation item {leak.item}"
    return list(rows.values())
