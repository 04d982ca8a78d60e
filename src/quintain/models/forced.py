"""Prediction of each token of a given response from all right ones before it (teacher forcing)."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch

_BATCH_TOKENS = 4_096
"""Tokens at a time, padding counted: the logits of each are a row as long as the vocabulary."""


def likeliest_tokens(
    network: Any, prompts: Sequence[list[int]], targets: Sequence[list[int]], pad_token: int, most_rows: int
) -> list[list[int]]:
    """The likeliest token at each place of the targets.

    Args:
        network: A causal language model.
        prompts: Tokens of the prompts.
        targets: Tokens of the response to each.
        pad_token: Token that fills rows up.
        most_rows: Rows at a time.

    Returns:
        As many tokens as the target has, for each.
    """
    predicted: dict[int, list[int]] = {}
    lengths = [len(prompt) + len(target) for prompt, target in zip(prompts, targets, strict=True)]
    for batch in row_batches(lengths, most_rows):
        width = max(lengths[i] for i in batch)
        # Padded at the end, where a causal model does not look: positions count from the first token.
        rows = [[*prompts[i], *targets[i], *[pad_token] * (width - lengths[i])] for i in batch]
        with torch.inference_mode():
            ids = torch.tensor(rows, device=network.device)
            likeliest = network(input_ids=ids).logits.argmax(-1).tolist()  # (B, T)
        for i, row in zip(batch, likeliest, strict=True):
            first = len(prompts[i]) - 1
            predicted[i] = row[first : first + len(targets[i])]
    return [predicted[i] for i in range(len(prompts))]


def row_batches(lengths: Sequence[int], most_rows: int) -> Iterator[list[int]]:
    """Rows of like length together.

    Args:
        lengths: Tokens of each row.
        most_rows: Rows at a time.

    Yields:
        Numbers of rows; every row once, and no more tokens at a time, padding counted, than a few thousand.
    """
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) == most_rows or lengths[i] * (len(batch) + 1) > _BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
