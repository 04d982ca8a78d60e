"""Suites of pairs refuse what no row may hold, and nothing that a right response may be."""

from pathlib import Path

import pytest
import yaml

from quintain.quality.check import check
from quintain.records import InstructionPair, Origin

SUITES = Path(__file__).parents[2] / "conf/base/expectations"
PARENTS = ("0123456789abcdef", "fedcba9876543210")


def failed(name, kind, response):
    """Columns whose expectations a pair with this response fails."""
    origin = Origin(parents=PARENTS, prompt="p", model="m", seed=0)
    pair = InstructionPair(instruction="Info or error?", response=response, kind=kind, request="r", origin=origin)
    report = check(name, [pair], yaml.safe_load((SUITES / f"{name}.yml").read_text()))
    return [each["column"] for each in report["expectations"] if not each["passed"]]


@pytest.mark.parametrize("response", ["error", "error\n", "\n\nIt is an error.", "Mark it with <response>."])
def test_distilled_responses_are_anything_that_says_something(response):
    assert failed("distilled_pairs", "distilled", response) == []


@pytest.mark.parametrize("response", ["", " \n"])
def test_distilled_responses_say_something(response):
    assert failed("distilled_pairs", "distilled", response) == ["response"]


@pytest.mark.parametrize("response", ["<response>\nSure!", "Sure!\n</response>", "One.\n\nTwo.\n<page>"])
def test_marks_of_our_prompts_are_found_on_any_line(response):
    assert failed("instruction_pairs", "web-as-response", response) == ["response"]


def test_a_row_from_the_web_passes():
    assert failed("instruction_pairs", "web-as-response", "error") == []
