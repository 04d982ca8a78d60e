"""A client that sends mutated requests: it is refused or answered, never with a fault of the server's own."""

import contextlib
import json
import socket

import pytest

from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.serving.student import Student
from tests.attacks.mutator import mutate
from tests.attacks.trials import seeded, times
from tests.serving.test_app import Served

HELLO = [{"role": "user", "content": "Hello"}]
BODIES = [
    {"model": "tiny", "messages": HELLO, "max_tokens": 2, "temperature": 0.5, "top_p": 0.9, "seed": 3, "stop": ["x"]},
    {"model": "tiny", "messages": [{"role": "system", "content": "Be brief."}, *HELLO], "n": 2, "max_tokens": 1},
    {"model": "tiny", "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}], "max_tokens": 2,
     "stream": True, "stream_options": {"include_usage": True}, "tools": [], "logit_bias": {}},
]  # fmt: skip
SAMPLES = [json.dumps(body).encode() for body in BODIES]


@pytest.fixture(scope="module")
def served(tiny_student):
    served = Served(Student("tiny", LocalModel(tiny_student, Sampling(max_new_tokens=4))))
    yield served
    served.stop()


def said(served, sent, *, to_the_end=True):
    """What comes back for raw bytes; a client who says that it ends there is not waited for."""
    received = b""
    with contextlib.suppress(OSError), socket.create_connection(served.socket_name, timeout=120) as client:
        client.sendall(sent)
        if not to_the_end:
            client.shutdown(socket.SHUT_WR)
        while piece := client.recv(1 << 16):
            received += piece
    return received.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")


def request(served, body, head=b""):
    host = f"{served.socket_name[0]}:{served.socket_name[1]}".encode()
    lines = [
        b"POST /v1/chat/completions HTTP/1.1", b"Host: " + host, b"Content-Type: application/json",
        b"Content-Length: " + str(len(body)).encode(), b"Connection: close",
    ]  # fmt: skip
    return b"\r\n".join([*lines, *([head] if head else []), b"", body])


@times(60, 1500)
def test_mutated_bodies(count, served, attack):
    rng = seeded("bodies")
    before = served.texts(temperature=0)
    with attack("hostile clients", "mutated bodies of chats", "answered or refused as the client's fault") as trials:
        for number in range(count):
            body = mutate(SAMPLES, rng)
            with trials.one(f"body {number} ({body[:200]!r})"):
                reply = said(served, request(served, body))
                status = int(reply.split()[1])
                assert status == 200 or 400 <= status < 500, reply[:500]
                if status != 200:
                    fault = json.loads(reply.partition(b"\r\n\r\n")[2])["error"]
                    assert fault["type"] == "invalid_request_error"
                    assert fault["message"]
        with trials.one("a good request afterwards"):
            assert served.texts(temperature=0) == before


@times(60, 1500)
def test_mutated_requests(count, served, attack):
    rng = seeded("requests")
    before = served.texts(temperature=0)
    samples = [request(served, body) for body in SAMPLES] + [request(served, SAMPLES[0], b"Expect: 100-continue")]
    with attack("hostile clients", "mutated requests, heads included", "no fault of the server's own") as trials:
        for number in range(count):
            sent = mutate(samples, rng)
            with trials.one(f"request {number} ({sent[:200]!r})"):
                reply = said(served, sent, to_the_end=False)
                assert not reply or 200 <= int(reply.split()[1]) < 500, reply[:500]
        with trials.one("a good request afterwards"):
            assert served.texts(temperature=0) == before
