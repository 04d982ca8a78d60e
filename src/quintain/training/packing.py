"""Rows behind each other in one sequence, without any seeing another: nothing is spent on padding.

A kernel for sequences of varying length gets where each row begins and ends; elsewhere the attention mask keeps the
rows apart. Either is tried on the model before the training.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from quintain.errors import ModelError
from quintain.training.autocast import NumberFormat
from quintain.training.token_rows import TokenRow

if TYPE_CHECKING:
    from datasets import Dataset
    from torch import Tensor, nn

_VARLEN = "quintain_varlen"
_ROW = 12
"""Tokens of the rows that a model is tried on."""
_ROUNDING = 1e-2
"""Half precision gives the scores of a row to this share; a row that is seen moves them by far more."""


def packed(rows: Sequence[TokenRow], length: int) -> "Dataset":
    """Fill sequences with rows, the longest first into the fullest sequence that has room.

    Args:
        rows: Rows, none longer than a sequence.
        length: Tokens of a sequence.

    Returns:
        Columns `input_ids`, `labels` and `seq_lengths`, the lengths of the rows in a sequence.

    Source: best-fit decreasing as TRL has it.
    """
    from datasets import Dataset
    from trl import pack_dataset

    plain = Dataset.from_list([{"input_ids": row["input_ids"], "labels": row["labels"]} for row in rows])
    return pack_dataset(plain, length, strategy="bfd")


def attention_of_packs(number_format: NumberFormat) -> str:
    """Name of the attention that keeps packed rows apart on this machine.

    On a GPU it is FlashAttention where that is installed, else torch's own kernel for rows of varying length. Both take
    half precision alone; elsewhere it is torch's common attention with a mask.

    Args:
        number_format: What the training computes in.

    Returns:
        The name, as transformers knows it.
    """
    import torch
    from transformers.utils import is_flash_attn_2_available

    if not torch.cuda.is_available() or number_format == "float32":
        return "sdpa"
    if is_flash_attn_2_available():
        return "flash_attention_2"
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import flash_attention_mask

    AttentionInterface.register(_VARLEN, varlen_attention)
    AttentionMaskInterface.register(_VARLEN, flash_attention_mask)
    return _VARLEN


def varlen_attention(
    module: "nn.Module",
    query: "Tensor",
    key: "Tensor",
    value: "Tensor",
    attention_mask: "Tensor | None",
    scaling: float | None = None,
    sliding_window: int | None = None,
    cu_seq_lens_q: "Tensor | None" = None,
    max_length_q: int | None = None,
    **_: Any,
) -> "tuple[Tensor, None]":
    """Causal attention inside of each packed row, by torch's kernel for rows of varying length.

    Args:
        module: The attention layer.
        query: Shape (1, H, T, D).
        key: Shape (1, K, T, D), K dividing H.
        value: Shape (1, K, T, D).
        attention_mask: None; rows are told apart by their ends.
        scaling: Factor of the scores; 1 / √D when None.
        sliding_window: Tokens that a token sees, itself included; None for all before it.
        cu_seq_lens_q: Where rows begin, and the end of the last. Shape (rows + 1,).
        max_length_q: Tokens of the longest row. What only other kernels need is taken and not used.

    Returns:
        Shape (1, T, H, D), and no weights.

    Raises:
        ModelError: The batch is not packed.
    """
    import torch
    from torch.nn.attention.varlen import varlen_attn

    if cu_seq_lens_q is None or max_length_q is None or query.size(0) != 1:
        raise ModelError(
            "a batch without the ends of its rows reached the attention of packed rows; set packing: false"
        )
    kind = query.device.type
    if query.dtype == torch.float32 and torch.is_autocast_enabled(kind):
        query, key, value = (one.to(torch.get_autocast_dtype(kind)) for one in (query, key, value))
    ends = cu_seq_lens_q.to(query.device)
    seen = varlen_attn(
        query[0].transpose(0, 1),
        key[0].transpose(0, 1),
        value[0].transpose(0, 1),
        ends,
        ends,
        max_length_q,
        max_length_q,
        scale=scaling,
        window_size=(-1 if sliding_window is None else sliding_window - 1, 0),
        enable_gqa=query.size(1) != key.size(1),
    )
    return torch.as_tensor(seen)[None], None


def require_apart(
    model: "nn.Module", collate: Callable[[list[Any]], dict[str, Any]], number_format: NumberFormat
) -> None:
    """Stop before a training whose attention would let packed rows see each other.

    Args:
        model: Causal language model, on the device that it will train on.
        collate: Makes a batch of packed sequences.
        number_format: What the training computes in.

    Raises:
        ModelError: What stands before a row changes its scores, or the model says itself that it cannot keep rows
            apart.
    """
    import torch

    device = next(model.parameters()).device
    vocabulary = model.get_input_embeddings().num_embeddings  # type: ignore[operator]  # a model, not a bare module
    ids = [(7 * place) % (vocabulary - 1) + 1 for place in range(2 * _ROW)]
    row, scores = ids[_ROW:], []
    for before in (ids[:_ROW], row[::-1]):
        both = {"input_ids": before + row, "labels": before + row, "seq_lengths": [_ROW, _ROW]}
        batch = {
            name: value.to(device) if isinstance(value, torch.Tensor) else value
            for name, value in collate([both]).items()
            if name != "labels"
        }
        with torch.no_grad(), torch.autocast(device.type, torch.bfloat16, enabled=number_format == "bfloat16"):
            try:
                logits = model(**batch, use_cache=False).logits
            except ValueError as error:
                raise ModelError(
                    f"this model cannot be trained on packed rows: {error} Or set packing: false"
                ) from error
            scores.append(logits[0, _ROW:].float())
    moved, size = (scores[0] - scores[1]).abs().max().item(), scores[0].abs().max().item()
    if not moved <= _ROUNDING * size:
        raise ModelError(
            f"packed rows of this model would see each other: another row before one moves its scores by {moved:.2g} "
            f"of {size:.2g}; set packing: false, or install flash-attn"
        )
