"""A real `mlflow server` on a free port, its files in a folder."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def mlflow_server(folder: Path, database: str = "") -> Iterator[str]:
    """Its address while it runs; SQLite in the folder where no database is named."""
    folder.mkdir(parents=True, exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [
        sys.executable, "-m", "mlflow", "server", "--workers", "1", "--host", "127.0.0.1", "--port", str(port),
        "--backend-store-uri", database or f"sqlite:///{folder / 'server.db'}",
        "--artifacts-destination", str(folder / "files"),
    ]  # fmt: skip
    environment = os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        while process.poll() is None:
            try:
                urllib.request.urlopen(f"{address}/health", timeout=5).close()  # noqa: S310 - our own server
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        assert process.poll() is None, (folder / "log").read_text()[-2000:]
        yield address
    finally:
        os.killpg(process.pid, 15)
        process.wait(timeout=500)
