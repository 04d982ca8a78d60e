"""Run the application on a socket until a signal ends it."""

import contextlib
import signal
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from quintain.errors import ConfigError

if TYPE_CHECKING:
    from quintain.serving.ending import Servable


def take_port(host: str, port: int) -> socket.socket:
    """Take a port before a model is loaded for nothing; nobody is let in yet.

    Args:
        host: Name or address of this machine.
        port: The port; 0 takes a free one.

    Returns:
        The socket, bound.

    Raises:
        ConfigError: The port is taken, or the host is not this machine.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with contextlib.ExitStack() as unless_taken:
            taken = unless_taken.enter_context(socket.socket(family, socket.SOCK_STREAM))
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind((host, port))
            unless_taken.pop_all()
    except OSError as error:
        raise ConfigError(f"{host}:{port} cannot be served: {error.strerror}; name another --port or --host") from None
    return taken


def address_of(taken: socket.socket) -> str:
    """Address of the API for clients."""
    host, port = taken.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"


def serve(app: "Servable", taken: socket.socket, ready: Callable[[], None]) -> None:
    """Answer until SIGTERM or Ctrl-C, and end within two seconds of it, where no layer of the network takes longer.

    Requests in flight have one second to be answered to their end, then the model is halted and connections are cut; a
    body that is not there yet is not waited for. A second Ctrl-C drops everything at once.

    Args:
        app: The application, made by `make_app`, or the one before another server.
        taken: Its socket.
        ready: Called when clients may come.
    """
    from quintain.serving.ending import EndingServer

    # uvicorn raises the signal that ended it once more when all is done; the end was in order, so nothing is to follow.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    server = EndingServer(app)
    taken.listen()
    ready()
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[taken])
