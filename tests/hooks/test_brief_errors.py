"""Expected errors are one screen; the traceback is kept; other errors keep theirs."""

import subprocess
import sys
from types import SimpleNamespace

from quintain.errors import ConfigError
from quintain.hooks import brief_errors

RAISE = """
from quintain.hooks import brief_errors
from quintain.errors import ConfigError
brief_errors.install()
raise {error}
"""


def run(error, folder):
    return subprocess.run(
        [sys.executable, "-c", RAISE.format(error=error)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_expected_error_is_its_message_and_the_traceback_is_in_a_file(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    process = run("ConfigError('no role is bound')", tmp_path)
    assert process.returncode == 1
    assert process.stderr.strip().splitlines() == [
        "ConfigError: no role is bound",
        "(traceback: scratch/last_traceback.txt)",
    ]
    assert "Traceback" in (tmp_path / "scratch/last_traceback.txt").read_text()


def test_the_hook_is_put_back_where_another_took_its_place(monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    brief_errors.install()
    ours = sys.excepthook
    brief_errors.install()
    assert sys.excepthook is ours is not sys.__excepthook__
    sys.excepthook = print  # as Kedro's logging does below a project's folder
    brief_errors.install()
    assert sys.excepthook.__module__ == brief_errors.__name__


def test_outside_a_project_no_file_is_left_behind(tmp_path):
    process = run("ConfigError('no role is bound')", tmp_path)
    assert process.stderr.strip() == "ConfigError: no role is bound"
    assert list(tmp_path.iterdir()) == []


def test_a_programming_error_keeps_its_traceback(tmp_path):
    process = run("KeyError('x')", tmp_path)
    assert "Traceback" in process.stderr


def test_what_a_disk_refuses_is_one_line_with_its_path_and_a_missing_file_of_ours_is_none(tmp_path):
    process = run("OSError(30, 'Read-only file system', 'scratch/ui')", tmp_path)
    assert process.stderr.strip() == (
        "OSError: scratch/ui: Read-only file system; fix the permissions of its folder, free some space, or work in "
        "another folder"
    )
    assert "Traceback" in run("OSError(2, 'No such file or directory', 'x')", tmp_path).stderr


def test_a_project_that_takes_no_file_hears_the_error_alone(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "scratch").touch()  # where a folder should be made
    assert run("ConfigError('no role is bound')", tmp_path).stderr.strip() == "ConfigError: no role is bound"


def test_an_unknown_namespace_is_told_the_nearest_ones(monkeypatch, capsys, tmp_path):
    from kedro.framework import project

    monkeypatch.chdir(tmp_path)
    nodes = [SimpleNamespace(namespace=name) for name in ("webr.almanac", "lion.almanac", "register_webr", None)]
    monkeypatch.setattr(project, "pipelines", {"__default__": SimpleNamespace(nodes=nodes)})
    brief_errors.show(ValueError("Pipeline does not contain nodes with the following namespaces: ['weber', 'zz']"))
    told = capsys.readouterr().err.strip().splitlines()
    assert told[1] == "there is no 'weber'; did you mean webr?"
    assert told[2].startswith("there is no 'zz'; there are lion, lion.almanac, register_webr, webr")


def test_kedros_own_errors_are_expected():
    kind = type("DatasetError", (Exception,), {})
    assert brief_errors.is_expected(kind("x"))
    assert brief_errors.is_expected(ConfigError("x"))
    assert not brief_errors.is_expected(ValueError("x"))
