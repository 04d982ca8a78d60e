"""Processes that find MLflow imported: each is forked from one that did so once, and has files for its output."""

import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["mlflow.pyfunc", "mlflow.store.tracking.sqlalchemy_store", "quintain.registry.promotion"])


class WarmProcess:
    """A function at work in a process of its own, like `subprocess.Popen`.

    Args:
        folder: Where it works and keeps its output.
        function: A module's function, of text alone; what it returns is printed.
        arguments: Its arguments.
        before: A module's function that is called first.
    """

    _started = 0

    def __init__(
        self, folder: Path, function: Callable[..., str], *arguments: str, before: Callable[[], None] | None = None
    ) -> None:
        WarmProcess._started += 1
        self._outputs = [folder / f"{WarmProcess._started}.{name}" for name in ("out", "err")]
        self._process = FORKS.Process(target=_work, args=(folder, self._outputs, before, function, arguments))
        self._process.start()

    @property
    def returncode(self) -> int | None:
        """Exit status; negative after a signal, None while it works."""
        return self._process.exitcode

    def communicate(self, timeout: float) -> tuple[str, str]:
        """Wait for its end, and read what it printed."""
        self._process.join(timeout)
        return self._outputs[0].read_text(), self._outputs[1].read_text()


def _work(
    folder: Path,
    outputs: list[Path],
    before: Callable[[], None] | None,
    function: Callable[..., str],
    arguments: tuple[str, ...],
) -> None:
    os.chdir(folder)
    for stream, file in enumerate(outputs, start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), stream)
    if before:
        before()
    print(function(*arguments), flush=True)  # noqa: T201 - what the test reads
