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


def test_outside_a_project_no_file_is_left_behind(tmp_path):
    process = run("ConfigError('no role is bound')", tmp_path)
    assert process.stderr.strip() == "ConfigError: no role is bound"
    assert list(tmp_path.iterdir()) == []


def test_a_programming_error_keeps_its_traceback(tmp_path):
    process = run("KeyError('x')", tmp_path)
    assert "Traceback" in process.stderr


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
