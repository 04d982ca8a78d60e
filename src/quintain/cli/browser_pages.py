"""Pages that a browser opens: a server of another tool, started under a guard and ended with everything it started."""

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from quintain.errors import ConfigError, RunError
from quintain.models import server_guard

LOGS = Path("scratch/ui")
_GRACE_SECONDS = 3.0
_REPLY_SECONDS = 5.0
_LOG_LINES = 15
_LOG_BYTES = 20_000
_LOCAL = "127.0.0.1,localhost"


@dataclass
class BrowserPage:
    """A server and where it answers."""

    name: str
    """The tool."""
    shows: str
    """What a user finds there."""
    root: Path
    """Folder of the project, in which it runs."""
    command: list[str]
    host: str
    port: int
    option: str
    """Option of the command line that sets the port."""
    ready_path: str
    """Path that answers 200 as soon as the page can be opened."""
    environment: dict[str, str] = field(default_factory=dict)
    """Variables beside those of this process."""
    opens: str = ""
    """What a user opens first, after the address."""
    _guard: "subprocess.Popen[bytes] | None" = None

    @property
    def address(self) -> str:
        """The address for a browser."""
        return f"http://{self.host}:{self.port}"

    @property
    def log(self) -> Path:
        """File that gets what the server writes."""
        return self.root / LOGS / f"{self.name.lower()}.log"

    def require_port(self) -> None:
        """Make sure that nobody else listens there.

        Raises:
            ConfigError: Somebody does, or the host is none of this machine.
        """
        with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET) as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                taken.bind((self.host, self.port))
            except OSError as error:
                raise ConfigError(
                    f"{self.name} cannot listen on {self.host}:{self.port}: {error.strerror or error}; name another "
                    f"port with {self.option}"
                ) from None

    @contextmanager
    def started(self) -> Iterator[None]:
        """Run the server as long as the context lasts, or this process, however that ends."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        guarded = [sys.executable, "-I", server_guard.__file__, str(os.getpid()), str(_GRACE_SECONDS), *self.command]
        with self.log.open("wb") as log:
            self._guard = subprocess.Popen(  # noqa: S603 - fixed programs, no shell
                guarded,
                cwd=self.root,
                env=os.environ | _past_proxies() | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches this process alone, which ends the server in order
            )
        try:
            yield
        finally:
            self._guard.terminate()
            self._guard.wait()

    def answers(self) -> bool:
        """True once the page can be opened; asked without any proxy."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=_REPLY_SECONDS)
        try:
            connection.request("GET", self.ready_path)
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def require_alive(self) -> None:
        """Make sure that the server still runs.

        Raises:
            RunError: It ended by itself; the message holds the end of its log.
        """
        if self._guard is not None and (status := self._guard.poll()) is not None:
            text = self.log.read_bytes()[-_LOG_BYTES:].decode("utf-8", "replace").strip()
            last = text.split("\n")[-_LOG_LINES:]
            lines = "\n".join(f"  | {line}" for line in last) if text else "  (it wrote nothing)"
            raise RunError(f"{self.name} ended by itself with exit status {status}; its log is {self.log}\n{lines}")


def _past_proxies() -> dict[str, str]:
    """No proxy to this machine: Kedro-Viz asks its own server whether it is up."""
    return {name: ",".join(filter(None, (os.environ.get(name, ""), _LOCAL))) for name in ("no_proxy", "NO_PROXY")}


def mlflow(root: Path, uri: str, host: str, port: int) -> BrowserPage:
    """MLflow on the project's registry.

    Args:
        root: Folder of the project.
        uri: Address of the registry; no server's.
        host: Address to listen on.
        port: Port to listen on.

    Returns:
        The page, not yet started.
    """
    return BrowserPage(
        "MLflow",
        "students, scorecards, runs",
        root,
        [
            sys.executable, "-m", "mlflow", "ui", "--host", host, "--port", str(port), "--workers", "1",
        ],
        host,
        port,
        "--mlflow-port",
        "/health",
        # A command is read by everybody on the machine, and an address may hold a password. MLflow's jobs serve
        # features that need a model provider.
        {"MLFLOW_BACKEND_STORE_URI": uri, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
    )  # fmt: skip


def open_on_runs(page: BrowserPage, uri: str, experiment: str) -> None:
    """Let MLflow's page open on the runs of the project, and make the registry where there is none yet.

    Args:
        page: MLflow's, not yet started: two that make the tables of a registry at once ruin it.
        uri: Address of the registry.
        experiment: Name of the experiment that runs are logged to.
    """
    from quintain.registry.store import experiment_id, open_store

    page.opens = f"/#/experiments/{experiment_id(open_store(uri), experiment, uri)}/runs"


def kedro_viz(root: Path, host: str, port: int, environment: str | None) -> BrowserPage:
    """Kedro-Viz on the project's pipelines.

    Args:
        root: Folder of the project.
        host: Address to listen on.
        port: Port to listen on.
        environment: Environment to show; None for the one of a plain `kedro run`.

    Returns:
        The page, not yet started.
    """
    chosen = ["--env", environment] if environment else []
    return BrowserPage(
        "Kedro-Viz",
        "family tree, pipelines and data",
        root,
        [
            sys.executable, "-m", "kedro", "viz", "run", "--no-browser", "--include-hooks",
            "--host", host, "--port", str(port), *chosen,
        ],
        host,
        port,
        "--viz-port",
        "/",
    )  # fmt: skip
