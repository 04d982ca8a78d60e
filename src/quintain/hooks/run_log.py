"""A log file per run, below `logs/`; Ctrl-C says how to go on."""

import logging
import os
import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from kedro.framework.hooks import hook_impl

logger = logging.getLogger(__name__)

FOLDER = Path("logs")
_FORMAT = logging.Formatter("%(asctime)s  %(message)s", datefmt="%H:%M:%S")

_current: list[Path] = []
"""File of the run that this process makes or made last, for those who show an error; empty before the first run."""


def current_log() -> str:
    """Path of this process's run log from where the process stands; empty where there is none."""
    return _shown(_current[-1]) if _current and _current[-1].is_file() else ""


class RunLogHook:
    """Writes what a run says on the console to a file too, names it at the end, and tells at Ctrl-C how to go on.

    Workers, forked from this process, append their lines to the same file. Where it cannot be written the run goes on
    without it, and says so.
    """

    def __init__(self) -> None:
        self._root = Path()
        self._handler: logging.FileHandler | None = None
        self._former: Any = None

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        """Keep the project's folder."""
        self._root = Path(context.project_path)

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self) -> None:
        """Open the file, before anything of the run is said."""
        self._close()
        _current.clear()
        path = self._root / FOLDER / f"{time.strftime('%Y-%m-%d_%H-%M-%S')}_{os.getpid()}.log"
        try:
            path.parent.mkdir(exist_ok=True)
            self._handler = logging.FileHandler(path, encoding="utf-8")
        except OSError as error:
            logger.warning("no log file for this run: %s", error)
        else:
            self._handler.setFormatter(_FORMAT)
            logging.getLogger().addHandler(self._handler)
            _current.append(path)
        if threading.current_thread() is threading.main_thread() and callable(
            former := signal.getsignal(signal.SIGINT)
        ):
            self._former = former
            signal.signal(signal.SIGINT, _telling(former, os.getpid()))

    @hook_impl(trylast=True)
    def after_pipeline_run(self) -> None:
        """Name the file, and close it."""
        if self._handler is not None:
            logger.info("Log of this run: %s", current_log())
        self._close()

    @hook_impl(trylast=True)
    def on_pipeline_error(self, error: Exception) -> None:
        """Keep the error with its traceback in the file; whoever shows it names the file."""
        if self._handler is not None:
            record = logging.LogRecord(
                __name__, logging.ERROR, __file__, 0, "the run ended with an error", None,
                (type(error), error, error.__traceback__),
            )  # fmt: skip
            self._handler.handle(record)
        self._close()

    def _close(self) -> None:
        if self._handler is not None:
            logging.getLogger().removeHandler(self._handler)
            self._handler.close()
            self._handler = None
        if self._former is not None:
            if threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGINT, self._former)
            self._former = None


def how_to_go_on(command: Sequence[str]) -> str:
    """Sentence about a run that was interrupted.

    Args:
        command: The program and its arguments.

    Returns:
        The command that goes on, where it is one of Kedro's.
    """
    option = "--only-missing-outputs"
    if Path(command[0]).name != "kedro" or command[1:2] != ["run"]:
        return "Interrupted; what nodes have saved is kept"
    again = shlex.join(["kedro", *command[1:], *([] if option in command else [option])])
    return f"Interrupted. `{again}` goes on from what is kept"


def _telling(former: Callable[..., Any], run: int) -> Callable[[int, FrameType | None], None]:
    """A handler of Ctrl-C that says how to go on, and then does what the former one does."""

    def interrupted(number: int, frame: FrameType | None) -> None:
        if os.getpid() == run:  # what was forked from it has nothing to tell
            logger.warning("%s", how_to_go_on(sys.argv))
            if log := current_log():
                logger.warning("Log of this run: %s", log)
        former(number, frame)

    return interrupted


def _shown(path: Path) -> str:
    return os.path.relpath(path)
