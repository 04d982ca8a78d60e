"""A compact letter display: which of many models differ, told by letters."""

from collections.abc import Collection, Sequence
from itertools import combinations
from string import ascii_lowercase


def compact_letters(names: Sequence[str], different: Collection[tuple[str, str]]) -> dict[str, str]:
    """Give every model letters so that two share one exactly when nothing tells them apart.

    Each letter is a group of models of which no two differ, and as large as can be; groups are taken until every such
    pair has one in common.

    Args:
        names: The models, the best first; `a` goes to the group of the best.
        different: Pairs that differ beyond chance, in either order.

    Returns:
        Letters of each model, in alphabetical order; after `z` come `a2`, `b2` and so on.

    >>> compact_letters(["x", "y", "z"], [("x", "z")])
    {'x': 'a', 'y': 'ab', 'z': 'b'}

    Raises:
        ValueError: A name comes twice, or a pair names a model that is not there.

    Source: the display of Piepho (2004, doi:10.1198/1061860043515), by a greedy cover instead of
        insert-and-absorb, which may need exponentially many columns.
    """
    if len(set(names)) < len(names):
        raise ValueError("names must differ from each other")
    if unknown := {name for pair in different for name in pair} - set(names):
        raise ValueError(f"different names {', '.join(sorted(unknown))}, which is not among the names")
    apart = {frozenset(pair) for pair in different}
    alike = [pair for pair in combinations(names, 2) if frozenset(pair) not in apart]
    groups: list[set[str]] = []
    for pair in alike:
        if not any(group.issuperset(pair) for group in groups):
            groups.append(_grown(set(pair), names, apart))
    groups += [{name} for name in names if not any(name in group for group in groups)]
    groups.sort(key=lambda group: sorted(map(names.index, group)))
    return {name: "".join(_letter(i) for i, group in enumerate(groups) if name in group) for name in names}


def _grown(group: set[str], names: Sequence[str], apart: set[frozenset[str]]) -> set[str]:
    """Add every model, the best first, that differs from none in the group."""
    for name in names:
        if name not in group and all(frozenset((name, other)) not in apart for other in group):
            group.add(name)
    return group


def _letter(number: int) -> str:
    turn, place = divmod(number, len(ascii_lowercase))
    return f"{ascii_lowercase[place]}{turn + 1 if turn else ''}"
