"""Fault of a row: why it becomes no record."""

_KINDS = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "an object"}


class RowFault(ValueError):
    """A row that is dropped.

    Args:
        reason: One word, such as `empty-response`; counted.
        detail: Where in the row and what stands there, such as `turn 3 has the role 'tool'`; empty where the word says
            all.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


def kind_of(value: object) -> str:
    """Kind of a value as people call it.

    >>> kind_of(3), kind_of(None), kind_of(["a"])
    ('a number', 'nothing', 'a list')
    """
    if is_absent(value):
        return "nothing"
    return _KINDS.get(type(value), type(value).__name__)


def is_absent(value: object) -> bool:
    """True for null and for NaN, which pandas writes in its place."""
    return value is None or (isinstance(value, float) and value != value)
