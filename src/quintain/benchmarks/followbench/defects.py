"""Items of the released files that no compliant response can satisfy; the corrected rules leave them out and say so.

Found by reading instruction and target side by side; the numbers in brackets are the defects of the authors' release
as our notes count them.
"""

from quintain.records import ConstraintItem

_ALL = (1, 2, 3, 4, 5)
_FROM_2 = (2, 3, 4, 5)

_IMPOSSIBLE: dict[tuple[str, str, str], tuple[tuple[int, ...], str]] = {
    ("en", "content", "20"): (_ALL, "asks for deaths, the target lists injuries [7]"),
    ("en", "mixed", "4"): (_FROM_2, "open wording and late edits, against one exact letter [8]"),
    ("zh", "mixed", "4"): (_FROM_2, "open wording, against one exact letter [8]"),
    ("zh", "content", "18"): (_FROM_2, "asks for a price that the text does not give"),
    ("zh", "content", "14"): ((5,), "the text spells a name in one way, the target in another"),
}


def why_impossible(item: ConstraintItem) -> str:
    """Say why nothing can satisfy this item, empty when something can."""
    if not item.rules:
        return ""
    language = item.rules[0].kind.rpartition("-")[2]
    levels, reason = _IMPOSSIBLE.get((language, item.category, item.example_id), ((), ""))
    return reason if item.level in levels else ""
