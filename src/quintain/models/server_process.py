"""A server that runs for as long as somebody asks it: started, waited for, shared, ended."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from quintain.errors import ConfigError, ModelError
from quintain.models import server_guard

LOGS = Path("scratch/servers")
_GRACE_SECONDS = 10.0
_POLL_SECONDS = 0.2
_REPLY_SECONDS = 5.0
_REPLY_BYTES = 1_000_000
_LOG_LINES = 20
_LOG_BYTES = 20_000


class ServerProcess:
    """A command that serves a model, under a guard that ends it with this process.

    Args:
        command: Program and arguments, in which `{port}` stands for the port.
        name: Name of the model's folder, for the log.

    Raises:
        ConfigError: There is no such program.
    """

    def __init__(self, command: Sequence[str], name: str) -> None:
        if shutil.which(command[0]) is None:
            raise ConfigError(
                f"roles.bindings.student.command: there is no program {command[0]!r}; name it with its path, such as "
                "/home/me/vllm/bin/vllm"
            )
        self.port = _free_port()
        self._command = [part.replace("{port}", str(self.port)) for part in command]
        self._owner = os.getpid()
        LOGS.mkdir(parents=True, exist_ok=True)
        self.log = LOGS / f"{name}-{Path(command[0]).name}-{self._owner}-{self.port}.log"
        with self.log.open("wb") as log:
            self._guard = subprocess.Popen(  # noqa: S603 - the command is the user's own
                [
                    sys.executable, "-I", server_guard.__file__, str(self._owner), str(_GRACE_SECONDS), *self._command,
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    @property
    def address(self) -> str:
        """Address of its API."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def ended(self) -> bool:
        """True when the command is over."""
        return self._guard.poll() is not None

    def wait_until_ready(self, seconds: float) -> list[str]:
        """Ask for its health and its models until it says both.

        Args:
            seconds: Longest wait.

        Returns:
            Names of the models that it serves.

        Raises:
            ModelError: It ended, or did not become ready in time; the message shows the end of its log.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.ended:
                raise self.failure()
            if (names := self._models()) is not None:
                return names
            time.sleep(_POLL_SECONDS)
        self.close()
        raise ModelError(
            f"the server was not ready within {seconds:g} s (roles.bindings.student.ready_seconds): "
            f"{self._shown}\n{self._last_lines()}"
        )

    def failure(self) -> ModelError:
        """The error for a server that ended by itself."""
        return ModelError(
            f"the server ended with exit status {self._guard.wait()}: {self._shown}\n{self._last_lines()}"
        )

    def close(self) -> None:
        """End the command and all that it started; a process that was forked from this one leaves it running."""
        if os.getpid() != self._owner:
            return
        if not self.ended:
            self._guard.terminate()
            try:
                self._guard.wait(_GRACE_SECONDS + _REPLY_SECONDS)
            except subprocess.TimeoutExpired:
                self._guard.kill()
        self._guard.wait()

    def _models(self) -> list[str] | None:
        """Names of the models it lists; None while it is not ready."""
        health, _ = self._get("/health")
        if health is None or health >= http.client.INTERNAL_SERVER_ERROR:
            return None
        status, body = self._get("/v1/models")
        if status != http.client.OK:
            return None
        try:
            return [str(card["id"]) for card in json.loads(body)["data"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            return None

    def _get(self, path: str) -> tuple[int | None, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_REPLY_SECONDS)
        try:
            connection.request("GET", path)
            reply = connection.getresponse()
            return reply.status, reply.read(_REPLY_BYTES)
        except (OSError, http.client.HTTPException):
            return None, b""
        finally:
            connection.close()

    @property
    def _shown(self) -> str:
        return f"`{' '.join(self._command)}`; its log is {self.log}"

    def _last_lines(self) -> str:
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - _LOG_BYTES))
            text = log.read(_LOG_BYTES).decode("utf-8", "replace")
        return "\n".join(f"  | {line}" for line in text.splitlines()[-_LOG_LINES:]) or "  (it wrote nothing)"


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@dataclass
class _Shared:
    """A server and how many models ask it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0
    process: ServerProcess | None = None
    models: list[str] = field(default_factory=list)


_shared: dict[tuple[str, ...], _Shared] = {}
_shared_lock = threading.Lock()


def open_shared(command: Sequence[str], name: str, ready_seconds: float) -> tuple[ServerProcess, list[str]]:
    """Start a server, or take the one that runs with the same command already.

    Args:
        command: Program and arguments, in which `{port}` stands for the port.
        name: Name of the model's folder.
        ready_seconds: Longest wait for it.

    Returns:
        The server, ready, and the names of its models; `close_shared` gives it back.

    Raises:
        ConfigError: There is no such program.
        ModelError: It did not become ready.
    """
    key = tuple(command)
    with _shared_lock:
        shared = _shared.setdefault(key, _Shared())
        shared.users += 1
    try:
        with shared.lock:
            if shared.process is None:
                process = ServerProcess(command, name)
                try:
                    shared.models = process.wait_until_ready(ready_seconds)
                except BaseException:  # Ctrl-C, too
                    process.close()
                    raise
                shared.process = process
            return shared.process, shared.models
    except BaseException:
        close_shared(command)
        raise


def close_shared(command: Sequence[str]) -> None:
    """Give a server back; with its last user it ends."""
    key = tuple(command)
    with _shared_lock:
        shared = _shared[key]
        shared.users -= 1
        last = not shared.users
        if last:
            del _shared[key]
    if last and shared.process is not None:
        shared.process.close()
