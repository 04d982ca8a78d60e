"""Pairs: losing responses bridged, compared, and turned into token rows."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from quintain.datasets import ModelRef
from quintain.errors import RecordError
from quintain.fields import check
from quintain.methods.bmc.bridge import BridgeParams, ask_bridges, ask_comparisons, read_bridges, read_comparisons
from quintain.models.roles import Roles, bind
from quintain.pipelines.preference.dropped import mostly, reasons_of
from quintain.records import Dropped, PreferencePair, TokenizedPair
from quintain.training.dropped_rows import refuse_dropped
from quintain.training.preference.tokenized_pairs import TokenizationParams

_STAGE = "preference"


@dataclass(frozen=True, kw_only=True)
class PairParams:
    """Selection and split of the pairs.

    Raises:
        ValueError: A value is out of range.
    """

    pairs: Literal["bridged", "original", "unbridged"] = "bridged"
    """Train on bridged pairs (BC, BMC), on the same pairs as they were (DPO, MC), or on all pairs as they are, for
    which no bridger is asked."""
    compared: bool = True
    """Ask the judge whether a bridged response is at least as good as the losing one."""
    held_out: Annotated[float, Meta(gt=0, lt=1)] = 0.1
    """Share of the prompts that is kept from training, to measure on."""
    fewest_prompts: Annotated[int, Meta(ge=2)] = 8
    """With fewer prompts that have a pair, the student keeps the weights it starts with; at least 2."""

    def __post_init__(self) -> None:
        check(self)


def bridge_losers(
    originals: list[PreferencePair], bridging: BridgeParams, params: PairParams, roles: Roles
) -> tuple[list[PreferencePair], list[Dropped]]:
    """Ask the bridger to mend each losing response, and the judge whether it helped.

    Args:
        originals: The pairs.
        bridging: How the bridger is asked and its reply read.
        params: Whether the judge is asked.
        roles: Who plays `bridger` and `judge`.

    Returns:
        The bridged pairs, and everything dropped with its reason; nothing under `unbridged`.

    Raises:
        RecordError: No bridge held, though most responses had need of one.
    """
    if params.pairs == "unbridged":
        return [], []
    bridger = bind("bridger", roles, stage=_STAGE)
    bridged, dropped = read_bridges(originals, bridger.generate(ask_bridges(originals, bridging)), bridging)
    if params.compared and bridged:
        judge = bind("judge", roles, stage=_STAGE)
        bridged, worse = read_comparisons(bridged, judge.generate(ask_comparisons(bridged)))
        dropped = [*dropped, *worse]
    bridged, repeated = _distinct(bridged)
    dropped = [*dropped, *repeated]
    if originals and not bridged and not mostly(dropped, "good-enough"):
        raise RecordError(
            f"no losing response was bridged (dropped: {reasons_of(dropped)}); see what the bridger wrote in the ledger"
        )
    return bridged, dropped


def _distinct(bridged: list[PreferencePair]) -> tuple[list[PreferencePair], list[Dropped]]:
    """One prompt may have two gold responses, and one loser mended the same way with either."""
    first: dict[str, PreferencePair] = {}
    repeated = []
    for pair in bridged:
        if first.setdefault(pair.id, pair) is not pair:
            repeated.append(Dropped(stage="comparison", reason="repeated", where=f"pair {pair.origin.parents[0]}"))
    return list(first.values()), repeated


def tokenize_pairs(
    bridged: list[PreferencePair],
    originals: list[PreferencePair],
    model: ModelRef,
    rows: TokenizationParams,
    params: PairParams,
) -> tuple[list[TokenizedPair], list[TokenizedPair], list[Dropped]]:
    """Turn pairs into token rows: those to learn from, and the same with the winners as they were before bridging.

    Only prompts whose bridge held take part on either side, so that all ways to train see the same number of pairs.

    Args:
        bridged: Pairs whose bridge held.
        originals: The pairs before bridging.
        model: The student, for its tokenizer.
        rows: Length and diff.
        params: Which of the two to learn from.

    Returns:
        The rows to learn from, the others, and what was dropped with its reason.

    Raises:
        RecordError: No pair could be turned into a row, or the student cannot read too many.
    """
    from quintain.training.preference.tokenized_pairs import UNREADABLE
    from quintain.training.preference.tokenized_pairs import tokenize_pairs as rows_of
    from quintain.training.row_rendering import encoder_of_folder

    encoder = encoder_of_folder(Path(model.path))
    unbridged = params.pairs == "unbridged"
    learned = originals if unbridged else bridged
    mended, dropped = rows_of(encoder, learned, rows, originals)
    if learned and not mended:
        raise RecordError(
            f"none of {len(learned)} pairs is a row (dropped: {reasons_of(dropped)}); see preference.rows"
        )
    if learned:
        unreadable = [one for one in dropped if one.reason in UNREADABLE]
        refuse_dropped(unreadable, len(learned), rows.most_dropped, "preference.rows")
    if unbridged:
        return mended, mended, dropped
    by_id = {pair.id: pair for pair in originals}
    kept = {row.pair_id for row in mended}
    before = [by_id[pair.origin.parents[0]] for pair in bridged if pair.id in kept]
    plain, _ = rows_of(encoder, before, rows)
    return (mended, plain, dropped) if params.pairs == "bridged" else (plain, mended, dropped)
