"""Server that ends in time, whatever its clients do."""

import asyncio
import math
import os
import socket
import threading
from types import FrameType
from typing import Any, Protocol

import uvicorn

from quintain.serving.connection import patient_protocol

GRACE_SECONDS = 0.5
"""Time for requests in flight to be answered to their end."""
_LOOK_SECONDS = 0.1
_CUT_SECONDS = 0.25
_LAST_SECONDS = 4.0


class Servable(Protocol):
    """An application that can be ended: `state` holds its `limits`, and `halt`, which ends what is at work."""

    state: Any

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or take part in the server's beginning and end."""
        ...


class EndingServer(uvicorn.Server):
    """Answers until SIGTERM or Ctrl-C, then lets requests in flight finish, for a while.

    Args:
        app: The application, made by `make_app`, or the one before another server.
    """

    def __init__(self, app: Servable) -> None:
        self._state = app.state
        super().__init__(
            uvicorn.Config(
                app,
                http=patient_protocol(app.state.limits),
                ws="none",
                log_level="warning",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=math.ceil(GRACE_SECONDS + 4 * _CUT_SECONDS),
            )
        )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end."""
        if not self.should_exit:
            # A thread of its own, for a layer of a large network may hold the last one up beyond any patience.
            last = threading.Timer(_LAST_SECONDS, os._exit, (0,))
            last.daemon = True
            last.start()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End all connections, the unfinished ones last."""
        hurrying = asyncio.create_task(self._hurry())
        await super().shutdown(sockets)
        hurrying.cancel()

    async def _hurry(self) -> None:
        loop = asyncio.get_running_loop()
        patient_until = loop.time() + GRACE_SECONDS
        while loop.time() < patient_until:
            # Again and again: a connection may be made while the server stops to listen.
            for connection in list(self.server_state.connections):
                if not _is_asked(connection):
                    _cut(connection)
            await asyncio.sleep(_LOOK_SECONDS)
        self._state.halt()
        await asyncio.sleep(_CUT_SECONDS)
        for connection in list(self.server_state.connections):
            _cut(connection)


def _is_asked(connection: Any) -> bool:
    """True for a connection on which a whole request has come."""
    cycle = connection.cycle
    return cycle is not None and (cycle.response_started or not cycle.more_body)


def _cut(connection: Any) -> None:
    if connection.transport is not None:
        connection.transport.abort()
