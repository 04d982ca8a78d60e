"""The HTTP session to an endpoint: its key, its proxy, and nothing kept between replies."""

from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from quintain.errors import ConfigError
from quintain.models.keys import Key
from quintain.models.reply_body import ACCEPTED_ENCODINGS

JSON = {"Content-Type": "application/json"}
"""Header of requests with a JSON body."""


def open_session(address: str, key: Key, *, idle_seconds: float = 15) -> aiohttp.ClientSession:
    """Open a session; how many connections it has is up to the caller's limits, and bodies come as they were sent.

    Args:
        address: Where the API begins.
        key: Key of the endpoint.
        idle_seconds: How long a connection is kept for the next request.

    Returns:
        The session.

    Raises:
        ConfigError: The environment names a proxy that is none.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=idle_seconds),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": ACCEPTED_ENCODINGS, **key.headers()},
        proxy=proxy_of(address),
        auto_decompress=False,
    )


def proxy_of(address: str) -> str | None:
    """The proxy that the environment names for an address; none to this machine itself.

    Args:
        address: Where the API begins.

    Returns:
        The proxy; None without one.

    Raises:
        ConfigError: It is no address of a proxy, so that nothing can be sent; the message does not quote it, for it may
            hold a password.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    if host in ("localhost", "::1") or host.startswith("127.") or _is_excepted(host, parts.port):
        return None
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if proxy is not None and not _is_proxy(proxy):
        raise ConfigError(
            f"the environment variable {parts.scheme}_proxy (or {parts.scheme.upper()}_PROXY, all_proxy) names no "
            "proxy that can be used: write http://HOST:PORT, with the scheme; or except the endpoint's host in no_proxy"
        )
    return proxy


def _is_excepted(host: str, port: int | None) -> bool:
    """True when no_proxy names a host: its name or domain, with or without a port, or the network of its address."""
    if proxy_bypass(f"{host}:{port}" if port else host):
        return True
    for entry in getproxies().get("no", "").split(","):
        try:
            if ip_address(host) in ip_network(entry.strip(), strict=False):
                return True
        except ValueError:  # a name
            continue
    return False


def _is_proxy(address: str) -> bool:
    try:
        parts = urlsplit(address)
        (parts.hostname or "").encode("idna")
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # brackets that do not close, no number for a port, a name that no host has
        return False
