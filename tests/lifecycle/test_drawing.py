"""The tree as text."""

from quintain.lifecycle.drawing import draw
from quintain.lifecycle.reading import read_lifecycle
from tests.lifecycle.test_reading import CHAIN, PARAMETERS, read


def test_the_tree_shows_descent_data_rounds_and_overrides():
    students = {
        **CHAIN,
        "gentle": {"from": "lion", "by": "preference", "with": {"preference.training.beta": 0.3}, "benchmarks": []},
    }
    assert draw(read(students)) == [
        "base             start: world",
        "└─ webr          finetuning on instruction_pairs",
        "   └─ lion       distillation on seed_instructions, 2 rounds",
        "      ├─ bmc     preference on instruction_pairs",
        "      │  └─ lte  editing on world",
        "      └─ gentle  preference on instruction_pairs, preference.training.beta = 0.3, benchmarks: none",
        "",
        "benchmarks: almanac (headline)",
        "pipelines:  world synthesis finetuning distillation preference editing evaluation registration",
    ]


def test_a_tree_without_students_says_so():
    lifecycle = read_lifecycle({"data": ["synthesis"]}, PARAMETERS, file="lifecycle.yml")
    assert draw(lifecycle) == [
        "no students",
        "",
        "benchmarks: none, so nothing is scored or registered",
        "pipelines:  synthesis",
    ]
