"""The log file of a run has what was said; errors name it; Ctrl-C says how to go on."""

import logging
import signal
from types import SimpleNamespace

import pytest

from quintain.errors import ConfigError
from quintain.hooks import brief_errors
from quintain.hooks.run_log import RunLogHook, current_log, how_to_go_on

logger = logging.getLogger("quintain.test")


@pytest.fixture
def hook(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = RunLogHook()
    found.after_context_created(SimpleNamespace(project_path=tmp_path))
    yield found
    found._close()


def test_the_file_has_what_was_said_and_is_named_at_the_end(hook, tmp_path, caplog):
    with caplog.at_level("INFO"):
        hook.before_pipeline_run()
        logger.info("[1/1] make_world started")
        hook.after_pipeline_run()
        logger.info("said after the run")
    (file,) = (tmp_path / "logs").iterdir()
    assert caplog.messages[1] == f"Log of this run: logs/{file.name}"
    assert [line.partition("  ")[2] for line in file.read_text().splitlines()] == caplog.messages[:2]


def test_an_error_is_kept_with_its_traceback_and_shown_with_the_file(hook, tmp_path, capsys):
    hook.before_pipeline_run()
    try:
        raise ConfigError("no role is bound")
    except ConfigError as error:
        hook.on_pipeline_error(error)
        brief_errors.show(error)
    (file,) = (tmp_path / "logs").iterdir()
    assert "Traceback" in file.read_text()
    assert capsys.readouterr().err.splitlines()[-1] == f"(log of the run: logs/{file.name})"


def test_a_folder_that_cannot_be_written_stops_nobody(hook, tmp_path, caplog):
    (tmp_path / "logs").write_text("a file")
    hook.before_pipeline_run()
    hook.after_pipeline_run()
    assert "no log file for this run" in caplog.text
    assert current_log() == ""


def test_ctrl_c_tells_and_ends_as_before(hook, caplog):
    before = signal.getsignal(signal.SIGINT)
    hook.before_pipeline_run()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert caplog.messages[0].startswith("Interrupted")
    assert caplog.messages[1] == f"Log of this run: {current_log()}"
    hook.after_pipeline_run()
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["/x/kedro", "run", "--params", "a=b c"], "`kedro run --params 'a=b c' --only-missing-outputs` goes on"),
        (["kedro", "run", "--only-missing-outputs"], "`kedro run --only-missing-outputs` goes on"),
        (["script.py"], "what nodes have saved is kept"),
    ],
)
def test_the_command_that_goes_on_is_told(command, told):
    assert told in how_to_go_on(command)
