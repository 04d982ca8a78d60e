"""The commands of docs/start.md, run once as a newcomer would, behind a proxy that only listens."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.shared_artefacts import made_once

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Walk:
    """What the walk through the start page left behind."""

    project: Path
    output: str
    exit_code: int
    requests: list[str]


class ListeningProxy:
    """Accepts every connection, notes its first line, answers nothing."""

    def __init__(self):
        self.requests: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            connection.settimeout(1)
            with connection:
                try:
                    self.requests.append(connection.recv(200).decode("latin-1").split("\r\n")[0])
                except OSError:
                    self.requests.append("(no data)")

    def close(self):
        self._socket.close()


def start_page_commands() -> str:
    text = (ROOT / "docs/start.md").read_text(encoding="utf-8")
    return "\n".join(re.findall(r"```bash\n(.*?)```", text, flags=re.DOTALL))


def newcomer_environment(proxy: str) -> dict[str, str]:
    """No variable that would switch telemetry off for us or names another registry; every request goes to the proxy."""
    leave_out = {"CI", "PYTEST_CURRENT_TEST", "DO_NOT_TRACK", "HF_HUB_OFFLINE", "QUINTAIN_RUN_ID"}
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in leave_out and not name.startswith("MLFLOW_")  # MLflow exports what an earlier test set
    }
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        environment[name] = environment[name.upper()] = proxy
    environment["no_proxy"] = environment["NO_PROXY"] = ""
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    return environment


@pytest.fixture(scope="session")
def newcomer_env() -> dict[str, str]:
    """Environment of a shell that has quintain on its path and no way out."""
    return newcomer_environment("http://127.0.0.1:9")


@pytest.fixture(scope="session")
def walk(tmp_path_factory) -> Walk:
    """One walk for all files that look at what it made; nobody changes its project."""

    def make(folder: Path) -> None:
        folder.mkdir()
        proxy = ListeningProxy()
        process = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", start_page_commands()],
            cwd=folder,
            # The bytes of a trained model depend on the number of threads.
            env=newcomer_environment(proxy.address) | {"OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=900,
            check=False,
        )
        proxy.close()
        seen = {"output": process.stdout, "exit_code": process.returncode, "requests": proxy.requests}
        (folder / "seen.json").write_text(json.dumps(seen))

    folder = made_once(tmp_path_factory, "newcomer", make)
    return Walk(project=folder / "almanac-project", **json.loads((folder / "seen.json").read_text()))
