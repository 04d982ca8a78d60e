"""A page's server runs as long as it is wanted, and no longer."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from quintain.cli.browser_pages import BrowserPage, kedro_viz, mlflow, open_on_runs
from quintain.errors import ConfigError, RunError
from quintain.registry.store import open_store

# A server with a child that outlives it unless the whole group is ended.
PARENT = """
import http.server, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("child", child.pid, flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def page(root, *command, port=None, ready_path="/"):
    port = port or free_port()
    words = [sys.executable, "-c", *command, str(port)]
    return BrowserPage("Pages", "what there is", root, words, "127.0.0.1", port, "--pages-port", ready_path)


def until(condition):
    while not condition():  # pytest's own limit of time ends it
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


def test_a_server_answers_past_proxies_and_is_ended_with_its_children(tmp_path, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    shown = page(tmp_path, PARENT)
    with shown.started():
        until(shown.answers)
        shown.require_alive()
        child = int(shown.log.read_text().split()[1])
        assert is_alive(child)
    until(lambda: not is_alive(child))
    assert not shown.answers()


def test_a_server_ends_with_the_process_that_wanted_it_even_when_that_is_killed(tmp_path):
    wanted = page(tmp_path, PARENT)
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from quintain.cli.browser_pages import BrowserPage\n"
        f"words, folder = {wanted.command!r}, Path({str(tmp_path)!r})\n"
        f"with BrowserPage('Pages', '', folder, words, '127.0.0.1', {wanted.port}, '', '/').started():\n"
        "    time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script])
    until(wanted.answers)
    child = int(wanted.log.read_text().split()[1])
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: not wanted.answers() and not is_alive(child))


def test_a_server_that_ends_by_itself_is_told_with_the_end_of_its_log(tmp_path):
    broken = page(tmp_path, "import sys; print('no such store'); sys.exit(3)")
    with broken.started():
        until(lambda: broken._guard.poll() is not None)
        with pytest.raises(
            RunError, match=r"Pages ended by itself with exit status 3; its log is .*\n  \| no such store"
        ):
            broken.require_alive()


def test_a_port_that_is_taken_is_refused_before_anything_starts(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"127\.0\.0\.1:{port}: Address already in use.*--pages-port"):
            page(tmp_path, PARENT, port=port).require_port()
    page(tmp_path, PARENT, port=port).require_port()


def test_the_registry_of_the_project_is_shown_and_one_environment_of_its_pipelines(tmp_path):
    (tmp_path / "mlflow.db").touch()
    registry = mlflow(tmp_path, f"sqlite:///{tmp_path}/mlflow.db", "127.0.0.1", 5000)
    assert registry.environment["MLFLOW_BACKEND_STORE_URI"] == f"sqlite:///{tmp_path}/mlflow.db"
    assert registry.address == "http://127.0.0.1:5000"
    assert kedro_viz(tmp_path, "127.0.0.1", 4141, "hub").command[-2:] == ["--env", "hub"]
    assert "--env" not in kedro_viz(tmp_path, "127.0.0.1", 4141, None).command


def test_mlflow_opens_on_the_runs_of_the_project(tmp_path, mlflow_tables):
    shutil.copy(mlflow_tables, tmp_path / "mlflow.db")
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    registry = mlflow(tmp_path, uri, "127.0.0.1", 5000)
    open_on_runs(registry, uri, "quintain")
    (made,) = [one for one in open_store(uri).search_experiments() if one.name == "quintain"]
    assert registry.opens == f"/#/experiments/{made.experiment_id}/runs"


def test_a_password_of_the_registry_stands_in_no_command(tmp_path):
    registry = mlflow(tmp_path, "postgresql://me:secret@db/mlflow", "127.0.0.1", 5000)
    assert not any("secret" in word for word in registry.command)


def test_this_machine_is_never_asked_through_a_proxy(monkeypatch):
    from quintain.cli.browser_pages import _past_proxies

    monkeypatch.setenv("no_proxy", "example.org")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert _past_proxies() == {"no_proxy": "example.org,127.0.0.1,localhost", "NO_PROXY": "127.0.0.1,localhost"}
    assert os.environ["no_proxy"] == "example.org"
