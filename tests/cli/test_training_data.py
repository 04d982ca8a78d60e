"""A row is looked for in the files of the environment that was asked for."""

import pytest

from quintain.cli.new import lay_out
from quintain.cli.training_data import record_files


@pytest.mark.parametrize(("environment", "home"), [("", "data"), ("smoke", "data/smoke")])
def test_files_of_records_are_those_of_the_environment_asked_for(tmp_path, monkeypatch, environment, home):
    root = tmp_path / "project"
    lay_out(root)
    monkeypatch.setenv("KEDRO_ENV", environment)
    files, learnt = record_files(root)
    assert f"{home}/03_primary/instruction_pairs.jsonl" in files
    assert learnt["webr"] <= files
