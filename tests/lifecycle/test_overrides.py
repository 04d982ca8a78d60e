"""Parameters of one student in place of those of all."""

import pytest

from quintain.lifecycle.overrides import own_parameters, touched

SHARED = {"preference": {"training": {"beta": 0.1, "steps": 9}, "pairs": {"held_out": 0.1}}, "roles": {"ledger": "l"}}


def test_a_group_is_whole_and_the_shared_one_stays_as_it_was():
    own = own_parameters(SHARED, {"preference.training.beta": 0.3})
    assert own == {"preference": {"training": {"beta": 0.3, "steps": 9}, "pairs": {"held_out": 0.1}}}
    assert SHARED["preference"]["training"]["beta"] == 0.1


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("preference.training", True),
        ("preference", True),
        ("preference.training.beta", True),
        ("preference.train", False),
        ("preference.pairs", False),
    ],
)
def test_a_group_is_touched_by_what_stands_in_it_or_around_it(group, expected):
    assert touched(group, ["preference.training.beta"]) is expected
