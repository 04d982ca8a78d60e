"""The bound on the divergence: by hand, and never above what the whole vocabulary gives."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from quintain.methods.bmc import least_kl


def test_the_bound_is_the_divergence_of_two_outcomes():
    # 0.8 ln(0.8 / 0.5) + 0.2 ln(0.2 / 0.5), and the same the other way round: 0.2 ln(0.2 / 0.5) + 0.8 ln(0.8 / 0.5)
    expected = 0.8 * math.log(1.6) + 0.2 * math.log(0.4)
    policy = torch.tensor([[0.8, 0.2]], dtype=torch.float64).log()
    assert least_kl(policy, torch.full_like(policy, 0.5).log())[0].tolist() == pytest.approx([expected] * 2)


@given(st.integers(0, 10_000), st.floats(0.1, 8.0))
def test_the_bound_is_never_above_the_divergence_over_the_vocabulary(seed, spread):
    generator = torch.Generator().manual_seed(seed)
    ours, theirs = (spread * torch.randn(12, generator=generator, dtype=torch.float64) for _ in range(2))
    ours, theirs = ours.log_softmax(0), theirs.log_softmax(0)
    whole = (ours.exp() * (ours - theirs)).sum()
    bounds = least_kl(ours[None], theirs[None])  # each token of the vocabulary in turn
    assert (bounds >= 0).all()
    assert (bounds <= whole + 1e-9).all()


def test_sure_and_impossible_tokens_have_a_bound():
    policy = torch.tensor([[0.0, -math.inf, 0.0, -5.0]])
    reference = torch.tensor([[0.0, -math.inf, -6e4, -5.0]])
    found = least_kl(policy, reference)[0]
    assert found.isfinite().all()
    assert found[[0, 1, 3]].tolist() == [0, 0, 0]
    assert found[2] == pytest.approx(6e4, rel=0.01)
