"""The loss of BMC: preference losses in which every token of a response has a weight of its own.

Written s and r are the weighted sums of log-probabilities of a response under policy and reference, d = s - r, n its
number of tokens; w stands for the chosen response, l for the rejected one.

| variant | loss of a pair |
|---|---|
| dpo | -log σ(β (d_w - d_l)) |
| ipo | (d_w / n_w - d_l / n_l - 1 / 2τ)² |
| r_dpo | -log σ(β (d_w - d_l) - α (n_w - n_l)) |
| dpop | -log σ(β (d_w - d_l - α max(0, r_w - s_w))) |
| simpo | -log σ(β (s_w / n_w - s_l / n_l) - γ) |
| orpo | NLL of the chosen - λ log σ(log-odds of s_w / n_w against s_l / n_l) |
"""

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from quintain.methods.bmc.variants import REFERENCE_FREE, VARIANTS, Variant


def token_weights(logps: Tensor, modified: Tensor, delta: float) -> Tensor:
    """Weigh a token that the correction changed by 1 + min(1/p, delta), any other by 1.

    >>> p = torch.tensor([[0.8, 0.1, 0.9]])
    >>> token_weights(p.log(), torch.tensor([[True, True, False]]), delta=2.0)
    tensor([[2.2500, 3.0000, 1.0000]])

    Args:
        logps: Log-probability of each token, in nats. Shape (B, T).
        modified: True, or any number but 0, where the correction changed the token. Shape (B, T).
        delta: Cap on 1/p, at least 1; no unit. With 1 every changed token weighs 2.

    Returns:
        Weights, 1 or in [2, 1 + delta], without gradient, in single precision at least. Shape (B, T).

    Raises:
        ValueError: delta is below 1, or the shapes differ.

    Source: arXiv:2408.07471, eq. 4-6; the authors' scripts/dpo_bmc_trainer.py, `concatenated_forward`.
    """
    if not delta >= 1:
        raise ValueError(f"delta caps 1/p, which is never below 1; it must be at least 1, got {delta}")
    if logps.shape != modified.shape:
        raise ValueError(f"logps {tuple(logps.shape)} and modified {tuple(modified.shape)} must have one shape (B, T)")
    # exp may overflow to infinity, which the cap then takes; half precision would round the weights.
    inverse_p = torch.exp(-logps.detach().to(torch.promote_types(logps.dtype, torch.float32))).clamp(max=delta)
    return torch.where(modified.bool(), 1 + inverse_p, torch.ones_like(inverse_p))


def preference_loss(
    variant: Variant,
    policy_logps: Tensor,
    reference_logps: Tensor | None,
    weights: Tensor,
    reference_weights: Tensor | None,
    completion_mask: Tensor,
    beta: float,
    alpha: float = 0.0,
    gamma: float = 0.0,
) -> Tensor:
    """Compare the chosen and the rejected response of each pair, token by token.

    Two pairs of one token each, all weights 1: the margins are ln 2 and 0, so with beta 1 the losses are
    -log σ(ln 2) = log 3/2 and -log σ(0) = log 2.

    >>> policy = torch.tensor([[0.4], [0.5], [0.2], [0.5]]).log()
    >>> ones, reference = torch.ones_like(policy), torch.full_like(policy, 0.5).log()
    >>> preference_loss("dpo", policy, reference, ones, ones, ones, beta=1.0)
    tensor([0.4055, 0.6931])

    Args:
        variant: One of VARIANTS; the formulas stand at the top of this file.
        policy_logps: Log-probability of each token under the policy, in nats; the first B rows are the chosen
            responses, the others the rejected ones, in the same order. Shape (2B, T).
        reference_logps: The same under the reference; unused, and None at will, in a reference-free variant.
        weights: Weight of each token on the policy's side; ones give the unweighted loss. Shape (2B, T).
        reference_weights: Weight of each token on the reference's side: `weights` again in the paper, weights from the
            reference's own log-probabilities in the released code. None takes `weights`.
        completion_mask: True, or any number but 0, on the tokens of the response. Shape (2B, T).
        beta: Strength of the pull to the reference; τ for ipo, λ of the odds ratio for orpo. Positive.
        alpha: Price of a token of length (r_dpo) or of a nat that the chosen response loses (dpop); at least 0.
        gamma: Margin that simpo asks for.

    Returns:
        Loss of each pair. Shape (B,). For orpo the NLL in it is the mean over all chosen tokens of the batch.

    Raises:
        ValueError: The variant does not exist, shapes differ, the reference is missing, or a number is out of range.

    Source: arXiv:2408.07471, eq. 4-6 and table 5; the authors' scripts/dpo_bmc_trainer.py, `dpo_loss`, which fixes
        alpha of r_dpo to beta and has no simpo; dpop: arXiv:2402.13228, eq. 3.
    """
    _check(variant, policy_logps, reference_logps, weights, reference_weights, completion_mask, beta, alpha)
    mask = completion_mask.bool()
    sums = (weights * policy_logps).masked_fill(~mask, 0).sum(dim=1)  # (2B,)
    s_w, s_l = sums.chunk(2)
    # In the precision of the sums: a whole number times a Python float would be rounded to single precision.
    n_w, n_l = mask.sum(dim=1).clamp(min=1).to(sums.dtype).chunk(2)
    if variant == "simpo":
        return -logsigmoid(beta * (s_w / n_w - s_l / n_l) - gamma)
    if variant == "orpo":
        nll = -policy_logps.masked_fill(~mask, 0).chunk(2)[0].sum() / n_w.sum()
        mean_w, mean_l = s_w / n_w, s_l / n_l
        return nll - beta * logsigmoid(mean_w - mean_l - (log_rest(mean_w) - log_rest(mean_l)))
    if reference_logps is None:
        raise ValueError(f"{variant} needs reference_logps; without a reference there are {', '.join(REFERENCE_FREE)}")
    ours = weights if reference_weights is None else reference_weights
    r_w, r_l = (ours * reference_logps).masked_fill(~mask, 0).sum(dim=1).chunk(2)
    d_w, d_l = s_w - r_w, s_l - r_l
    if variant == "ipo":
        # The policy's side before the reference's, as in the released code: in single precision the two round alike.
        return ((s_w / n_w - s_l / n_l) - (r_w / n_w - r_l / n_l) - 1 / (2 * beta)) ** 2
    if variant == "r_dpo":
        # β outside, as in the released code, whose α is β: in single precision the two then round alike.
        return -logsigmoid(beta * (d_w - d_l - alpha / beta * (n_w - n_l)))
    if variant == "dpop":
        return -logsigmoid(beta * (d_w - d_l - alpha * (r_w - s_w).clamp(min=0)))
    return -logsigmoid(beta * (d_w - d_l))


def log_rest(logp: Tensor) -> Tensor:
    """log(1 - p) of a log-probability, exact near both ends; the released code has -inf where p rounds to 1."""
    below_one = logp.clamp(max=-torch.finfo(logp.dtype).eps)
    return torch.where(below_one > -0.693, torch.log(-torch.expm1(below_one)), torch.log1p(-torch.exp(below_one)))


def _check(
    variant: str,
    policy_logps: Tensor,
    reference_logps: Tensor | None,
    weights: Tensor,
    reference_weights: Tensor | None,
    completion_mask: Tensor,
    beta: float,
    alpha: float,
) -> None:
    if variant not in VARIANTS:
        raise ValueError(f"there is no variant {variant!r}; there are {', '.join(VARIANTS)}")
    shape = tuple(policy_logps.shape)
    if len(shape) != 2 or shape[0] % 2 or not shape[0]:
        raise ValueError(f"policy_logps must have the shape (2B, T), chosen rows first, got {shape}")
    named = {
        "reference_logps": reference_logps,
        "weights": weights,
        "reference_weights": reference_weights,
        "completion_mask": completion_mask,
    }
    for name, tensor in named.items():
        if tensor is not None and tuple(tensor.shape) != shape:
            raise ValueError(f"{name} must have the shape of policy_logps {shape}, got {tuple(tensor.shape)}")
    if not beta > 0:
        raise ValueError(f"beta must be positive, got {beta}")
    if not alpha >= 0:
        raise ValueError(f"alpha must be at least 0, got {alpha}")
