"""Items that two models were both scored on, by the same scorers."""

from collections.abc import Sequence

from quintain.records import Judgement


def in_common(first: Sequence[Judgement], second: Sequence[Judgement]) -> tuple[list[Judgement], list[Judgement], int]:
    """Match the judgements of two models by item.

    Args:
        first: Judgements of one model.
        second: Those of the other.

    Returns:
        The judgements of either on the items that both have scored, in the same order, and the number of items that
        only one of the two has scored.

    Raises:
        ValueError: They come from different scorers, or have no scored item in common.
    """
    by = [sorted({judgement.by for judgement in each if judgement.is_scored}) for each in (first, second)]
    if by[0] != by[1]:
        ours, theirs = (", ".join(each) or "nobody" for each in by)
        raise ValueError(f"judgements by {ours} cannot be compared with judgements by {theirs}")
    one, other = (
        {judgement.item_id: judgement for judgement in each if judgement.is_scored} for each in (first, second)
    )
    common = [item for item in one if item in other]
    if not common:
        raise ValueError("the two sets of judgements have no scored item in common; score both on the same pack")
    return [one[item] for item in common], [other[item] for item in common], len(one.keys() ^ other.keys())
