"""DVC hears of exactly the parameters that a stage reads."""

import pytest

from quintain.errors import ConfigError
from quintain.versioning.configuration import Configuration
from quintain.versioning.parameters import tracked_keys

CONFIGURATION = Configuration(
    parameters={
        "conf/base/parameters_evaluation.yml": {
            "evaluation": {"sampling": {"seed": 0}, "pack": {"name": "almanac"}},
            "webr": {"steps": 3},
        },
        "conf/base/parameters_more.yml": {"evaluation": {"extra": 1}, "hidden": {"lr": "${globals:lr}"}},
    },
    globals={"conf/base/globals.yml": {"lr": 0.1}},
)


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ([], {}),
        (["params:evaluation.sampling"], {"conf/base/parameters_evaluation.yml": ["evaluation.sampling"]}),
        (
            ["params:webr.steps", "params:evaluation.pack"],
            {"conf/base/parameters_evaluation.yml": ["evaluation.pack", "webr.steps"]},
        ),
        # Kedro merges the two halves of the group, so DVC must watch both.
        (
            ["params:evaluation"],
            {"conf/base/parameters_evaluation.yml": ["evaluation"], "conf/base/parameters_more.yml": ["evaluation"]},
        ),
        (["params:hidden"], {"conf/base/globals.yml": ["lr"], "conf/base/parameters_more.yml": ["hidden"]}),
    ],
)
def test_each_key_is_listed_under_the_files_that_hold_it(inputs, expected):
    assert tracked_keys(CONFIGURATION, inputs, stage="evaluation-webr") == expected


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "params:evaluation.sampling.sed",
            r"stage world reads params:evaluation\.sampling\.sed, which is in none of conf",
        ),
        ("params:webr.steps.deeper", r"params:webr\.steps\.deeper, which is in none of"),
        ("parameters", "stage world reads all parameters at once; name the group it needs"),
    ],
)
def test_what_dvc_could_not_see_is_refused(name, message):
    with pytest.raises(ConfigError, match=message):
        tracked_keys(CONFIGURATION, [name], stage="world")
