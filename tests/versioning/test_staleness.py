"""A change names the stages that it makes stale, with the reason."""

import pytest

from quintain.errors import ConfigError
from quintain.versioning.configuration import Configuration
from quintain.versioning.stages import Stage
from quintain.versioning.staleness import stale_after_file, stale_after_parameter

PARAMETERS = "conf/base/parameters.yml"
STAGES = [
    Stage(name="score", cmd="", deps=["data/model", "src/rules.py"], params={}, metrics={"data/score.json": {}}),
    Stage(
        name="train",
        cmd="",
        deps=["data/pages.json", "src/training"],
        params={PARAMETERS: ["sft"]},
        outs={"data/model": {}},
    ),
    Stage(name="pages", cmd="", deps=["src/pages.py"], params={PARAMETERS: ["pages.n"]}, outs={"data/pages.json": {}}),
    Stage(name="pack", cmd="", deps=["src/pages.py", "src/rules.py"], params={}, outs={"data/pack.json": {}}),
]
CONFIGURATION = Configuration(
    parameters={PARAMETERS: {"sft": {"steps": 3, "lora": {"r": 4}}, "pages": {"n": 1, "m": 2}}}
)


def told(stale):
    return {each.stage: "; ".join(each.reasons) for each in stale}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/training/sft.py", {"train": "depends on src/training", "score": "after train"}),
        ("src/training", {"train": "depends on src/training", "score": "after train"}),
        ("src/rules.py", {"score": "depends on src/rules.py", "pack": "depends on src/rules.py"}),
        ("data/model/weights", {"train": "writes data/model", "score": "depends on data/model; after train"}),
        (PARAMETERS, {
            "pages": f"reads pages.n in {PARAMETERS}", "train": f"reads sft in {PARAMETERS}; after pages",
            "score": "after train",
        }),
        ("src", {
            "pages": "depends on src/pages.py", "train": "depends on src/training; after pages",
            "score": "depends on src/rules.py; after train", "pack": "depends on src/pages.py, src/rules.py",
        }),
        ("src/train", {}),
        ("README.md", {}),
    ],
)  # fmt: skip
def test_a_file_makes_its_readers_stale_and_those_after_them(path, expected):
    assert told(stale_after_file(STAGES, path)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sft", {"train": f"reads sft in {PARAMETERS}", "score": "after train"}),
        ("sft.lora.r", {"train": f"reads sft in {PARAMETERS}", "score": "after train"}),
        ("pages", {"pages": f"reads pages.n in {PARAMETERS}", "train": "after pages", "score": "after train"}),
        ("pages.m", {}),
    ],
)
def test_a_parameter_makes_its_readers_stale_and_those_after_them(name, expected):
    assert told(stale_after_parameter(STAGES, CONFIGURATION, name)) == expected


def test_stages_are_named_in_the_order_in_which_they_run():
    assert [each.stage for each in stale_after_file(STAGES, "src/pages.py")] == ["pages", "train", "score", "pack"]
    assert [each.is_direct for each in stale_after_file(STAGES, "src/pages.py")] == [True, False, False, True]


def test_a_misspelt_parameter_is_answered_with_the_close_ones():
    with pytest.raises(
        ConfigError, match=r"sft\.step is no parameter of the environment base .*did you mean sft\.steps"
    ):
        stale_after_parameter(STAGES, CONFIGURATION, "sft.step")
