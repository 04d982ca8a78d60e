"""In which order rows are learned from."""

import random
from collections.abc import Sequence

_BATCHES_PER_SORT = 50


def length_grouped_order(lengths: Sequence[int], batch_size: int, batches: int, seed: int) -> list[int]:
    """Fill batches with rows of similar length, the batches in random order.

    Laid out before the training starts, so that a resumed one continues with the very rows that come next; the
    sampler of transformers starts over with another order.

    Args:
        lengths: Tokens of each row.
        batch_size: Rows per batch.
        batches: How many batches to fill; rows come again once all were used.
        seed: Seed of the order.

    Returns:
        Indices of rows, `batches` times `batch_size` of them.

    Source: transformers' `LengthGroupedSampler` groups in the same way.
    """
    rng = random.Random(seed)
    order: list[int] = []
    while len(order) < batches * batch_size:
        rows = list(range(len(lengths)))
        rng.shuffle(rows)
        # Fewer rows than a batch holds: some come twice in it.
        rows += rows[: max(0, batch_size - len(rows))] * batch_size
        filled: list[list[int]] = []
        window = batch_size * _BATCHES_PER_SORT
        for start in range(0, len(rows), window):
            some = sorted(rows[start : start + window], key=lengths.__getitem__)
            # What does not fill a batch is left for the next round, where the shuffle is another.
            filled += [some[i : i + batch_size] for i in range(0, len(some) - batch_size + 1, batch_size)]
        rng.shuffle(filled)
        order += [row for batch in filled for row in batch]
    return order[: batches * batch_size]
