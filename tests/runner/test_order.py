import pytest
from kedro.pipeline import Pipeline, node

from quintain.runner.order import TRAINING_SECONDS, expected_seconds, remaining_path


def pass_on(*_inputs: object) -> int:
    return 0


PIPELINE = Pipeline(
    [
        node(pass_on, None, "a", name="train"),
        node(pass_on, "a", "b", name="score"),
        node(pass_on, "a", "c", name="train_next"),
        node(pass_on, ["b", "c"], "d", name="register"),
    ]
)


def test_what_is_left_is_the_longest_chain_from_a_node_on():
    left = remaining_path(PIPELINE, {"train": 90.0, "score": 7.0, "train_next": 15.0, "register": 2.0})
    # register 2; score 7 + 2; train_next 15 + 2; train 90 + 17
    by_name = {node.name: seconds for node, seconds in left.items()}
    assert by_name == pytest.approx({"register": 2.0, "score": 9.0, "train_next": 17.0, "train": 107.0})


def test_unknown_nodes_count_one_second_each():
    assert {node.name: n for node, n in remaining_path(PIPELINE, {}).items()} == {
        "register": 1.0,
        "score": 2.0,
        "train_next": 2.0,
        "train": 3.0,
    }


def test_a_node_that_saves_a_model_is_expected_to_take_long():
    pipeline = Pipeline(
        [
            node(pass_on, "pairs", ["webr.model@hf", "webr.training"], name="fine_tune"),
            node(pass_on, "webr.model@ref", "webr.scorecard", name="score"),
        ]
    )
    assert expected_seconds(pipeline) == {"fine_tune": TRAINING_SECONDS}
