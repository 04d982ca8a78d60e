"""Times that a memory is asked about, as people write them."""

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
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
        return moment.timestamp() if isinstance(moment, datetime) else float(moment)
    except (ValueError, TypeError) as error:
        raise EditError(f"{name} must be seconds since 1970, a datetime or an ISO text, got {moment!r}") from error
