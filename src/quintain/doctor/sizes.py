"""Sizes and times in words."""

_MINUTE, _HOUR = 60, 3600


def gib(size_bytes: float) -> str:
    """Bytes in a unit that leaves few digits.

    >>> gib(3 << 29), gib(5 << 20)
    ('1.5 GiB', '5 MiB')
    """
    if size_bytes < 1 << 30:
        return f"{size_bytes / (1 << 20):,.0f} MiB"
    return f"{size_bytes / (1 << 30):,.1f} GiB"


def duration(seconds: float) -> str:
    """Seconds in a unit that leaves few digits.

    >>> duration(40), duration(600), duration(9000)
    ('40 s', '10 min', '2.5 h')
    """
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < 2 * _HOUR else f"{seconds / _HOUR:.1f} h"
