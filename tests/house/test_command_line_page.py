"""docs/command_line.md says what the parsers of `quintain` say."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "docs" / "generate_command_line.py"


@pytest.fixture(scope="module")
def generator():
    spec = importlib.util.spec_from_file_location("generate_command_line", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_in_step(generator):
    assert generator.PAGE.read_text(encoding="utf-8") == generator.page(), (
        "docs/command_line.md is out of step; run `python docs/generate_command_line.py` and commit it"
    )


def test_every_command_and_subcommand_has_a_heading_of_its_own(generator):
    headings = [line for line in generator.page().splitlines() if line.startswith("##")]
    assert "## quintain ui" in headings
    assert "### quintain edit revoke" in headings
    assert len(headings) == len(set(headings))


def test_what_markdown_would_take_for_its_own_stays_itself(generator):
    assert generator.meaning("a|b of <FOLDER>, `x_*`, *") == "a\\|b of &lt;FOLDER>, `x_*`, \\*"
