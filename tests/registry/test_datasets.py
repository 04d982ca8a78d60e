"""The policy of a run is the one of its environment."""

from pathlib import Path

import pytest

from quintain.environment import run_by
from quintain.registry.datasets import PolicyDataset

BASE = (Path(__file__).parents[2] / "conf/base/promotion.yml").read_text()


@pytest.fixture
def project(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.kedro]\n")
    for layer in ("base", "hub", "local"):
        (tmp_path / "conf" / layer).mkdir(parents=True)
    (tmp_path / "conf/base/promotion.yml").write_text(BASE)
    (tmp_path / "conf/hub/promotion.yml").write_text("benchmarks: {core: {margin: 0.1}}\n")
    return tmp_path


def benchmarks(project):
    return PolicyDataset(filepath=str(project / "conf/base/promotion.yml")).load()["benchmarks"]


def test_the_policy_is_merged_for_the_environment_of_the_run(project):
    before = benchmarks(project)
    assert "core" not in before
    run_by(project, "hub")
    assert benchmarks(project) == {**before, "core": {"margin": 0.1}}


def test_the_environment_of_a_run_wins_over_the_variable(project, monkeypatch):
    monkeypatch.setenv("KEDRO_ENV", "hub")
    assert "core" in benchmarks(project)
    run_by(project, "base")
    assert "core" not in benchmarks(project)


def test_a_policy_is_never_written(project):
    with pytest.raises(Exception, match="written by hand"):
        PolicyDataset(filepath=str(project / "conf/base/promotion.yml")).save({})
