"""Drafts become pairs; pairs that ask the same, or that tip the mixture, are set aside with a reason."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from quintain.methods.webr.drafts import PairDraft
from quintain.methods.webr.grounding import grounding, loses_ground
from quintain.methods.webr.params import WebrParams
from quintain.records import SHOWN_CHARACTERS, Dropped, InstructionPair, Origin, PairKind, WebPage, content_id
from quintain.text.contamination import Leak


class Filtered(NamedTuple):
    """Output of a filter: the kept rows and the dropped ones."""

    pairs: list[InstructionPair]
    """The pairs that stay, in their order."""
    dropped: list[Dropped]
    """The others, with the reason."""


def make_pairs(drafts: Sequence[PairDraft], params: WebrParams, models: Mapping[str, str]) -> list[InstructionPair]:
    """Turn finished drafts into instruction data.

    Args:
        drafts: Drafts with request and response.
        params: Mode, for the record.
        models: Role → name of the model that played it; `author` and `teacher`.

    Returns:
        One pair per draft. The user turn of web-as-instruction is section and request in the drawn order, a blank
        line between them; that of web-as-response is the request alone. The origin leads back over every request
        to a model to the page, with all knobs.
    """
    return [
        InstructionPair(
            instruction=_user_turn(draft),
            response=draft.response,
            kind=draft.kind,
            page_id=draft.page.id,
            request=draft.request,
            rollout=draft.rollout,
            origin=_origin(draft, params, models),
        )
        for draft in drafts
    ]


def _user_turn(draft: PairDraft) -> str:
    if draft.kind == "web-as-response":
        return draft.request
    turns = (draft.request, draft.section) if draft.request_first else (draft.section, draft.request)
    return "\n\n".join(turns)


def _origin(draft: PairDraft, params: WebrParams, models: Mapping[str, str]) -> Origin:
    knobs = {
        "mode": params.mode,
        "section": f"{len(draft.section)} of {len(draft.page.text)} characters",
        "focus": draft.focus,
        "noun": draft.noun,
        "words": str(draft.words),
        "author": draft.author,
        "author_model": models["author"],
        "prompts": " ".join(draft.prompts),
        "grounding": f"{grounding(draft.response, draft.section):.4f}",
    }
    if draft.cut:
        knobs["page"] = f"cut after {params.max_page_words} words"
    if draft.kind == "web-as-instruction":
        knobs["order"] = "request, page" if draft.request_first else "page, request"
    else:
        knobs["rollout_grounding"] = f"{grounding(draft.rollout, draft.section):.4f}"
        if loses_ground(draft):
            knobs["flag"] = "less-grounded"
    return Origin(
        parents=(*reversed(draft.asked), draft.page.id),
        prompt=draft.prompts[-1],
        model=models["teacher"],
        seed=draft.seed,
        knobs=knobs,
    )


def as_chat(pair: InstructionPair, page: WebPage) -> dict[str, Any]:
    """Lay a pair out as a row of a chat dataset.

    Args:
        pair: The pair.
        page: The page it was made from.

    Returns:
        `id`, `messages` (user, assistant), and where they come from: `kind`, `page_id`, `url`, `licence`, `author`,
        `model`, `seed`, `parents`, and the other drawn settings as text in `knobs`.
    """
    return {
        "id": pair.id,
        "messages": [
            {"role": "user", "content": pair.instruction},
            {"role": "assistant", "content": pair.response},
        ],
        "kind": pair.kind,
        "page_id": pair.page_id,
        "url": page.url,
        "licence": page.licence,
        "author": pair.origin.knobs.get("author", ""),
        "model": pair.origin.model,
        "seed": pair.origin.seed,
        "parents": list(pair.origin.parents),
        "knobs": "; ".join(f"{name}: {value}" for name, value in sorted(pair.origin.knobs.items()) if name != "author"),
    }


def drop_duplicates(pairs: Sequence[InstructionPair], clusters: Sequence[int]) -> Filtered:
    """Keep the first pair of each kind in each cluster of requests.

    Args:
        pairs: The pairs.
        clusters: Cluster number of each pair's request.

    Returns:
        The first pairs, and the others with the id of the pair that stands for them.
    """
    first: dict[tuple[PairKind, int], InstructionPair] = {}
    kept = Filtered([], [])
    for pair, cluster in zip(pairs, clusters, strict=True):
        stands = first.setdefault((pair.kind, cluster), pair)
        if stands is pair:
            kept.pairs.append(pair)
        else:
            said = f"asks the same as pair {stands.id}"
            kept.dropped.append(_drop("duplicates", "near-duplicate", pair, said, stands.id))
    return kept


def drop_leaks(pairs: Sequence[InstructionPair], leaks: Sequence[Leak | None]) -> Filtered:
    """Drop the pairs that hold text of an evaluation pack.

    Args:
        pairs: The pairs.
        leaks: What each pair holds, from `quintain.text.contamination.find_leaks`.

    Returns:
        The clean pairs, and the others with the id of the evaluation item.
    """
    kept = Filtered([], [])
    for pair, leak in zip(pairs, leaks, strict=True):
        if leak is None:
            kept.pairs.append(pair)
        else:
            said = f"holds {leak.share:.0%} of evaluation item {leak.item}"
            kept.dropped.append(_drop("contamination", "contaminated", pair, said, leak.item))
    return kept


def hold_mixture(pairs: Sequence[InstructionPair], params: WebrParams) -> Filtered:
    """Set aside what is too much of one kind, so that the mixture holds within one row.

    Filters hit the two kinds unevenly. The paper caps each kind only at its full size, so in paper mode all stay.

    Args:
        pairs: The pairs.
        params: Parts of the mixture, seed of the choice, mode.

    Returns:
        The largest set that holds the mixture, of max_rows pairs at most; which ones go is drawn from their ids.
    """
    if params.mode == "paper":
        return Filtered(list(pairs), [])
    as_instruction = [pair for pair in pairs if pair.kind == "web-as-instruction"]
    as_response = [pair for pair in pairs if pair.kind == "web-as-response"]
    wanted = mixture_of(len(as_instruction), len(as_response), params)
    spare: set[str] = set()
    for found, size in zip((as_instruction, as_response), wanted, strict=True):
        drawn = sorted(found, key=lambda pair: content_id("mixture", params.seed, pair.id))
        spare.update(pair.id for pair in drawn[size:])
    said = f"{params.as_instruction}:{params.as_response} leaves room for {wanted[0]} and {wanted[1]}"
    return Filtered(
        [pair for pair in pairs if pair.id not in spare],
        [_drop("mixture", "surplus", pair, said) for pair in pairs if pair.id in spare],
    )


def mixture_of(as_instruction: int, as_response: int, params: WebrParams) -> tuple[int, int]:
    """Count the pairs of each kind in the largest set that holds the mixture: of its n pairs, round(n × share).

    Args:
        as_instruction: Pairs with the page as instruction that there are.
        as_response: The others.
        params: Parts of the mixture, most pairs.

    Returns:
        How many of each kind stay.

    >>> mixture_of(10, 2, WebrParams(as_instruction=2, as_response=1))
    (5, 2)
    """
    share, there = params.instruction_share, as_instruction + as_response
    for total in range(min(params.max_rows or there, there), 0, -1):
        wanted = int(total * share + 0.5)
        if wanted <= as_instruction and total - wanted <= as_response:
            return wanted, total - wanted
    return 0, 0


def _drop(stage: str, reason: str, pair: InstructionPair, said: str, *because_of: str) -> Dropped:
    return Dropped(
        stage=stage,
        reason=reason,
        where=f"pair {pair.id} of page {pair.page_id}, {pair.kind}",
        text=f"{said}: {pair.request}"[:SHOWN_CHARACTERS],
        origin=Origin(parents=because_of),
    )
