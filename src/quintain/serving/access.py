"""Access to a server: under which names it is asked, and with which key."""

import hmac
import ipaddress
import os
import re
from collections.abc import Iterable, Sequence

from quintain.errors import ConfigError

_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:/@\s]+)(?::\d{0,5})?")
_ORIGIN = re.compile(r"https?://([^/]+)")
_OPEN = ("/health",)

Headers = Sequence[tuple[bytes, bytes]]


class Access:
    """Names and key that a request must carry.

    A page in a browser may let its own name point to this machine and then ask as if it were at home here (DNS
    rebinding); it cannot choose the name it is asked under, so only known names are answered.

    Args:
        hosts: Names beside those of the loopback under which the server may be asked.
        key: What clients send as their bearer token; empty lets everybody in who knows a name.
    """

    def __init__(self, hosts: Iterable[str] = (), key: str = "") -> None:
        self._hosts = {host.lower().strip("[]").rstrip(".") for host in hosts if not _is_any(host)}
        self._key = key.encode()

    def knows(self, headers: Headers) -> bool:
        """True for a request that is addressed to this server, and comes from no page of another one."""
        hosts = [value for name, value in headers if name == b"host"]
        origins = [value for name, value in headers if name == b"origin"]
        return (
            len(hosts) == 1
            and self._is_ours(hosts[0].decode("latin-1"))
            and all(
                (found := _ORIGIN.fullmatch(origin.decode("latin-1"))) is not None and self._is_ours(found[1])
                for origin in origins
            )
        )

    def lets_in(self, path: str, headers: Headers) -> bool:
        """True for a request that carries the key; its health may be asked without one."""
        if not self._key or path in _OPEN:
            return True
        given = [value for name, value in headers if name == b"authorization"]
        scheme, _, token = given[0].partition(b" ") if len(given) == 1 else (b"", b"", b"")
        # In constant time: how long a comparison takes must not tell how much of the key is right.
        return hmac.compare_digest(token.strip(), self._key) and scheme.lower() == b"bearer"

    def open_to_others(self, host: str) -> bool:
        """True where clients on other machines can ask without a key, as the server listens on a host."""
        return not self._key and host.lower() != "localhost" and not _is_loopback(host)

    def _is_ours(self, authority: str) -> bool:
        found = _AUTHORITY.fullmatch(authority.lower())
        if found is None:
            return False
        host = found[1].strip("[]").rstrip(".")
        return host == "localhost" or host in self._hosts or _is_loopback(host)


def key_from(variable: str, option: str = "--key-env") -> str:
    """A key that an option names: the one that clients must send, or the one that a server behind asks for.

    Args:
        variable: Name of the environment variable that holds it.
        option: The option, for messages.

    Returns:
        The key, without blanks around it.

    Raises:
        ConfigError: The variable is not set, or no header can carry what it holds.
    """
    key = os.environ.get(variable, "").strip()
    if not key:
        raise ConfigError(f"the environment variable {variable} ({option}) holds no key; set it, or leave {option} out")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigError(f"the key in {variable} ({option}) holds characters that no header carries; choose another")
    return key


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_any(host: str) -> bool:
    """True for the address that stands for every one of this machine's, which no client asks for."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_unspecified
    except ValueError:
        return not host
