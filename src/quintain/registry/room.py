"""Room between the columns of a page's tables: MLflow draws them without any, so that numbers run together."""

import re

_ROOM = "&emsp;"
_RULE = re.compile(r"[|:\- ]+")
_CELL_END = re.compile(r"(?<=[^\\|\s])(\s*)\|")


def with_room(markdown: str) -> str:
    r"""Let a wide space follow the text of every cell.

    Args:
        markdown: The page; one with room already stays as it is.

    Returns:
        The page, its text and the rules under headers unchanged.

    >>> print(with_room("in all | 3\n\n| a |  b |\n|---|---:|\n| x\\|y |  |"))
    in all | 3
    <BLANKLINE>
    | a&emsp; |  b&emsp; |
    |---|---:|
    | x\|y&emsp; |  |
    """
    return "\n".join(
        _CELL_END.sub(rf"{_ROOM}\1|", line) if line.startswith("|") and not _RULE.fullmatch(line) else line
        for line in without_room(markdown).split("\n")
    )


def without_room(markdown: str) -> str:
    """The page for a terminal, whose columns are set by blanks."""
    return markdown.replace(_ROOM, "")
