"""Read facts out of a page, exactly: the inverse of the sentence tables."""

import re

from quintain.almanac.phrasing import HEADS, KEYS, RELATIONS
from quintain.almanac.world import Facts

_NAME = r"[A-Z][a-z]+"
_VALUE = r"[A-Za-z0-9]+"


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"(\{s\}|\{v\})", sentence)
    groups = {"{s}": f"(?P<s>{_NAME})", "{v}": f"(?P<v>{_VALUE})"}
    return re.compile("".join(groups.get(part, re.escape(part)) for part in parts))


_STATEMENTS = [
    (name, _pattern(sentence))
    for relations in RELATIONS.values()
    for name, relation in relations.items()
    for sentence in relation.sentences
]
_HEADINGS = [(genre, _pattern(head)) for genre, heads in HEADS.items() for head in heads]
_LEDGER_LINES = {key: name for name, key in KEYS.items()}


def read_genre(text: str) -> tuple[str, str] | None:
    """Template and subject of a page from its title line; None when no title is there."""
    for line in text.split("\n"):
        for genre, pattern in _HEADINGS:
            if match := pattern.fullmatch(line.strip()):
                return genre, match["s"]
    return None


def read_facts(text: str) -> dict[str, Facts]:
    """All facts that a page states.

    Args:
        text: Main text of a page.

    Returns:
        Subject → relation → value.
    """
    found: dict[str, Facts] = {}
    for name, pattern in _STATEMENTS:
        for match in pattern.finditer(text):
            found.setdefault(match["s"], {})[name] = match["v"]
    title = read_genre(text)
    if title and title[0] == "ledger":
        for line in text.split("\n"):
            key, colon, value = line.strip().partition(": ")
            if colon and key in _LEDGER_LINES:
                found.setdefault(title[1], {})[_LEDGER_LINES[key]] = value
    return found
