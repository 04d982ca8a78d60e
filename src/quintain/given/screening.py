"""Screening of training data: rows that hold an item of a benchmark, and near-duplicates of earlier rows."""

from collections.abc import Callable, Mapping, Sequence

from quintain.records import SHOWN_CHARACTERS, Dropped, InstructionPair, PreferencePair, Record
from quintain.text.contamination import find_leaks

Clusters = Callable[[list[str]], Sequence[int]]
"""Numbers texts by the group of near-duplicates that they belong to."""


def screen(
    records: Sequence[Record],
    held_out: Mapping[str, str],
    *,
    ngram_words: int,
    item_share: float = 0.0,
    clusters: Clusters | None = None,
) -> list[Dropped | None]:
    """Find the pairs that must not be learned from.

    Args:
        records: Instruction pairs or preference pairs; other records pass.
        held_out: Key, which says where an item of a benchmark stands, → its text.
        ngram_words: Words in a row that give an item away.
        item_share: Share of an item's runs of words that a row must hold; 0: one is enough.
        clusters: Finds near-duplicates, among whole rows and among their responses; None where they may stay.

    Returns:
        For each pair None, or what it is dropped for: `held-out`, with the item that it holds most of, or
        `near-duplicate`, with the earlier pair that it resembles.
    """
    texts = [texts_of(one) for one in records]
    found: list[Dropped | None] = [None] * len(records)
    if held_out:
        leaks = find_leaks(texts, held_out, ngram_words=ngram_words, item_share=item_share)
        for place, leak in enumerate(leaks):
            if leak is not None:
                found[place] = _dropped(records[place], "held-out", f"it holds {leak.share:.0%} of {leak.item}")
    if clusters is not None:
        left = [place for place, fault in enumerate(found) if fault is None and texts[place]]
        # Many questions are asked about one long text: a copy has the responses of the other one too.
        whole = clusters(["\n".join(texts[place]) for place in left])
        said = clusters(["\n".join(_responses(records[place])) for place in left])
        first: dict[tuple[int, int], int] = {}
        for place, group in zip(left, zip(whole, said, strict=True), strict=True):
            if (earlier := first.setdefault(group, place)) != place:
                like = f"it resembles {_where(records[earlier])}"
                found[place] = _dropped(records[place], "near-duplicate", like)
    return found


def texts_of(record: Record) -> tuple[str, ...]:
    """Texts of a pair, turn by turn; none of other records."""
    if isinstance(record, InstructionPair):
        return (*(turn.content for turn in record.context), record.instruction, record.response)
    if isinstance(record, PreferencePair):
        return (*(turn.content for turn in record.context), record.prompt, record.chosen, record.rejected)
    return ()


def _responses(record: Record) -> tuple[str, ...]:
    return texts_of(record)[-2:] if isinstance(record, PreferencePair) else texts_of(record)[-1:]


def _where(record: Record) -> str:
    return record.origin.knobs.get("source") or f"pair {record.id}"


def _dropped(record: Record, reason: str, why: str) -> Dropped:
    text = "\n---\n".join(texts_of(record))[:SHOWN_CHARACTERS]
    return Dropped(stage="screening", reason=reason, where=f"{_where(record)}: {why}", text=text)
