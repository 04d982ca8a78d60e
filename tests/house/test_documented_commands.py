"""Every command of README and docs, typed behind a proxy that only listens: it hears nothing.

Most name what is not there, such as version 7: then the error is asked nobody about. What waits for people is ended.
"""

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from quintain import offline
from tests.house.conftest import ListeningProxy, newcomer_environment

ROOT = Path(__file__).parents[2]
IDLE_LOOKS = 10
MOST_OF_A_WAITING_ONE = 0.2
"""Seconds of processor between two looks, one second apart, that a server uses to look after its workers."""
MOST_SECONDS_OF_PROCESSOR = 120
"""After these a command has asked what it asks; `dvc repro` would make a whole lifecycle."""
PATIENCE = 60
"""Seconds for which an ended command may still tidy up."""
OURS = ("quintain", "kedro", "mlflow", "dvc")
ASK_BY_NATURE = {
    "pip": "a package index",
    "python3 -m venv": "makes an environment and fills it from a package index",
    "quintain models import pypi:": "a package index",
    "quintain models push": "the hub that is named",
    "quintain serve --upstream": "the server that is named",
    "quintain serve --memory data/edits --upstream": "the server that is named",
    "ollama": "a tool of others",
    "~/": "a tool of others in an environment of its own",
    "make": "installs first; then the commands that stand on these pages",
    "python benchmarks/evidence/": "nobody, but takes the students of `make real` and many minutes of a core",
    "git": "the remote that is named",
    "gh ": "GitHub",
    "createdb": "the database that is named",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false ~/": "a tool of others in an environment of its own",
    "curl": "the server of this machine that the page has started",
}
"""Beginnings of commands that ask a host because they are told to → which."""
SHELL = ("cd ", "export ", "source ", "cat ", "cp ", "sed ", '"')
REPEATED = ("quintain new", "kedro run")
"""`test_start_page.py` walks through these behind the same proxy, a whole lifecycle each."""


SHELLS = ("bash", "sh", "console")


def documented() -> dict[str, bool]:
    """Lines of the blocks of all pages, each once, without remarks → whether its block is said to be one of a shell."""
    found: dict[str, bool] = {}
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        if page.name == "command_line.md":  # usage, generated
            continue
        language, joined = None, re.sub(r"\\\n\s*", " ", page.read_text(encoding="utf-8"))
        for line in map(str.strip, joined.splitlines()):
            if line.startswith("```"):
                language = line[3:] if language is None else None
            elif language in ("", *SHELLS) and line and not line.startswith("#"):
                said = re.sub(r"\s+# .*", "", line)
                found[said] = found.get(said, False) or language in SHELLS
    return found


def ours() -> list[str]:
    """Commands of ours; a word in capitals or between < and > stands for a name of the reader's."""
    begins = tuple(f"{name} " for name in OURS)
    others = (*ASK_BY_NATURE, *REPEATED)
    return [
        line
        for line in documented()
        if line.startswith(begins) and not line.startswith(others) and not re.search(r"<|@REVISION", line)
    ]


def test_every_command_of_a_page_is_one_of_ours_or_known_to_ask_somebody():
    known = (*OURS, *ASK_BY_NATURE, *SHELL)
    assert [line for line, is_shell in documented().items() if is_shell and not line.startswith(known)] == []
    assert len(ours()) > 50


@pytest.fixture(scope="module")
def bare():
    """No switch of ours and no way past the proxy but to this machine."""
    proxy = ListeningProxy()
    environment = newcomer_environment(proxy.address) | dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost")
    environment = {name: value for name, value in environment.items() if name not in offline.TELEMETRY}
    yield proxy, environment | {"KEDRO_ENV": "smoke", "OMP_NUM_THREADS": "1"}
    proxy.close()


@pytest.fixture(scope="module")
def project(walk, tmp_path_factory):
    """A copy of what the walk through the start page left."""
    return shutil.copytree(walk.project, tmp_path_factory.mktemp("typed") / "project", symlinks=True)


def used_and_running(group: int) -> tuple[float, bool]:
    """Seconds of processor that a group of processes has used, and whether one of them would use more just now."""
    used, running = 0.0, False
    for each in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied, ProcessLookupError):
            if os.getpgid(each.pid) == group:
                used += sum(each.cpu_times()[:4])  # its ended children's too
                running |= each.status() in (psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP)
    return used, running


def ended(process: subprocess.Popen[str]) -> str:
    """Output of a command; one that waits, a server for its clients, a chat for a person, is ended as by Ctrl-C.

    It waits when it has used no processor for `IDLE_LOOKS` looks, however busy the machine is: what is kept from a
    processor would run.
    """
    before, idle = 0.0, 0
    while idle < IDLE_LOOKS and before < MOST_SECONDS_OF_PROCESSOR:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=1)[0]
        used, running = used_and_running(process.pid)
        idle = 0 if running or used - before > MOST_OF_A_WAITING_ONE else idle + 1
        before = used
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        os.killpg(process.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=PATIENCE)[0]
    raise AssertionError("it outlives kill -9")


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("line", [*ours(), "mlflow ui --port 0", "kedro viz run --no-browser --port 0"])
def test_a_documented_command_asks_no_host(line, bare, project):
    proxy, environment = bare
    process = subprocess.Popen(
        ["bash", "-c", f"exec {line}" if not re.search(r"[|&;]", line) else line],
        cwd=project, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    )  # fmt: skip
    output = ended(process)
    assert proxy.requests == [], f"{shlex.quote(line)}: {output[-2000:]}"
