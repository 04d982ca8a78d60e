"""Rows of similar length share a batch, and every row gets its turn."""

from hypothesis import given
from hypothesis import strategies as st

from quintain.training.order import length_grouped_order


@given(
    lengths=st.lists(st.integers(1, 300), min_size=1, max_size=80),
    batch_size=st.integers(1, 9),
    batches=st.integers(1, 30),
)
def test_the_order_fills_exactly_the_batches_asked_for(lengths, batch_size, batches):
    order = length_grouped_order(lengths, batch_size, batches, seed=0)
    assert len(order) == batch_size * batches
    assert set(order) <= set(range(len(lengths)))


def test_every_row_comes_before_any_comes_again():
    order = length_grouped_order([10] * 40, 4, 10, seed=0)
    assert sorted(order) == list(range(40))


def test_grouping_saves_padding():
    # Two lengths in equal parts: random batches of 8 nearly always hold both and pad half of their rows.
    lengths = [10, 100] * 200
    order = length_grouped_order(lengths, 8, 50, seed=0)
    mixed = sum(len({lengths[i] for i in order[start : start + 8]}) == 2 for start in range(0, 400, 8))
    assert mixed <= 1


def test_a_seed_gives_one_order():
    lengths = list(range(1, 60))
    assert length_grouped_order(lengths, 4, 20, seed=1) == length_grouped_order(lengths, 4, 20, seed=1)
    assert length_grouped_order(lengths, 4, 20, seed=1) != length_grouped_order(lengths, 4, 20, seed=2)
