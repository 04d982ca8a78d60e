"""Nodes that leave a trace of when and where they ran."""

import os
import signal
import subprocess
import time
from pathlib import Path

from quintain.errors import RecordError

PATIENCE_SECONDS = 60


def meet(folder: str, me: str, other: str) -> int:
    """Return this process's id once the other node has begun; sequentially it would wait in vain."""
    (Path(folder) / me).write_text(str(os.getpid()))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (Path(folder) / other).exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{other} did not begin beside {me}")
        time.sleep(0.01)
    return os.getpid()


def meet_left(folder: str) -> int:
    return meet(folder, "left", "right")


def meet_right(folder: str) -> int:
    return meet(folder, "right", "left")


def pair(left: int, right: int) -> tuple[int, int, int]:
    return left, right, os.getpid()


def sleep_with_a_child(folder: str) -> None:
    """Sleep for long, beside a program that does so, too."""
    child = subprocess.Popen(["sleep", "300"])
    (Path(folder) / "sleeping.tmp").write_text(f"{os.getpid()} {child.pid}")
    (Path(folder) / "sleeping.tmp").rename(Path(folder) / "sleeping")
    time.sleep(300)


def await_sleeper(folder: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (Path(folder) / "sleeping").exists() and time.monotonic() < deadline:
        time.sleep(0.01)


def refuse(folder: str) -> None:
    await_sleeper(folder)
    raise RecordError("row 7 of pages.jsonl has no text")


class TwoPartError(Exception):
    """Cannot be unpickled: its constructor wants two arguments and keeps one."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__(f"{what} in {where}")


def refuse_oddly(folder: str) -> None:
    raise TwoPartError("a hole", folder)


def die(folder: str) -> None:
    await_sleeper(folder)
    os.kill(os.getpid(), signal.SIGKILL)


def make_function(folder: str) -> object:
    return lambda: folder


def use(function: object) -> None:
    pass


def where(folder: str) -> int:
    return os.getpid()


def left_alone(folder: str) -> int:
    return os.getpid()
