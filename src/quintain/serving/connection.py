"""Connection that is given up when its client neither sends nor reads for too long."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from quintain.serving.request_limits import RequestLimits


def patient_protocol(limits: RequestLimits) -> type[H11Protocol]:
    """The protocol class for uvicorn that holds to limits.

    Args:
        limits: The limits; `connections`, `header_seconds` and `reply_seconds` are of the connection.

    Returns:
        The class.
    """

    class Patient(_Patient):
        """The protocol under the limits of one server."""

    Patient.limits = limits
    return Patient


class _Patient(H11Protocol):
    """HTTP/1.1 that looks from time to time whether anything has moved."""

    limits: RequestLimits
    _look: asyncio.TimerHandle | None = None
    _former: object = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            transport.abort()
        else:
            self._later(self.limits.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def _later(self, seconds: float) -> None:
        self._look = self.loop.call_later(seconds, self._give_up_if_stuck)

    def _give_up_if_stuck(self) -> None:
        waits_for, seconds = self._waits_for()
        if waits_for is not None and waits_for == self._former:
            self.transport.abort()
            return
        self._former = waits_for
        self._later(seconds)

    def _waits_for(self) -> tuple[object, float]:
        """The thing that the client has to do, and its time for it; None while it is our turn."""
        transport: Any = self.transport
        if self.flow.write_paused or transport.is_closing():
            return ("reading", transport.get_write_buffer_size()), self.limits.reply_seconds
        if self.conn.their_state is h11.IDLE:
            return ("headers", id(self.cycle)), self.limits.header_seconds
        return None, self.limits.header_seconds
