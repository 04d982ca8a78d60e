"""The server ends whatever its clients do; an application that never answers by itself stands behind it."""

import asyncio
import socket
import threading

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from quintain.serving import ending
from quintain.serving.access import Access
from quintain.serving.ending import EndingServer
from quintain.serving.gate import Gate
from quintain.serving.metrics import Metrics
from quintain.serving.request_limits import RequestLimits

PATIENCE_SECONDS = 60
HEAD = "Host: localhost\r\n"


class Running:
    """A server in a thread of this process."""

    def __init__(self):
        self.halted, self.asked = [], threading.Event()
        app, limits = FastAPI(), RequestLimits(body_bytes=1000)
        app.add_middleware(Gate, access=Access(), limits=limits, metrics=Metrics())
        app.state.limits, app.state.halt = limits, lambda: self.halted.append(1)

        @app.get("/never")
        async def never():
            self.asked.set()
            await asyncio.Event().wait()

        @app.get("/endless")
        async def endless():
            async def pieces():
                self.asked.set()
                while True:
                    yield b"x" * 100_000
                    await asyncio.sleep(0)

            return StreamingResponse(pieces())

        listening = socket.create_server(("127.0.0.1", 0))
        self.place = listening.getsockname()
        self.server = EndingServer(app)
        self.thread = threading.Thread(target=self.server.run, args=([listening],), daemon=True)
        self.thread.start()

    def send(self, text):
        client = socket.create_connection(self.place, timeout=PATIENCE_SECONDS)
        client.sendall(text.encode())
        return client

    def ends(self):
        self.server.should_exit = True
        self.thread.join(PATIENCE_SECONDS)
        return not self.thread.is_alive()


@pytest.fixture
def running(monkeypatch):
    monkeypatch.setattr(ending, "GRACE_SECONDS", 1.0)
    monkeypatch.setattr(ending, "_CUT_SECONDS", 0.25)
    return Running()


def test_bodies_and_heads_that_never_come_are_not_waited_for(running, monkeypatch):
    monkeypatch.setattr(ending, "GRACE_SECONDS", PATIENCE_SECONDS * 2)
    body = running.send(f"POST /never HTTP/1.1\r\n{HEAD}Content-Length: 99\r\n\r\nx")
    head = running.send("GET /never HT")
    nothing = running.send("")
    while len(running.server.server_state.connections) < 3:
        pass
    assert running.ends()
    assert running.halted == []
    for client in (body, head, nothing):
        client.close()


@pytest.mark.parametrize("path", ["/never", "/endless"])
def test_a_reply_that_is_never_whole_or_never_read_is_cut_after_a_while(running, path):
    client = running.send(f"GET {path} HTTP/1.1\r\n{HEAD}\r\n")
    assert running.asked.wait(PATIENCE_SECONDS)
    assert running.ends()
    assert running.halted == [1]
    client.close()
