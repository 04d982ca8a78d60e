"""Guard of a server: a process that starts a command and ends it with everything that it started.

Run as a script with the id of the process that it serves, the seconds of grace, and the command. It ends the command
when it gets SIGTERM, or when the process that it serves is gone, however that ended. It exits as the command did.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time

_LOOK_SECONDS = 0.1
_PR_SET_PDEATHSIG = 1
_COMMAND_NOT_FOUND = 127


def guard(served: int, grace_seconds: float, command: list[str]) -> int:
    """Run a command until it ends, SIGTERM comes, or the served process is gone.

    Args:
        served: Id of the process that started the guard.
        grace_seconds: Time between SIGTERM and SIGKILL.
        command: What to run, in a process group of its own.

    Returns:
        Exit status of the command, 128 + signal where one ended it.
    """
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    try:
        child = subprocess.Popen(  # noqa: S603 - the command is the user's own
            command, start_new_session=True, preexec_fn=_die_with_guard if sys.platform == "linux" else None
        )
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error}\n")
        return _COMMAND_NOT_FOUND
    while child.poll() is None and not told and os.getppid() == served:
        time.sleep(_LOOK_SECONDS)
    _end(child, grace_seconds)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _end(child: "subprocess.Popen[bytes]", grace_seconds: float) -> None:
    _signal_group(child, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(grace_seconds)
    _signal_group(child, signal.SIGKILL)  # workers that outlive their leader, too
    child.wait()


def _signal_group(child: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # the whole group is gone
        os.killpg(child.pid, number)


def _die_with_guard() -> None:
    """Let Linux kill the command when the guard itself is killed; the guard has one thread, so it is no other's end."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(guard(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]))
