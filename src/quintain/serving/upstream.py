"""The server behind: where it is, its key, and what is said when it does not answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp
from yarl import URL

from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.http_session import open_session
from quintain.models.keys import Key
from quintain.serving.passed_headers import to_upstream

_CONNECT_SECONDS = 5
_IDLE_SECONDS = 3.0
"""Kept shorter than the 5 s of most servers: one that closes a connection as a request goes out loses the request."""
_PREFIX = "/v1"


@dataclass(frozen=True)
class Failure:
    """Reason why there is no reply, or no whole one."""

    status: HTTPStatus
    """Status for a client that has none yet."""
    code: str
    """Word for it, for programs."""
    message: str
    """The same for people: what, where, what to do."""


class Upstream:
    """Sends requests to the server behind, each once: whoever pays for them decides about another try.

    Args:
        address: Where its API begins, such as `http://localhost:8000/v1`.
        key: Its key; an empty one lets clients send their own.
        passes_keys: Whether the keys of clients are meant for it.
        silent_seconds: Longest time in which nothing comes.

    Raises:
        ValueError: The address is none.
    """

    def __init__(
        self, address: str, key: Key | None = None, *, passes_keys: bool = False, silent_seconds: float = 600
    ) -> None:
        # The same rules as for the address of an endpoint.
        self.address = EndpointSettings(address=address, model="-").base
        self.key = key or Key()
        self._passes_keys = passes_keys and not self.key.headers()
        self._silent_seconds = silent_seconds
        self._session: aiohttp.ClientSession | None = None

    def ask(
        self, method: str, path: str, query: str, headers: Sequence[tuple[bytes, bytes]], body: bytes
    ) -> "aiohttp.client._RequestContextManager":
        """Send a request.

        Args:
            method: GET or POST.
            path: Path as the client wrote it; begins with /v1.
            query: What followed its question mark.
            headers: Headers of the client.
            body: Body; empty for none.

        Returns:
            The reply, as an asynchronous context.

        Raises:
            ConfigError: The environment names a proxy that is none.
        """
        if self._session is None:
            self._session = open_session(self.address, self.key, idle_seconds=_IDLE_SECONDS)
        url = f"{self.address}{path.removeprefix(_PREFIX)}{f'?{query}' if query else ''}"
        return self._session.request(
            method,
            URL(url, encoded=True),
            data=body or None,
            headers=to_upstream(headers, credentials=self._passes_keys),
            skip_auto_headers=("User-Agent", "Accept", "Content-Type"),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS, sock_read=self._silent_seconds),
            allow_redirects=False,  # neither the key nor a question goes anywhere else
        )

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def failure(self, error: Exception) -> Failure:
        """Say why a request failed.

        Args:
            error: What the client of HTTP raised.

        Returns:
            The reason; the key does not stand in it.
        """
        said = self.key.hide(" ".join(str(error).split()) or type(error).__name__)
        if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
            return Failure(
                HTTPStatus.BAD_GATEWAY,
                "upstream_unreachable",
                f"the server behind, {self.address} (--upstream), cannot be reached: {said}. Is it up, and is the "
                "address right?",
            )
        if isinstance(error, TimeoutError):
            return Failure(
                HTTPStatus.GATEWAY_TIMEOUT,
                "upstream_timeout",
                f"the server behind, {self.address}, said nothing for {self._silent_seconds:g} s (--upstream-seconds)",
            )
        return Failure(
            HTTPStatus.BAD_GATEWAY,
            "upstream_broken",
            f"the server behind, {self.address}, broke off before its reply was whole ({said})",
        )

    def redirected(self, location: str) -> Failure:
        """Say that it points elsewhere; nobody is sent there, past the edits."""
        target = f" to {self.key.hide(location)[:200]}" if location else ""
        return Failure(
            HTTPStatus.BAD_GATEWAY,
            "upstream_redirects",
            f"the server behind, {self.address}, redirects{target}; neither question nor key is sent there. Name the "
            "address that answers itself as --upstream",
        )
