"""Batches in two halves: hand-computed gradients, and one result whatever happens to the second process."""

import itertools
import logging
import os
import signal

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from quintain.training import halves as module
from quintain.training.halves import HalvedBatches, halves

SEQUENCES = [[1, 2, 3], [2, 3, 4, 5], [3, 1], [5, 4, 3, 2, 1]]


class Bigram(torch.nn.Module):
    """Next-token scores by the token before."""

    def __init__(self):
        super().__init__()
        self.scores = torch.nn.Parameter(torch.linspace(-1, 1, 36).reshape(6, 6))


def summed_loss(model, sequences, _pad_id):
    pairs = torch.tensor([pair for sequence in sequences for pair in itertools.pairwise(sequence)])
    return torch.nn.functional.cross_entropy(model.scores[pairs[:, 0]], pairs[:, 1], reduction="sum")


def trained(steps, at_step=lambda _halved, _step: None):
    model = Bigram()
    halved = HalvedBatches(model, SEQUENCES, 0, summed_loss)
    losses, asked = [], 0
    with halved.on_all_cores():
        for step in range(steps):
            at_step(halved, step)
            losses.append(halved.backward([0, 1, 2, 3] if step % 3 else [step % 4]))
            asked += halved._second is not None and halved._second._ready
            with torch.no_grad():
                model.scores -= 0.1 * model.scores.grad
    return model.scores.detach().clone(), losses, asked


@given(st.lists(st.integers(2, 40), min_size=1, max_size=20))
def test_halves_hold_a_batch_in_its_order_and_neither_has_much_more_than_half(lengths):
    batch = list(range(len(lengths)))
    first, second = halves(batch, lengths)
    assert first
    assert first + second == batch
    over = sum(lengths[i] for i in first) - sum(lengths) / 2
    assert 0 <= over < lengths[first[-1]]


def test_the_gradient_is_that_of_the_mean_over_all_predicted_positions():
    model, whole = Bigram(), Bigram()
    loss = HalvedBatches(model, SEQUENCES, 0, summed_loss).backward([0, 1, 2, 3])
    expected = summed_loss(whole, SEQUENCES, 0) / 10  # 2 + 3 + 1 + 4 positions
    expected.backward()
    assert loss == pytest.approx(expected.item())
    torch.testing.assert_close(model.scores.grad, whole.scores.grad)


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr(module, "START_SECONDS", -1.0)
    monkeypatch.setattr(module, "usable_cores", lambda: 2)


def wait_until_ready(halved, step):
    if step == 2:
        assert halved._second._connection.poll(120)


def test_two_processes_give_the_bytes_of_one(two_cores, monkeypatch):
    both, losses, asked = trained(12, wait_until_ready)
    assert asked >= 10
    monkeypatch.setattr(module, "usable_cores", lambda: 1)
    alone, expected, never = trained(12)
    assert never == 0
    assert torch.equal(both, alone)
    assert losses == expected


def test_a_training_goes_on_alone_when_its_second_process_is_killed(two_cores, monkeypatch, caplog):
    def killed(halved, step):
        wait_until_ready(halved, step)
        if step == 5:
            os.kill(halved._second._process.pid, signal.SIGKILL)

    with caplog.at_level(logging.WARNING):
        survived, losses, _ = trained(12, killed)
    assert caplog.text.count("has ended; one core does both halves") == 1
    monkeypatch.setattr(module, "usable_cores", lambda: 1)
    alone, expected, _ = trained(12)
    assert torch.equal(survived, alone)
    assert losses == expected


def test_the_second_process_is_gone_after_the_training(two_cores):
    model = Bigram()
    halved = HalvedBatches(model, SEQUENCES, 0, summed_loss)
    with halved.on_all_cores():
        halved.backward([0, 1])
        process = halved._second._process
        assert process.is_alive()
    assert not process.is_alive()
