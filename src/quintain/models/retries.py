"""Retry policy: failures worth another try, and the wait before it."""

import random
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

_FIRST_SECONDS = 0.5
_LONGEST_SECONDS = 60.0


def is_passing(status: int) -> bool:
    """True when an HTTP status may be another one in a moment: 408, 409, 429, 5xx."""
    return status in (408, 409, 429) or status >= 500


def is_overload(status: int) -> bool:
    """True when an HTTP status says that the server is asked too much at a time, or was too slow for its gateway."""
    return status in (429, 503, 529) or is_timeout(status)


def is_timeout(status: int) -> bool:
    """True when an HTTP status says that a reply took too long."""
    return status in (408, 504, 524)


def backoff_seconds(attempt: int) -> float:
    """Seconds to wait after a failed attempt, counted from 1: anything up to a limit that doubles (full jitter)."""
    return random.uniform(0, min(_LONGEST_SECONDS, _FIRST_SECONDS * 2 ** (attempt - 1)))


def asked_seconds(headers: Mapping[str, str]) -> float:
    """Seconds that a reply asks for: Retry-After in seconds or as a date, or retry-after-ms; 0 when it does not.

    >>> asked_seconds({"Retry-After": "2"})
    2.0
    """
    milliseconds, after = headers.get("Retry-After-Ms", ""), headers.get("Retry-After", "")
    try:
        if milliseconds:
            return max(0.0, float(milliseconds) / 1000)
        return max(0.0, float(after)) if after else 0.0
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(after).timestamp() - time.time())
    except ValueError:
        return 0.0
