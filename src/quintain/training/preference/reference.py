"""Reference log-probabilities of every token: computed once, kept on disk, used by every epoch, resume and sweep."""

import logging
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from quintain.errors import ModelError
from quintain.progress import Progress
from quintain.records import TokenizedPair, content_id
from quintain.training.autocast import NumberFormat, computed_in

if TYPE_CHECKING:
    from torch import Tensor, nn

logger = logging.getLogger(__name__)

_LEAST = -6e4  # half precision ends at 65504; a token that improbable is at every cap anyway


class PairLogps(NamedTuple):
    """Log-probabilities of the tokens of one pair, in nats, as half-precision numbers."""

    chosen: "np.ndarray"
    """One per token of the chosen response."""
    rejected: "np.ndarray"
    """One per token of the rejected response."""


def cached_logps(
    model: "nn.Module",
    rows: Sequence[TokenizedPair],
    folder: Path,
    identity: str,
    batch_size: int,
    number_format: NumberFormat = "float32",
) -> list[PairLogps]:
    """Log-probabilities of all responses under a model, from the cache when it was asked before.

    Args:
        model: Causal language model, as it is before training.
        rows: The pairs.
        folder: Where answers are kept.
        identity: Digest of the model.
        batch_size: Pairs per forward pass.
        number_format: What the training computes in.

    Returns:
        One entry per row, in order.

    Raises:
        ModelError: The model gives no number for some token.
    """
    path = folder / f"reference-{content_id(identity, number_format, [row.id for row in rows])}.npz"
    lengths = [len(ids) for row in rows for ids in (row.chosen_ids, row.rejected_ids)]
    flat = _kept(path, sum(lengths))
    if flat is not None:
        logger.info("reference log-probabilities of %d pairs from %s", len(rows), path)
    else:
        flat = np.concatenate([logps for pair in _ask(model, rows, batch_size, number_format) for logps in pair])
        folder.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        with temporary.open("wb") as file:
            np.savez(file, logps=flat)
        temporary.replace(path)
    ragged = np.split(flat, np.cumsum(lengths)[:-1])
    return [PairLogps(*ragged[i : i + 2]) for i in range(0, len(ragged), 2)]


def _kept(path: Path, tokens: int) -> "np.ndarray | None":
    """Content of the cache; None where it holds nothing, or something else than a number per token."""
    try:
        flat: np.ndarray = np.load(path)["logps"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        logger.warning("%s cannot be read (%s); the reference is asked again", path, error)
        return None
    if flat.shape != (tokens,) or not np.isfinite(flat).all():
        logger.warning("%s does not hold a number for each of %d tokens; the reference is asked again", path, tokens)
        return None
    return flat


def _ask(
    model: "nn.Module", rows: Sequence[TokenizedPair], batch_size: int, number_format: NumberFormat
) -> list[PairLogps]:
    import torch

    found: dict[int, PairLogps] = {}
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].prompt_ids) + len(rows[i].chosen_ids))
    training = model.training
    model.eval()
    ask = token_logps if number_format == "float32" else fused_logps
    with (
        torch.inference_mode(),
        computed_in(model, number_format),
        Progress("reference log-probabilities, pairs", len(rows)) as progress,
    ):
        for start in range(0, len(order), batch_size):
            some = order[start : start + batch_size]
            sequences = [(rows[i].prompt_ids, ids) for i in some for ids in (rows[i].chosen_ids, rows[i].rejected_ids)]
            logps = [each.cpu().numpy().clip(_LEAST, 0).astype(np.float16) for each in ask(model, sequences)]
            found |= {i: PairLogps(logps[2 * n], logps[2 * n + 1]) for n, i in enumerate(some)}
            progress.advance(len(some))
    model.train(training)
    spoiled = [
        rows[i].pair_id for i, pair in found.items() if np.isnan(pair.chosen).any() or np.isnan(pair.rejected).any()
    ]
    if spoiled:
        raise ModelError(
            f"the reference gives no number for tokens of {len(spoiled)} of {len(rows)} pairs, such as "
            f"{spoiled[0]}; its weights are spoiled, or its number format overflows: try float32"
        )
    return [found[i] for i in range(len(rows))]


def token_logps(model: "nn.Module", sequences: Sequence[tuple[Sequence[int], Sequence[int]]]) -> "list[Tensor]":
    """Log-probability of each response token after its prompt.

    Args:
        model: Causal language model.
        sequences: Prompt ids and response ids.

    Returns:
        One tensor per sequence, in nats and single precision. Shape (tokens of the response,).
    """
    return [row.gather(-1, ids[:, None])[:, 0] for row, ids in response_logits(model, sequences)]


def fused_logps(model: "nn.Module", sequences: Sequence[tuple[Sequence[int], Sequence[int]]]) -> "list[Tensor]":
    """As `token_logps`, with the head of TRL that the policy is trained with: in bfloat16 another one rounds otherwise.

    Args:
        model: Causal language model.
        sequences: Prompt ids and response ids.

    Returns:
        One tensor per sequence, in nats and single precision. Shape (tokens of the response,).
    """
    from trl.trainer.utils import add_fused_lm_head

    base: Any = model.get_base_model() if hasattr(model, "peft_config") else model  # type: ignore[operator]
    forward = base.forward
    add_fused_lm_head(base)
    try:
        ids, attention = _padded(model, sequences)
        found = model(
            input_ids=ids, attention_mask=attention, labels=ids, use_cache=False, fused_lm_head=True
        ).log_probs
    finally:
        base.forward = forward
    return [
        row[len(prompt) - 1 : len(prompt) - 1 + len(response)].float()
        for row, (prompt, response) in zip(found, sequences, strict=True)
    ]


def response_logits(
    model: "nn.Module", sequences: Sequence[tuple[Sequence[int], Sequence[int]]]
) -> "list[tuple[Tensor, Tensor]]":
    """Log-probabilities of the whole vocabulary at each response token.

    Args:
        model: Causal language model.
        sequences: Prompt ids and response ids.

    Returns:
        Per sequence the log-softmax in single precision, shape (tokens, V), and the response ids, shape (tokens,).
    """
    ids, attention = _padded(model, sequences)
    logits = model(input_ids=ids, attention_mask=attention, use_cache=False).logits
    spans = [slice(len(prompt) - 1, len(prompt) - 1 + len(response)) for prompt, response in sequences]
    return [
        (logits[row, span].float().log_softmax(-1), ids[row, span.start + 1 : span.stop + 1])
        for row, span in enumerate(spans)
    ]


def _padded(model: "nn.Module", sequences: Sequence[tuple[Sequence[int], Sequence[int]]]) -> "tuple[Tensor, Tensor]":
    import torch

    device = next(model.parameters()).device
    width = max(len(prompt) + len(response) for prompt, response in sequences)
    ids = torch.zeros(len(sequences), width, dtype=torch.long, device=device)
    attention = torch.zeros_like(ids)
    for row, (prompt, response) in enumerate(sequences):
        ids[row, : len(prompt) + len(response)] = torch.tensor([*prompt, *response], device=device)
        attention[row, : len(prompt) + len(response)] = 1
    return ids, attention
