"""Benchmarks by name: of the project around, or of this package."""

import pytest

from quintain.cli.named_benchmark import named_benchmark, named_constraints
from quintain.errors import ConfigError

PROMPT = '{"key": 1, "prompt": "No commas.", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}\n'


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text("[tool.kedro]\n")
    base = tmp_path / "conf/base"
    base.mkdir(parents=True)
    (base / "globals.yml").write_text("benchmarks: {mine: prompts/mine.jsonl}\npack: 1\n")
    (base / "catalog_evaluation.yml").write_text(
        "mine.items@benchmark:\n  type: quintain.datasets.BenchmarkDataset\n  name: mine\n  benchmark: ifbench\n"
        "  source: ${globals:benchmarks.mine}\n  metadata: {kedro-viz: {layer: primary}}\n"
        "small.items@benchmark:\n  type: quintain.datasets.BenchmarkDataset\n  name: small\n  benchmark: exact\n"
        "  size: ${globals:pack}\n  seed: 3\n"
    )
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts/mine.jsonl").write_text(PROMPT)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    return tmp_path


def test_the_catalog_of_the_project_around_names_benchmarks(project):
    assert named_benchmark("mine", None, {}).items[0].key == 1
    assert (named_benchmark("small", None, {}).name, len(named_benchmark("small", None, {}).items)) == ("small", 30)


def test_items_of_constraints_are_those_of_the_catalog_and_none_where_there_are_none(project):
    assert named_constraints("small") == list(named_benchmark("small", None, {}).items)
    assert named_constraints("mine") == []  # prompts of another kind
    assert named_constraints("nobody") == []


def test_a_source_that_is_typed_wins(project):
    (project / "other.jsonl").write_text(PROMPT.replace("1,", "2,"))
    assert named_benchmark("mine", str(project / "other.jsonl"), {}).items[0].key == 2


def test_outside_of_a_project_names_mean_what_the_package_means(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert named_benchmark("starter", None, {}).digest != named_benchmark("core", None, {}).digest
    with pytest.raises(ConfigError, match="no package offers a benchmark 'mine'"):
        named_benchmark("mine", None, {})
