"""Evidence of a run about its own data, without training anything. All of it is JSON-able."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from statistics import fmean
from typing import Any

from quintain.methods.webr.drafts import PairDraft
from quintain.methods.webr.grounding import grounding, loses_ground
from quintain.methods.webr.injections import injected_instruction
from quintain.methods.webr.retrieval import PageIndex, reciprocal_ranks
from quintain.methods.webr.wording import copied_words, demand_count, distinct_share, entropy_bits, request_verb
from quintain.records import Dropped, InstructionPair, PairKind, WebPage
from quintain.statistics.bootstrap import mean_interval
from quintain.statistics.resampling import Resampling
from quintain.text.words import words

PERSONA_WORDS = 30
_RESAMPLING = Resampling(replicates=1000)
"""Longest persona that the prompt asks for."""
MOST_ROWS = 2000
"""Rows that the measures of texts look at; of more a random sample, so that a run of any size takes seconds."""
_SHOWN_VERBS = 12

Evidence = dict[str, Any]


def collect_evidence(
    pages: Iterable[WebPage],
    drafts: Iterable[PairDraft],
    pairs: Collection[InstructionPair],
    dropped: Collection[Dropped],
) -> Evidence:
    """Measure the pairs of a run.

    Args:
        pages: All pages of the run.
        drafts: The drafts behind the pairs, with all answers in them; others may be among them.
        pairs: The pairs that were kept.
        dropped: What was dropped since the plan.

    Returns:
        By name: `rows` and `measured_rows`; `mixture`; `retrieval`, the mean reciprocal rank by BM25 of each request's
        own page among the measured ones, beside that of another row's page; `grounding` of responses, and of roll-outs
        and their refinements, in their sections; `copying`, the longest run of words that a response has from its
        section; `diversity` and `demands` of the requests; `budgets`, shares of personas and requests within their
        number of words; `self_contained`, `duplicates`, `contamination`; `pages` cut, and those with a passage that
        reads like an instruction to a model. Means come with 95 % intervals.
    """
    kept = {pair.page_id for pair in pairs}
    cut = 0
    rows: list[PairDraft] = []
    for draft in drafts:
        if draft.page.id in kept:
            cut += draft.cut
            rows.append(draft)
            if len(rows) >= 2 * MOST_ROWS:
                rows = _sample(rows)
    rows = _sample(rows)
    material, evidence = (
        [row for row in rows if row.kind == kind] for kind in ("web-as-instruction", "web-as-response")
    )
    return {
        "rows": len(pairs),
        "measured_rows": len(rows),
        "mixture": _mixture(pairs),
        "retrieval": _retrieval(rows),
        "grounding": {
            "web_as_instruction": _mean([grounding(row.response, row.section) for row in material]),
            **_refinement(evidence),
        },
        "copying": {"web_as_instruction": _copying(material), "web_as_response": _copying(evidence)},
        "diversity": _diversity([row.request for row in rows]),
        "demands": _demands([row.request for row in material]),
        "budgets": {
            "persona": _share(len(words(row.author)) <= PERSONA_WORDS for row in rows),
            "request": _share(len(words(row.request)) <= row.words for row in rows),
        },
        "self_contained": _self_contained(pairs, dropped),
        "duplicates": _caused(dropped, "near-duplicate", "clusters"),
        "contamination": _caused(dropped, "contaminated", "items"),
        "pages": {
            "cut": cut,
            "instruction_like": sum(bool(injected_instruction(page.text)) for page in pages),
        },
    }


def _sample(drafts: list[PairDraft]) -> list[PairDraft]:
    """A draft's seed is drawn from its page's id, so the first by seed are a sample, the same in any order of pages."""
    return sorted(drafts, key=lambda draft: (draft.seed, draft.page.id))[:MOST_ROWS]


def _mixture(pairs: Collection[InstructionPair]) -> dict[str, int]:
    counts: Counter[PairKind] = Counter(pair.kind for pair in pairs)
    return {"web_as_instruction": counts["web-as-instruction"], "web_as_response": counts["web-as-response"]}


def _retrieval(rows: Sequence[PairDraft]) -> dict[str, Any]:
    index = PageIndex([row.section for row in rows])
    requests, own = [row.request for row in rows], list(range(len(rows)))
    ranks = reciprocal_ranks(index, requests, own)
    return {
        "own_page": _mean(ranks),
        "random_page": _mean(reciprocal_ranks(index, requests, [*own[1:], *own[:1]])),
        **{
            f"own_page_{kind.replace('-', '_')}": _mean(
                [rank for rank, row in zip(ranks, rows, strict=True) if row.kind == kind]
            )
            for kind in ("web-as-instruction", "web-as-response")
        },
    }


def _refinement(rows: Sequence[PairDraft]) -> dict[str, Any]:
    before = [grounding(row.rollout, row.section) for row in rows]
    after = [grounding(row.response, row.section) for row in rows]
    return {
        "rollout": _mean(before),
        "refined": _mean(after),
        "rise": _mean([late - early for early, late in zip(before, after, strict=True)]),
        "less_grounded_rows": sum(map(loses_ground, rows)),
    }


def _copying(rows: Sequence[PairDraft]) -> dict[str, Any]:
    runs = [copied_words(row.response, row.section) for row in rows]
    shares = [run / max(1, len(words(row.response))) for run, row in zip(runs, rows, strict=True)]
    return {"longest_run_words": _mean(runs), "share_of_response": _mean(shares)}


def _diversity(requests: Sequence[str]) -> dict[str, Any]:
    verbs = Counter(filter(None, map(request_verb, requests)))
    return {
        **{f"distinct_{length}": round(distinct_share(requests, length), 4) for length in (1, 2, 3)},
        "verbs": len(verbs),
        "verb_entropy_bits": round(entropy_bits(verbs.elements()), 4),
        "common_verbs": dict(sorted(verbs.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN_VERBS]),
    }


def _demands(requests: Sequence[str]) -> dict[str, Any]:
    counts = [demand_count(request) for request in requests]
    return {
        "per_request": _mean(counts),
        "requests_by_count": {str(count): counts.count(count) for count in sorted(set(counts))},
    }


def _self_contained(pairs: Collection[InstructionPair], dropped: Collection[Dropped]) -> dict[str, Any]:
    """Share of the web-as-response requests that stand alone, among all that could be read."""
    pointing = sum(drop.reason == "not-self-contained" for drop in dropped)
    standing = sum(pair.kind == "web-as-response" for pair in pairs) + sum(
        drop.where.endswith("web-as-response") and drop.stage not in ("author", "request") for drop in dropped
    )
    return {"share": round(standing / (standing + pointing), 4) if standing + pointing else None, "dropped": pointing}


def _caused(dropped: Collection[Dropped], reason: str, causes: str) -> dict[str, int]:
    """Rows that a reason dropped, and the rows that caused it."""
    hit = [drop for drop in dropped if drop.reason == reason]
    return {"rows": len(hit), causes: len({parent for drop in hit for parent in drop.origin.parents})}


def _share(holds: Iterable[bool]) -> float | None:
    found = list(holds)
    return round(fmean(found), 4) if found else None


def _mean(values: Sequence[float]) -> dict[str, float] | None:
    """Mean over rows with its 95 % interval, to four decimals; None without rows."""
    found = mean_interval(values, _RESAMPLING)
    if found is None:
        return None
    return {"mean": round(found.value, 4), "low": round(found.low, 4), "high": round(found.high, 4)}
