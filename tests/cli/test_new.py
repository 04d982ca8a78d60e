"""`quintain new` lays out a project that Kedro opens."""

import subprocess
import sys

import pytest

from quintain.cli import new
from quintain.errors import ConfigError


def test_a_new_project_has_configuration_layers_and_no_personal_files(tmp_path):
    new.lay_out(tmp_path / "mine")
    project = tmp_path / "mine"
    assert (project / "conf/base/promotion.yml").is_file()
    assert (project / "conf/base/expectations").is_dir()
    assert sorted(path.name for path in (project / "data").iterdir()) == list(new.LAYERS)
    assert [path.name for path in (project / "conf/local").iterdir()] == [".gitkeep"]


def test_a_folder_with_files_is_refused(tmp_path):
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(ConfigError, match="is not empty"):
        new.lay_out(tmp_path)


def test_kedro_lists_the_pipelines_of_a_new_project(tmp_path):
    subprocess.run([sys.executable, "-m", "quintain", "new", "mine"], cwd=tmp_path, check=True, capture_output=True)
    listed = subprocess.run(
        [sys.executable, "-m", "kedro", "registry", "list"],
        cwd=tmp_path / "mine",
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in ("world", "synthesis", "finetuning", "evaluation", "registration"):
        assert f"- {name}" in listed
