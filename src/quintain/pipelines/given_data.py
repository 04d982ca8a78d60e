"""Screening of the user's own data before anybody is trained on it, as data of the pipelines was screened when made.

Kedro reads the annotations of nodes at run time, so the settings are typed here.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from msgspec import Meta

from quintain.benchmarks import Benchmark
from quintain.benchmarks.decontamination import Decontamination, held_out_texts
from quintain.errors import RecordError
from quintain.fields import Count, check
from quintain.given.screening import screen
from quintain.records import Dropped, InstructionPair, Record

logger = logging.getLogger(__name__)

T = TypeVar("T", bound=Record)


@dataclass(frozen=True, kw_only=True)
class GivenParams:
    """Screening of data of the user's own; what counts as an item of a benchmark is said by `decontamination`.

    Raises:
        ValueError: A value is out of range.
    """

    near_duplicates: Annotated[float, Meta(gt=0, le=1)] | None = 0.9
    """Similarity from which a row counts as a copy of an earlier one and is dropped; null keeps copies."""
    shingle_words: Count = 5
    """Words of the runs by which rows are compared."""

    def __post_init__(self) -> None:
        check(self)


def screen_given(
    given: Sequence[T], params: GivenParams, decontamination: Decontamination, benchmarks: Sequence[Benchmark]
) -> tuple[list[T], list[Dropped]]:
    """Leave out what holds an item of a benchmark, and copies.

    Args:
        given: Instruction pairs or preference pairs.
        params: When a row is a copy.
        decontamination: When a row holds an item.
        benchmarks: Benchmarks that students of this lifecycle are scored on.

    Returns:
        The pairs to learn from, and what was dropped with its reason.

    Raises:
        RecordError: There is nothing, or nothing is left.
    """
    from quintain.web.duplicates import near_duplicates

    threshold = params.near_duplicates
    clusters = None
    if threshold is not None:
        clusters = lambda texts: near_duplicates(texts, threshold, shingle_words=params.shingle_words)  # noqa: E731
    faults = screen(
        given,
        held_out_texts(benchmarks, decontamination),
        ngram_words=decontamination.ngram_words,
        item_share=decontamination.item_share,
        clusters=clusters,
    )
    dropped = [fault for fault in faults if fault is not None]
    kept = [one for one, fault in zip(given, faults, strict=True) if fault is None]
    counts = Counter(fault.reason for fault in dropped)
    said = ", ".join(f"{count} {reason}" for reason, count in counts.most_common())
    if not kept:
        raise RecordError(
            f"none of {len(given)} rows of your own is left to learn from ({said or 'there is none'}); see "
            "given.near_duplicates and decontamination"
        )
    if dropped:
        logger.info("%d of %d rows of your own are learned from; dropped: %s", len(kept), len(given), said)
    return kept, list({one.id: one for one in dropped}.values())


def screen_pairs(
    given: list[InstructionPair], params: GivenParams, decontamination: Decontamination, *benchmarks: Benchmark
) -> tuple[list[InstructionPair], list[Dropped]]:
    """Leave out of instruction pairs what holds an item of a benchmark, and copies; see `screen_given`."""
    return screen_given(given, params, decontamination, benchmarks)
