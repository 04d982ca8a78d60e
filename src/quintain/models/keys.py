"""Keys of endpoints: from the environment or the credentials file, and nowhere else to be seen."""

import os
from pathlib import Path

import yaml

from quintain.errors import ConfigError

CREDENTIALS = Path("conf/local/credentials.yml")


class Key:
    """A key that does not show itself; an empty one stands for an endpoint that asks for none."""

    __slots__ = ("_value",)

    def __init__(self, value: str = "") -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Key(hidden)"

    def headers(self) -> dict[str, str]:
        """HTTP headers that carry the key."""
        return {"Authorization": f"Bearer {self._value}"} if self._value else {}

    def hide(self, text: str) -> str:
        """The text without the key, whoever put it there."""
        return text.replace(self._value, "[key]") if self._value else text

    def hide_bytes(self, body: bytes) -> bytes:
        """The bytes without the key, whoever put it there."""
        return body.replace(self._value.encode(), b"[key]") if self._value else body

    def cover(self, body: bytes) -> bytes:
        """The bytes with stars in place of the key: as many as before, so that a length said of them stays right."""
        return body.replace(self._value.encode(), b"*" * len(self._value)) if self._value else body

    def begun_in(self, body: bytes) -> int:
        """Length of the longest end of the bytes that the key begins with, less than the whole of it; mostly 0."""
        key = self._value.encode()
        return next((n for n in range(min(len(key) - 1, len(body)), 0, -1) if body.endswith(key[:n])), 0)


def find_key(name: str) -> Key:
    """Look a key up.

    Args:
        name: Variable in the environment, or entry in conf/local/credentials.yml; empty for no key.

    Returns:
        The key, without blanks around it.

    Raises:
        ConfigError: There is no such key, or it cannot stand in an HTTP header.
    """
    if not name:
        return Key()
    value = os.environ.get(name) or _credential(name)
    value = value.strip()
    if not value:
        raise ConfigError(
            f"there is no key {name} (setting `key_env`): set the environment variable {name}, "
            f"or add the line `{name}: ...` to {CREDENTIALS}"
        )
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise ConfigError(f"the key {name} (setting `key_env`) holds characters that no key has; copy it again")
    return Key(value)


def _credential(name: str) -> str:
    if not CREDENTIALS.is_file():
        return ""
    try:
        entries = yaml.safe_load(CREDENTIALS.read_text(encoding="utf-8"))
    except yaml.YAMLError:
        # The parser's own message quotes the line, and the line may be a key.
        raise ConfigError(f"{CREDENTIALS} is no YAML; write one line `{name}: ...` per key") from None
    value = entries.get(name, "") if isinstance(entries, dict) else ""
    return value if isinstance(value, str) else ""
