"""The HTTP session to an endpoint: its key, its proxy, and nothing kept between replies."""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from quintain.models.keys import Key


def open_session(address: str, key: Key) -> aiohttp.ClientSession:
    """Open a session; how many connections it has is up to the caller's limits."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Content-Type": "application/json", **key.headers()},
        proxy=proxy_of(address),
    )


def proxy_of(address: str) -> str | None:
    """The proxy that the environment names for an address; none to this machine itself."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if host in ("localhost", "::1") or host.startswith("127.") or proxy_bypass(host):
        return None
    return getproxies().get(parts.scheme)
