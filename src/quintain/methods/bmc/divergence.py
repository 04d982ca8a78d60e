"""KL divergence of a policy from its reference, estimated from the tokens that stand there alone."""

import torch
from torch import Tensor

from quintain.methods.bmc.loss import log_rest


def least_kl(policy_logps: Tensor, reference_logps: Tensor) -> Tensor:
    """KL(policy‖reference) between two outcomes: this token, or any other.

    Telling fewer outcomes apart never raises a divergence, so the KL over the whole vocabulary is at least this. It
    needs no logits, which a fused head never makes, and holds for any token, whoever sampled it.

    The policy gives a token 0.8 where the reference gave 0.5: 0.8 ln(0.8/0.5) + 0.2 ln(0.2/0.5) = 0.1927.

    >>> least_kl(torch.tensor([[0.8]]).log(), torch.tensor([[0.5]]).log())
    tensor([[0.1927]])

    Args:
        policy_logps: Log-probability of each token under the policy, in nats. Shape (B, T).
        reference_logps: The same under the reference. Shape (B, T).

    Returns:
        Nats at each token, at least 0. Shape (B, T).
    """
    policy, reference = (_inside(logps) for logps in (policy_logps, reference_logps))
    rest, reference_rest = log_rest(policy), log_rest(reference)
    return (policy.exp() * (policy - reference) + rest.exp() * (rest - reference_rest)).clamp(min=0)


def _inside(logps: Tensor) -> Tensor:
    """Neither sure nor impossible: either has no logarithm on one of its sides."""
    limits = torch.finfo(logps.dtype)
    return logps.clamp(min=limits.min, max=-limits.eps)
