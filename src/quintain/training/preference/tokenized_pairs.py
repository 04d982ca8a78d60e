"""Preference pairs as token rows: what is cut, what is dropped and why, and which tokens a correction changed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from quintain.fields import Share, check
from quintain.methods.bmc import Diff, edit_distance, modified_tokens
from quintain.models.response_tokens import ResponseEncoder
from quintain.progress import told
from quintain.records import SHOWN_CHARACTERS, Dropped, Origin, PreferencePair, TokenizedPair
from quintain.training.row_rendering import RenderedRow, render_row
from quintain.training.token_rows import chat_of

STAGE = "tokens"
UNREADABLE = ("too-long", "no-room", "reasoning-only", "broken-text", "template-refuses", "not-rendered")
"""Reasons that lie in the student, its template and its limits, and not in what the pair says."""


@dataclass(frozen=True)
class TokenizationParams:
    """Tokenization of preference pairs.

    Raises:
        ValueError: A value is out of range.
    """

    max_length: Annotated[int, Meta(ge=2)]
    """Longest prompt and response together, in tokens."""
    diff: Diff = "levenshtein"
    """Which tokens count as changed: levenshtein, lcs or released."""
    cut: bool = False
    """Cut a longer response at its end instead of dropping the pair; what is cut off cannot teach to stop."""
    keep_reasoning: bool = False
    """Learn the reasoning that stands before a response; else the response alone is learned."""
    most_dropped: Share = 0.2
    """Largest share of the pairs that may be dropped because the student cannot read or hold them."""

    def __post_init__(self) -> None:
        check(self)


def tokenize_pairs(
    encoder: ResponseEncoder,
    pairs: Sequence[PreferencePair],
    params: TokenizationParams,
    originals: Sequence[PreferencePair] = (),
) -> tuple[list[TokenizedPair], list[Dropped]]:
    """Render pairs as the student is asked, and mark the tokens that differ.

    The diff is taken on the whole responses, before anything is cut.

    Args:
        encoder: Encoder of the student.
        pairs: What to learn.
        params: Length, diff, and whether to cut.
        originals: The pairs before bridging; a bridged pair names its original first among its parents.

    Returns:
        The rows, and the pairs that teach nothing, with one of the reasons `repeated`, `empty` (a response without
        text), `equal` (both responses the same tokens), `too-long`, `no-room` (the prompt leaves none for a response),
        `farther` (in tokens, bridging led away from the worse response), `edits-cut` (nothing that differs is left
        after cutting), or those of `RenderedRow`.
    """
    winners = {pair.id: pair for pair in originals}
    rows: list[TokenizedPair] = []
    dropped: list[Dropped] = []
    seen: set[str] = set()
    for pair in told(pairs, "pairs to tokens, pairs"):
        row = _fault(pair, seen) or _row(encoder, pair, params, winners)
        seen.add(pair.id)
        if isinstance(row, TokenizedPair):
            rows.append(row)
        else:
            text = f"{pair.chosen}\n---\n{pair.rejected}"[:SHOWN_CHARACTERS]
            dropped.append(Dropped(stage=STAGE, reason=row, where=f"pair {pair.id}", text=text))
    return rows, dropped


def _fault(pair: PreferencePair, seen: set[str]) -> str:
    if pair.id in seen:
        return "repeated"
    return "" if pair.chosen.strip() and pair.rejected.strip() else "empty"


def _rendered(encoder: ResponseEncoder, pair: PreferencePair, response: str, params: TokenizationParams) -> RenderedRow:
    chat = chat_of(pair.context, pair.prompt, response)
    return render_row(encoder, chat, keep_reasoning=params.keep_reasoning)


def _row(
    encoder: ResponseEncoder,
    pair: PreferencePair,
    params: TokenizationParams,
    winners: dict[str, PreferencePair],
) -> TokenizedPair | str:
    better, worse = (_rendered(encoder, pair, response, params) for response in (pair.chosen, pair.rejected))
    if reason := better.reason or worse.reason:
        return reason
    prompt, chosen, rejected = better.prompt_ids, better.learned_ids, worse.learned_ids
    if chosen == rejected:
        return "equal"
    room = params.max_length - len(prompt)
    if room < 1:
        return "no-room"
    if max(len(chosen), len(rejected)) > room and not params.cut:
        return "too-long"
    distance = before = edit_distance(chosen, rejected)
    if pair.chosen_source == "bridged" and (winner := winners.get(next(iter(pair.origin.parents), ""))):
        original = _rendered(encoder, pair, winner.chosen, params)
        before = distance if original.reason else edit_distance(original.learned_ids, rejected)
        if distance > before:
            return "farther"
    marks = modified_tokens(chosen, rejected, params.diff)
    if not any(marks.chosen[:room]) and not any(marks.rejected[:room]):
        return "edits-cut"
    return TokenizedPair(
        pair_id=pair.id,
        prompt_ids=prompt,
        chosen_ids=chosen[:room],
        rejected_ids=rejected[:room],
        chosen_modified=tuple(marks.chosen[:room]),
        rejected_modified=tuple(marks.rejected[:room]),
        edit_distance=round(distance, 6),
        original_distance=round(before, 6),
        origin=Origin(parents=(pair.id,), knobs={"diff": params.diff}),
    )


def edited_share(rows: Sequence[TokenizedPair]) -> float:
    """Share of the tokens of all responses that a correction changed, in [0, 1]."""
    marks: Counter[int] = Counter()
    for row in rows:
        marks.update((*row.chosen_modified, *row.rejected_modified))
    return marks[1] / max(1, marks.total())
