"""Nothing is asked of any host: by `quintain ui`, and by Kedro and MLflow as anybody starts them.

Commands run behind a proxy that only listens, in an environment without a single switch of ours. `test_start_page.py`
holds the same for the commands of docs/start.md, `test_browsing.py` for the pages while a browser is on them.
"""

import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

from quintain import offline
from quintain.cli.new import lay_out
from tests.house.conftest import ListeningProxy, newcomer_environment

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]
HOSTS_OF_CI = ("GITHUB_ACTIONS", "GITLAB_CI")  # MLflow and Kedro are silent there by themselves


@pytest.fixture
def proxy():
    proxy = ListeningProxy()
    yield proxy
    proxy.close()


@pytest.fixture
def environment(proxy):
    """A newcomer's, with no proxy to this machine: a page that asks its own server is no call home."""
    bare = newcomer_environment(proxy.address) | dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost")
    return {name: value for name, value in bare.items() if name not in offline.TELEMETRY and name not in HOSTS_OF_CI}


def test_the_proxy_of_these_tests_hears_what_is_asked(proxy, environment):
    script = "import urllib.request as u; u.urlopen('http://example.org/', timeout=5)"
    subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=False)
    assert proxy.requests == ["GET http://example.org/ HTTP/1.1"]


def test_kedro_asks_nothing_outside_of_a_project(tmp_path, proxy, environment):
    done = subprocess.run(
        [BIN / "kedro", "--version"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert "version" in done.stdout
    assert "usage data" not in done.stdout + done.stderr
    assert proxy.requests == []


def test_mlflow_in_python_asks_nothing(tmp_path, proxy, environment):
    script = (
        "import mlflow\n"
        "from mlflow.telemetry import get_telemetry_client\n"
        "mlflow.set_tracking_uri('sqlite:///a.db')\n"
        "print(get_telemetry_client())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "None"
    assert proxy.requests == []


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def test_both_pages_open_ask_nothing_and_end_with_ctrl_c(tmp_path, proxy, environment, mlflow_tables):
    """`kedro viz run` and `mlflow ui` as they are; the switches that `quintain ui` sets for them are taken away."""
    project = tmp_path / "project"
    lay_out(project)
    shutil.copy(mlflow_tables, project / "mlflow.db")
    ports = {"mlflow": free_port(), "viz": free_port()}
    # As typed in a shell: what the console script sets would hide what the entry points do.
    script = "from unittest.mock import patch\nfrom quintain import offline\n"
    script += "from quintain.cli import main\nwith patch.object(offline, 'silence'): main()"
    command = ["ui", "--mlflow-port", str(ports["mlflow"]), "--viz-port", str(ports["viz"]), "--env", "smoke"]
    process = subprocess.Popen(
        [sys.executable, "-c", script, *command],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    told = threading.Timer(500, process.kill)  # a page that never opens fails the test in time
    told.start()
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                break
        assert lines[-1:] == ["Ctrl-C ends both\n"], "".join(lines)
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(f"http://127.0.0.1:{ports['viz']}/api/version", timeout=60) as reply:
            assert b'"is_outdated":false' in reply.read()
        with direct.open(f"http://127.0.0.1:{ports['mlflow']}/ajax-api/3.0/mlflow/ui-telemetry", timeout=60) as reply:
            assert re.search(rb'"disable_ui_telemetry":\s*true', reply.read())
        process.send_signal(signal.SIGINT)
        assert "ended" in process.communicate(timeout=60)[0]
        assert process.returncode == 0
    finally:
        told.cancel()
        process.kill()
    for port in ports.values():
        with socket.socket() as asked:
            assert asked.connect_ex(("127.0.0.1", port)) != 0
    assert proxy.requests == []


def test_dvc_asks_nothing_with_the_switches_of_a_project(tmp_path, proxy, environment):
    project = tmp_path / "project"
    lay_out(project)
    typed = "set -a; . ./.env; set +a; git init --quiet; dvc init --quiet; dvc config core.autostage false; dvc root"
    subprocess.run([shutil.which("bash") or "bash", "-euc", typed], cwd=project, env=environment, check=True)
    assert proxy.requests == []
