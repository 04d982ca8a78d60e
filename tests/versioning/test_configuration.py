"""Where the values of an environment stand, and what they refer to."""

import pytest

from quintain.environment import as_everybody_reads
from quintain.errors import ConfigError
from quintain.versioning.configuration import Configuration, Place

BASE, HUB = "conf/base/parameters.yml", "conf/hub/parameters.yml"
GLOBALS, HUB_GLOBALS = "conf/base/globals.yml", "conf/hub/globals.yml"
CONFIGURATION = Configuration(
    "hub",
    parameters={
        BASE: {
            "sft": {"steps": 700, "lora": {}},
            "sampling": {"seed": "${seed}"},
            "seed": 7,
            "size": "${globals:sizes.${globals:which}}",
            "rest": "${globals:missing, 3}",
            "now": "${runtime_params:now, 1}",
        },
        HUB: {"sft": {"lora": "${globals:adapter}"}},
    },
    globals={
        GLOBALS: {"adapter": {}, "sizes": {"small": 1}, "which": "small"},
        HUB_GLOBALS: {"adapter": "${r}", "r": 16},
    },
    lifecycle={"conf/hub/lifecycle.yml": {"students": {"gentle": {"with": {"sft.steps": 3}}}}},
)


@pytest.mark.parametrize(
    ("key", "places"),
    [
        ("sft.steps", {(BASE, "sft.steps")}),
        # Kedro merges the two halves of the group; what it refers to counts in both files of globals, and so does what
        # that refers to.
        ("sft", {(BASE, "sft"), (HUB, "sft"), (GLOBALS, "adapter"), (HUB_GLOBALS, "adapter"), (HUB_GLOBALS, "r")}),
        # Below an interpolation there is nothing to watch but itself.
        ("sft.lora.r", {(HUB, "sft.lora"), (GLOBALS, "adapter"), (HUB_GLOBALS, "adapter"), (HUB_GLOBALS, "r")}),
        ("sampling.seed", {(BASE, "sampling.seed"), (BASE, "seed")}),
        ("size", {(BASE, "size"), (GLOBALS, "which"), (GLOBALS, "sizes.small")}),
        ("rest", {(BASE, "rest")}),
        ("now", {(BASE, "now")}),
        # A student's own parameters are those of all, with what lifecycle.yml sets.
        ("students.gentle.sft.steps", {(BASE, "sft.steps"), ("conf/hub/lifecycle.yml", "students.gentle.with")}),
        ("nothing", set()),
    ],
)
def test_a_parameter_stands_where_it_is_written_and_where_that_refers_to(key, places):
    assert CONFIGURATION.parameter(key) == {Place(*each) for each in places}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "${globals:lost}",
            r"parameters\.yml: `\$\{globals:lost\}` refers to lost, which is in none of conf/base/globals",
        ),
        ("${lost.one}", r"refers to lost\.one, which is in none of conf/base/parameters\.yml"),
        (
            "${.steps}",
            r"DVC cannot follow `\$\{\.steps\}`; refer to a value by `\$\{globals:name\}` or by its full name",
        ),
        ("${oc.env:HOME}", r"DVC cannot follow `\$\{oc\.env:HOME\}`"),
    ],
)
def test_what_dvc_could_not_follow_is_refused(value, message):
    configuration = Configuration(parameters={BASE: {"lr": value}}, globals=CONFIGURATION.globals)
    with pytest.raises(ConfigError, match=message):
        configuration.parameter("lr")


def test_files_are_read_base_first_in_folders_too_and_with_anchors(tmp_path):
    for name, text in {
        "conf/base/parameters.yml": "a: &one {x: 1}\nb: *one\n",
        "conf/base/training/parameters_sft.yml": "sft: {}\n",
        "conf/base/globals.yml": "",
        "conf/hub/parameters_sft.yaml": "sft: {steps: 1}\n",
        "conf/hub/catalog/pages.yml": "pages: {type: JSONDataset}\n",
        "conf/local/parameters.yml": "a: {x: 2}\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    with as_everybody_reads(tmp_path):
        configuration = Configuration.read(tmp_path, "hub")
    assert Configuration.read(tmp_path, "hub").parameters == {
        **configuration.parameters,
        "conf/local/parameters.yml": {"a": {"x": 2}},
    }
    assert configuration.parameters == {
        "conf/base/parameters.yml": {"a": {"x": 1}, "b": {"x": 1}},
        "conf/base/training/parameters_sft.yml": {"sft": {}},
        "conf/hub/parameters_sft.yaml": {"sft": {"steps": 1}},
    }
    assert configuration.catalog == {"conf/hub/catalog/pages.yml": {"pages": {"type": "JSONDataset"}}}
    assert configuration.globals == {"conf/base/globals.yml": {}}


def test_a_file_without_a_mapping_is_refused(tmp_path):
    (tmp_path / "conf/base").mkdir(parents=True)
    (tmp_path / "conf/base/parameters.yml").write_text("- a\n- b\n")
    with pytest.raises(ConfigError, match=r"parameters\.yml holds no mapping"):
        Configuration.read(tmp_path, "base")
