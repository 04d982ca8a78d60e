"""Agreement of two copies of a model, by their logits on the same tokens."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

_ROWS = 4
_TOKENS = 48
_CHAT = "Which river does Veldmark stand on, and who is its mayor? Answer in two lines."
_SEED = 20251128


def probe_rows(tokenizer: Any, vocabulary: int) -> "Tensor":
    """Tokens that both copies are asked: a chat, special tokens, the newest tokens, and seeded others.

    Args:
        tokenizer: The model's tokenizer.
        vocabulary: Rows of its embedding.

    Returns:
        Ids. Shape (4, 48).
    """
    import torch

    generator = torch.Generator().manual_seed(_SEED)
    rows = torch.randint(0, vocabulary, (_ROWS, _TOKENS), generator=generator)
    # An adapter may have trained the embedding of a few tokens alone: mostly special ones, or those that were added.
    special = [token for token in sorted(set(tokenizer.all_special_ids)) if token < vocabulary]
    newest = list(range(max(0, vocabulary - _TOKENS // 3), vocabulary))
    told = [token for token in tokenizer.encode(_CHAT, add_special_tokens=False) if token < vocabulary]
    for row, ids in enumerate((told[:_TOKENS], special[:_TOKENS], newest)):
        rows[row, : len(ids)] = torch.tensor(ids, dtype=torch.long)
    return rows


def logits_of(model: Any, rows: "Tensor") -> "Tensor":
    """Logits of a model, less their mean at each place, which says nothing.

    Args:
        model: The model.
        rows: Ids. Shape (n, t).

    Returns:
        The logits in float32. Shape (n, t, vocabulary).
    """
    import torch

    with torch.no_grad():
        logits = model(input_ids=rows.to(model.device)).logits.float().cpu()
    return logits - logits.mean(dim=-1, keepdim=True)


def spread(logits: "Tensor") -> float:
    """Root of the mean square of logits or of a difference of them."""
    return float(logits.double().pow(2).mean().sqrt())
