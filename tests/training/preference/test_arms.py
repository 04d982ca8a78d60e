"""The sweep: every arm at every setting, each one's best, and the two that take BMC's β in effect."""

import dataclasses

import pytest

from quintain.training.preference import arms
from quintain.training.preference.arms import MATCHED, PARTS, ArmPairs, SweepParams, compare_arms
from quintain.training.preference.params import PreferenceParams

PARAMS = PreferenceParams(steps=9, batch_size=4, learning_rate=1e-3)
SWEEP = SweepParams(steps=2, beta_multiples=[1.0, 20.0])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("arms")


@pytest.fixture(scope="module")
def pairs(rows):
    """Original and bridged pairs are the same here, so arms that differ in nothing else agree."""
    return ArmPairs(rows[:16], rows[:16], rows[16:20], rows[20:])


@pytest.fixture(scope="module")
def compared(tiny_student, pairs, folder):
    return compare_arms(tiny_student, pairs, PARAMS, SWEEP, folder)


def test_every_arm_is_trained_at_every_setting_and_the_matched_ones_at_the_chosen(compared):
    chosen, tried = compared
    assert [row["arm"] for row in chosen] == [arm.name for arm in (*PARTS, *MATCHED)]
    assert len(tried) == 4 * 2 + 2
    assert {row["beta"] for row in tried if row["arm"] == "BC"} == {0.1, 2.0}
    assert {row["learning_rate"] for row in tried} == {1e-3}


def test_the_best_on_validation_pairs_is_reported_on_test_pairs(compared):
    chosen, tried = compared
    for row in chosen[:4]:
        points = [one for one in tried if one["arm"] == row["arm"]]
        (taken,) = [one for one in points if one["beta"] == row["beta"]]
        assert taken["validation"]["accuracy"] == max(one["validation"]["accuracy"] for one in points)
        assert row["dpo_loss"] == taken["test"]["dpo_loss"]
        assert taken["test"] != taken["validation"]


def test_the_matched_arms_take_the_mean_weight_and_the_plain_ones_their_beta(compared):
    by_name = {row["arm"]: row for row in compared[0]}
    assert by_name["DPO"]["effective_beta"] == by_name["DPO"]["beta"]
    # The weights of the first two steps against those of all rows: near, not equal.
    assert by_name["BC-matched"]["beta"] == pytest.approx(by_name["BMC"]["effective_beta"], rel=0.1)
    assert by_name["DPO"]["accuracy"] == by_name["BC"]["accuracy"]
    assert by_name["MC"]["kl_nats_per_token"] == by_name["BMC"]["kl_nats_per_token"]


def test_a_training_that_was_measured_is_not_repeated(compared, tiny_student, pairs, folder, monkeypatch):
    def fail(*_):
        raise AssertionError("trained again")

    monkeypatch.setattr(arms, "train_on_preferences", fail)
    assert compare_arms(tiny_student, pairs, PARAMS, SWEEP, folder) == compared
    with pytest.raises(AssertionError, match="trained again"):
        compare_arms(tiny_student, pairs, PARAMS, dataclasses.replace(SWEEP, steps=3), folder)


@pytest.mark.parametrize("harm", [lambda text: text[:-9], lambda text: text.replace(": 0.", ": 1.", 1)])
def test_a_measurement_that_was_damaged_is_made_anew(tiny_student, pairs, tmp_path, caplog, harm):
    sweep = SweepParams(steps=1)
    expected = compare_arms(tiny_student, pairs, PARAMS, sweep, tmp_path)
    damaged = min(tmp_path.glob("arm-*.json"))
    whole = damaged.read_text()
    damaged.write_text(harm(whole))
    assert damaged.read_text() != whole
    assert compare_arms(tiny_student, pairs, PARAMS, sweep, tmp_path) == expected
    assert caplog.text.count("is damaged; its arm is trained and measured anew") == 1
    assert damaged.read_text() == whole


def test_of_equal_accuracy_the_one_that_stayed_closer_is_chosen():
    near, far = ({"validation": {"accuracy": 0.5, "kl_nats_per_token": kl}} for kl in (0.1, 0.2))
    assert max((far, near), key=arms._worth) is near


def test_the_released_weighting_is_taken_out_of_arms_without_weights(tiny_student, pairs, tmp_path):
    params = dataclasses.replace(PARAMS, weight_source="own")
    chosen, _ = compare_arms(tiny_student, pairs, params, SweepParams(steps=1), tmp_path)
    assert len(chosen) == 6


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"steps": -1}, "steps must be at least 0, got -1"),
        ({"steps": 1, "beta_multiples": []}, "must be of one item at least"),
        ({"steps": 1, "beta_multiples": [0.0]}, "must be positive"),
        ({"steps": 1, "learning_rates": [-1e-4]}, "must be positive"),
    ],
)
def test_a_wrong_sweep_is_named(settings, message):
    with pytest.raises(ValueError, match=message):
        SweepParams(**settings)
