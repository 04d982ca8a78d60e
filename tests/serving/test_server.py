"""`quintain serve` as a process: it takes its port first and ends in order."""

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest

from quintain.errors import ConfigError
from quintain.serving.server import address_of, take_port


@pytest.fixture
def process(tiny_student, tmp_path):
    command = [sys.executable, "-m", "quintain", "serve", str(tiny_student), "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_requests_in_flight_finish_and_ends_without_an_error(process, how):
    place = urlsplit(process.stdout.readline().split(" answers at ")[1].split(";")[0]).netloc
    body = {"model": "tiny", "messages": [{"role": "user", "content": "Hi"}], "stream": True, "max_tokens": 30}
    with contextlib.closing(http.client.HTTPConnection(place, timeout=60)) as client:
        client.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
        reply = client.getresponse()
        assert reply.readline().startswith(b"data: ")
        process.send_signal(how)
        assert reply.read().endswith(b"data: [DONE]\n\n")
    assert process.wait(timeout=500) == 0
    assert process.stderr.read() == ""
    with contextlib.closing(http.client.HTTPConnection(place)) as late, pytest.raises(ConnectionRefusedError):
        late.request("GET", "/health")


def test_a_port_in_use_is_said_before_a_model_is_loaded(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        command = [sys.executable, "-m", "quintain", "serve", "no/such/model", "--port", str(port)]
        started = time.monotonic()
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"127.0.0.1:{port} cannot be served: Address already in use" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert time.monotonic() - started < 20


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(ConfigError, match=r"192\.0\.2\.1:8080 cannot be served: .*name another --port or --host"):
        take_port("192.0.2.1", 8080)


def test_an_address_of_ipv6_stands_in_brackets():
    try:
        taken = take_port("::1", 0)
    except ConfigError:
        pytest.skip("this machine has no IPv6")
    with taken:
        assert address_of(taken).startswith("http://[::1]:")
