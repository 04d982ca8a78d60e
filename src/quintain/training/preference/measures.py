"""Log-probabilities of held-out pairs, token by token, beside the reference."""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

from quintain.progress import Progress
from quintain.records import TokenizedPair
from quintain.training.preference.reference import response_logits

if TYPE_CHECKING:
    from torch import nn

_BATCH = 16
_MOST_SCORES = 1 << 26
"""Scores that a model gives at a time, one for each token of a batch and of the vocabulary: 256 MiB, and each of some
steps keeps as many. A vocabulary of 49,152 has room for three pairs of 200 tokens in that, one of 152,000 for one."""


@dataclass(frozen=True)
class ResponseCredit:
    """One response under policy and reference; one number per token."""

    ids: tuple[int, ...]
    """Token ids."""
    modified: tuple[int, ...]
    """1 where the correction changed the token."""
    logps: list[float]
    """Log-probabilities under the policy, in nats."""
    ratios: list[float]
    """Log-ratios of policy to reference, in nats; times β they are the implicit rewards."""
    kl_nats: list[float]
    """KL(policy‖reference) over the whole vocabulary, at each token."""

    def weights(self, delta: float | None) -> list[float]:
        """Weight of each token; ones without a delta."""
        import torch

        from quintain.methods.bmc import token_weights

        if delta is None:
            return [1.0] * len(self.ids)
        logps, modified = torch.tensor([self.logps]), torch.tensor([self.modified])
        return [float(weight) for weight in token_weights(logps, modified, delta)[0]]


@dataclass(frozen=True)
class PairCredit:
    """Both responses of a pair."""

    row: TokenizedPair
    chosen: ResponseCredit
    rejected: ResponseCredit

    @property
    def margin(self) -> float:
        """By how many nats the policy prefers the chosen response more than the reference does."""
        return sum(self.chosen.ratios) - sum(self.rejected.ratios)


def credit_pairs(policy: "nn.Module", reference: "nn.Module", rows: Sequence[TokenizedPair]) -> list[PairCredit]:
    """Look at every token of every response with both models.

    Args:
        policy: The student.
        reference: What it started from.
        rows: Pairs.

    Returns:
        One entry per row, in order.
    """
    import torch

    policy.eval()
    reference.eval()
    found = []
    with torch.inference_mode(), Progress("credit of tokens, pairs", len(rows)) as progress:
        for some in _batches(rows, policy.get_input_embeddings().num_embeddings):  # type: ignore[operator]
            sequences = [(row.prompt_ids, ids) for row in some for ids in (row.chosen_ids, row.rejected_ids)]
            both = zip(response_logits(policy, sequences), response_logits(reference, sequences), strict=True)
            marks = [marks for row in some for marks in (row.chosen_modified, row.rejected_modified)]
            sides = []
            for ((ours, ids), (theirs, _)), modified in zip(both, marks, strict=True):
                logps = ours.gather(-1, ids[:, None])[:, 0]
                ratios = logps - theirs.gather(-1, ids[:, None])[:, 0]
                kl = (ours.exp() * (ours - theirs)).sum(-1)
                sides.append(
                    ResponseCredit(tuple(ids.tolist()), modified, logps.tolist(), ratios.tolist(), kl.tolist())
                )
            found += [PairCredit(row, *sides[2 * i : 2 * i + 2]) for i, row in enumerate(some)]
            progress.advance(len(some))
    return found


def _batches(rows: Sequence[TokenizedPair], vocabulary: int) -> Iterator[list[TokenizedPair]]:
    """Pairs in their order, as many at a time as `_MOST_SCORES` and `_BATCH` let."""
    some: list[TokenizedPair] = []
    width = 0
    for row in rows:
        own = len(row.prompt_ids) + max(len(row.chosen_ids), len(row.rejected_ids))
        if some and (len(some) == _BATCH or 2 * (len(some) + 1) * max(width, own) * vocabulary > _MOST_SCORES):
            yield some
            some, width = [], 0
        some.append(row)
        width = max(width, own)
    if some:
        yield some


def summarise(pairs: Sequence[PairCredit], beta: float, delta: float | None) -> dict[str, float]:
    """Means over pairs: how often and how far the policy prefers the chosen response, and what it paid.

    Args:
        pairs: Both responses of each, see `credit_pairs`.
        beta: β of the training.
        delta: Cap of its weights.

    Returns:
        `accuracy` (share of pairs with a positive margin), `margin` (rewards without weights, comparable with any DPO
        run), `dpo_loss` (what DPO would lose on these pairs at this β, whatever was trained), `displacement_chosen` and
        `displacement_rejected` (nats per response), `kl_nats_per_token` (KL(policy‖reference) over the whole
        vocabulary, mean over response tokens), `edited_share`,
        `clamped_share` (of the edited tokens, those at the cap), `mean_weight`.
    """
    sides = [side for pair in pairs for side in (pair.chosen, pair.rejected)]
    weights = [weight for side in sides for weight in side.weights(delta)]
    edited = [mark for side in sides for mark in side.modified]
    at_cap = [weight >= 1 + delta for weight, mark in zip(weights, edited, strict=True) if mark and delta is not None]
    found = {
        "accuracy": fmean(pair.margin > 0 for pair in pairs),
        "margin": beta * fmean(pair.margin for pair in pairs),
        "dpo_loss": fmean(_softplus(-beta * pair.margin) for pair in pairs),
        "displacement_chosen": fmean(sum(pair.chosen.ratios) for pair in pairs),
        "displacement_rejected": fmean(sum(pair.rejected.ratios) for pair in pairs),
        "kl_nats_per_token": fmean(kl for side in sides for kl in side.kl_nats),
        "edited_share": fmean(edited),
        "clamped_share": fmean(at_cap) if at_cap else 0.0,
        "mean_weight": fmean(weights),
    }
    return {name: round(value, 4) for name, value in found.items()}


def _softplus(value: float) -> float:
    return max(value, 0.0) + math.log1p(math.exp(-abs(value)))


def as_shown(pairs: Sequence[PairCredit], tokenizer: Any, beta: float, delta: float | None) -> list[dict[str, Any]]:
    """Pairs as a page shows them: the prompt, and of each response the tokens with weight and implicit reward."""
    return [
        {
            "prompt": tokenizer.decode(list(pair.row.prompt_ids), skip_special_tokens=True),
            "margin": beta * pair.margin,
            "sides": [
                {
                    "name": name,
                    "reward": beta * sum(side.ratios),
                    "tokens": [
                        {"text": text, "weight": weight, "reward": beta * ratio, "edited": mark}
                        for text, weight, ratio, mark in zip(
                            _pieces(tokenizer, side.ids), side.weights(delta), side.ratios, side.modified, strict=True
                        )
                    ],
                }
                for name, side in (("chosen", pair.chosen), ("rejected", pair.rejected))
            ],
        }
        for pair in pairs
    ]


def _pieces(tokenizer: Any, ids: Sequence[int]) -> list[str]:
    """Text that each token adds; a token alone may lose the space before it."""
    texts = [tokenizer.decode(list(ids[:end]), clean_up_tokenization_spaces=False) for end in range(len(ids) + 1)]
    return [after[len(before) :] for before, after in itertools.pairwise(texts)]
