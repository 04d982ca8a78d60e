"""Rules and base tasks in words, and back: an instruction says them, and a reader finds them in it again."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from quintain.packs.stock import Stock, Topic
from quintain.records import Rule

MARKS = {",": "commas", ";": "semicolons", "!": "exclamation marks", "?": "question marks", ":": "colons"}
_ENDS = {"!": "an exclamation mark", "?": "a question mark"}
_TIMES = {"1": "once", "2": "twice"}
_NTH = {"1": "first", "2": "second", "3": "third"}
_NAME = re.compile(r'"([^"]+)"')
_SLOT = re.compile(r"\{(\d)\}")

Said = Mapping[str, str] | None
"""Value of a rule → how it is said; None where it is said as it is."""


def _said(kind: str, stock: Stock) -> tuple[Said, ...]:
    """Wordings of the values of a rule, one by one; those beyond are said as they are."""
    return {
        "at_most": (_TIMES,),
        "in_paragraph": (_NTH,),
        "case": (stock.cases,),
        "without": (MARKS,),
        "sentence_end": (_ENDS,),
        "first_letter": ({letter: letter.upper() for letter in stock.openers},),
        "heading": ({str(depth): "#" * depth for depth in range(1, 7)},),
        "grid_columns": (stock.syntaxes,),
    }.get(kind, ())


def ask(rule: Rule, stock: Stock, rng: random.Random) -> str:
    """Say a rule as a user would."""
    values = rule.value.split("|")
    said = _said(rule.kind, stock)
    filled = [said[i][value] if i < len(said) and said[i] else value for i, value in enumerate(values)]  # type: ignore[index]
    if rule.kind == "json_keys":
        filled = [_enumerate(values)]
    if rule.kind == "grid_columns":
        filled = [filled[0], _enumerate(values[1:])]
    return rng.choice(stock.wordings[rule.kind]).format(*filled)


def ask_base(name: str, stock: Stock, rng: random.Random) -> str:
    """Ask for a text about a topic, at least so many words."""
    return rng.choice(stock.bases).format(name=name, least=stock.least_words)


def _enumerate(names: Sequence[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def read_base(text: str, bases: Sequence[str], stock: Stock) -> tuple[Topic, str] | None:
    """Read back what a text is asked to be about.

    Args:
        text: An instruction.
        bases: How this kind of text is asked for.
        stock: The stock that it was drawn from.

    Returns:
        The topic and the rest of the instruction; None where it does not begin in one of these ways.
    """
    topics = {topic.name: topic for topic in stock.topics}
    for base in bases:
        pattern = re.escape(base).replace(r"\{name\}", "(?P<name>.+?)").replace(r"\{least\}", str(stock.least_words))
        match = re.match(pattern + r"(?: |$)", text)
        if match and match["name"] in topics:
            return topics[match["name"]], text[match.end() :]
    return None


def read_rules(text: str, stock: Stock) -> tuple[Rule, ...]:
    """Read back the rules that a text says one after the other.

    Args:
        text: What follows the base task in an instruction.
        stock: The stock that it was drawn from.

    Returns:
        The rules in their order.

    Raises:
        ValueError: Part of the text is none of the stock's wordings.
    """
    found: list[Rule] = []
    rest = text.strip()
    while rest:
        matches = [(kind, match) for kind, pattern in _patterns(stock) if (match := pattern.match(rest))]
        if not matches:
            raise ValueError(f"no rule of the training items is said by {rest[:60]!r}")
        # One wording may begin as another one does; the longest is meant.
        kind, match = max(matches, key=lambda each: each[1].end())
        values = [*_values(kind, match, stock)]
        if kind.startswith("grid_") and found:
            values.insert(0, found[0].value.partition("|")[0])  # the syntax is said once, with the columns
        found.append(Rule(kind=kind, value="|".join(values)))
        rest = rest[match.end() :].lstrip()
    return tuple(found)


def _values(kind: str, match: re.Match[str], stock: Stock) -> Iterator[str]:
    said = _said(kind, stock)
    for slot in sorted(int(name[1:]) for name in match.groupdict()):
        text = match[f"v{slot}"]
        if kind == "json_keys" or (kind == "grid_columns" and slot == 1):
            yield from _NAME.findall(text)
        elif slot < len(said) and (way := said[slot]):
            yield next(value for value, words in way.items() if words == text)
        else:
            yield text


@cache
def _patterns(stock: Stock) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Pattern of every wording of every rule."""
    return tuple(
        (kind, _pattern(kind, wording, stock)) for kind, wordings in stock.wordings.items() for wording in wordings
    )


def _pattern(kind: str, wording: str, stock: Stock) -> re.Pattern[str]:
    pattern = re.escape(wording)
    for slot in sorted({int(slot) for slot in _SLOT.findall(wording)}):
        # What a wording says twice must be the same both times.
        first, again = f"(?P<v{slot}>{_form(kind, slot, stock)})", f"(?P=v{slot})"
        pattern = pattern.replace(rf"\{{{slot}\}}", first, 1).replace(rf"\{{{slot}\}}", again)
    return re.compile(pattern + r"(?= |$)")


def _form(kind: str, slot: int, stock: Stock) -> str:
    said = _said(kind, stock)
    if kind == "json_keys" or (kind == "grid_columns" and slot == 1):
        return r'"[^"]+"(?:, "[^"]+")* and "[^"]+"'
    if kind in ("first_line", "last_line"):
        return "|".join(map(re.escape, stock.lines))
    if slot < len(said) and (way := said[slot]):
        return "|".join(re.escape(words) for words in sorted(way.values(), key=len, reverse=True))
    return r"\w[\w'-]*"
