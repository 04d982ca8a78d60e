"""The edit memory before another server, as `quintain serve --upstream` asks for it."""

import ipaddress
import socket
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from quintain.errors import ConfigError

if TYPE_CHECKING:
    from quintain.serving.access import Access
    from quintain.serving.upstream_app import UpstreamApp

_PORTS = {"http": 80, "https": 443}


def upstream_app(
    address: str,
    memory: Path,
    embedder: str,
    access: "Access",
    key_env: str | None,
    silent_seconds: float,
    taken: socket.socket,
    *,
    has_keys: bool,
) -> "UpstreamApp":
    """Open the memory, and look whether the other server is there.

    Args:
        address: Where its API begins.
        memory: Folder of the edit memory.
        embedder: What finds edits in it.
        access: Who is let in.
        key_env: Environment variable with the other server's key; None lets clients send theirs.
        silent_seconds: Longest time in which it may say nothing.
        taken: The socket that clients will ask at.
        has_keys: Whether clients send a key that is meant for this server.

    Returns:
        The application; that the other server is away now is said, and no hindrance.

    Raises:
        ConfigError: The address is none, is that of this server, or the variable holds no key.
        EditError: The folder holds no edit memory.
    """
    from quintain.cli.opened_memory import opened_memory
    from quintain.models.endpoint_settings import EndpointSettings
    from quintain.models.keys import Key
    from quintain.models.reachability import why_unreachable
    from quintain.serving.access import key_from
    from quintain.serving.upstream import Upstream
    from quintain.serving.upstream_app import UpstreamApp

    key = Key(key_from(key_env, "--upstream-key-env")) if key_env else Key()
    try:
        upstream = Upstream(address, key, passes_keys=not has_keys, silent_seconds=silent_seconds)
        itself = _is_itself(address, taken)
    except ValueError as error:
        raise ConfigError(f"--upstream {address!r}: {error}") from None
    if itself:
        raise ConfigError(f"--upstream {address} is the very address that is served here; name another --port")
    opened = opened_memory(memory, embedder=embedder)
    settings = EndpointSettings(address=upstream.address, model="-")
    if (why := why_unreachable(settings, key)) and (key_env or "key" not in why):
        click.echo(f"{upstream.address} is not well now: {why}. Until it is, clients are told so (502)", err=True)
    return UpstreamApp(upstream, (opened,), access=access)


def _is_itself(address: str, taken: socket.socket) -> bool:
    """True where requests would go round in a circle."""
    parts = urlsplit(address)
    host, port = taken.getsockname()[:2]
    if (parts.port or _PORTS[parts.scheme]) != port:
        return False
    named = parts.hostname or ""
    if named == host:
        return True
    try:
        loops = named == "localhost" or ipaddress.ip_address(named).is_loopback
        return loops and (ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified)
    except ValueError:
        return False
