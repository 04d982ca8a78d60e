"""Form of a rule: a predicate on the text for each constraint, stacked as the levels stack them."""

from collections.abc import Callable

Predicate = Callable[[str], bool]
"""One constraint: does this response satisfy it?"""
Check = Callable[[str, str, int], tuple[bool, ...]]
"""Response, target and level in; one verdict per constraint of that level out."""


def stacked(*constraints: Predicate) -> Check:
    """Check the first `level` of these constraints, each for itself."""

    def check(response: str, target: str, level: int) -> tuple[bool, ...]:
        return tuple(satisfies(response) for satisfies in constraints[:level])

    return check


def whole(satisfies: Callable[[str, str], bool]) -> Check:
    """Give one verdict on response and target to every constraint, where the target cannot tell them apart."""

    def check(response: str, target: str, level: int) -> tuple[bool, ...]:
        return (satisfies(response, target),) * level

    return check
