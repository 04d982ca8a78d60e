"""docs/configuration.md says what the pipelines, the dataclasses and conf/base say."""

import dataclasses
import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "docs" / "generate_configuration.py"


@pytest.fixture(scope="module")
def generator():
    spec = importlib.util.spec_from_file_location("generate_configuration", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_the_page_is_in_step(generator):
    assert generator.PAGE.read_text(encoding="utf-8") == generator.page(), (
        "docs/configuration.md is out of step; run `python docs/generate_configuration.py` and commit it"
    )


def test_every_group_that_a_node_reads_stands_in_a_file(generator):
    contents = generator.files().values()
    missing = [
        group
        for group in generator.parameter_types()
        if all(generator.value_of(content, group) is None for content in contents)
    ]
    assert not missing


def test_a_field_is_shown_with_its_unit_its_value_in_conf_and_its_meaning(generator):
    @dataclasses.dataclass
    class Base:
        warmup_ratio: float = 0.1
        """Share of the steps."""

    assert generator.unit_of("stall_seconds", "", 900) == "seconds"
    assert generator.unit_of("max_length", "Longest row, in tokens.", 256) == "tokens"
    assert generator.unit_of("mode", "in words", "paper") == ""
    assert list(generator.rows(Base, {"warmup_ratio": 0.2})) == [
        "| `warmup_ratio` | a number | 0 to 1 | `0.2` | Share of the steps. |"
    ]
