"""Times that a memory is asked about, as people write them."""

import math
from datetime import datetime

from quintain.errors import EditError

Moment = float | datetime | str
"""Seconds since 1970, a datetime, or an ISO text."""


def seconds(moment: Moment, name: str = "as_of") -> float:
    """Read a time.

    Args:
        moment: The time.
        name: What messages call it.

    Returns:
        Seconds since 1970.

    Raises:
        EditError: It is no time.
    """
    try:
        given = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        found = given.timestamp() if isinstance(given, datetime) else float(given)
    except (ValueError, TypeError, OverflowError, OSError) as error:
        raise EditError(f"{name} must be seconds since 1970, a datetime or an ISO text, got {moment!r}") from error
    if not math.isfinite(found):
        raise EditError(f"{name} must be a time, got {moment!r}")
    return found
