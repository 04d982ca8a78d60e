"""Exercises about a table of products: which of them meet one to five conditions."""

import random
import re
from collections.abc import Sequence
from functools import partial

from quintain.packs.exercises.exercise import Exercise
from quintain.packs.extraction import selection_group, selection_task, write_selection
from quintain.packs.groups import Case
from quintain.packs.stock import Column, Stock, Tables
from quintain.records import Rule


def draw_selection(level: int, stock: Stock, rng: random.Random) -> Exercise | None:
    """Draw a table and conditions; None where a condition excludes nothing that the ones before let through."""
    group = selection_group(stock.tables, rng)
    return None if group is None else _exercise(group.cases[level - 1], stock)


def read_selection(text: str, stock: Stock) -> Exercise | None:
    """Read a table and conditions; None where the instruction is another."""
    tables, blocks = stock.tables, text.split("\n\n")
    kind = next((kind for kind in tables.products if blocks[0] == tables.opening.format(kind=kind)), None)
    if kind is None or len(blocks) != 3:
        return None
    rows = [line.split("; ") for line in blocks[1].split("\n")[1:]]
    conditions = _conditions(blocks[2], tables)
    if text != write_selection(tables, kind, rows, [said for said, _, _ in conditions]):
        raise ValueError(f"the conditions of this table are none of the training items: {blocks[2][:80]!r}")
    meeting = [frozenset(row[0] for row in rows if row[place] in allowed) for _, place, allowed in conditions]
    return _exercise(
        Case(
            instruction=text,
            rules=tuple(Rule(kind="picked", value="|".join(sorted(names))) for names in meeting),
            target=selection_task(frozenset.intersection(*meeting)),
            witness="",
            mutants=(),
        ),
        stock,
    )


def _conditions(request: str, tables: Tables) -> list[tuple[str, int, frozenset[str]]]:
    """Conditions as they are said, the column of each, and the values that meet it, in their order."""
    found = []
    for place, column in enumerate(tables.columns, 1):
        if match := re.search(_pattern(column), request):
            values = match.groups()
            allowed = frozenset(values) if column.bounds is None else column.meeting(int(values[0]))
            found.append((match.start(), match.group(), place, allowed))
    if not found:
        raise ValueError(f"no condition of the training items is said by {request[:60]!r}")
    return [(said, place, allowed) for _, said, place, allowed in sorted(found, key=lambda each: each[0])]


def _pattern(column: Column) -> str:
    form = r"(\d+)" if column.bounds else f"({'|'.join(map(re.escape, column.values))})"
    return re.sub(r"\\\{\d\\\}", lambda _: form, re.escape(column.condition))


def _exercise(case: Case, stock: Stock) -> Exercise:
    names = _picked(case)
    return Exercise(
        case.instruction,
        case.rules,
        case.target,
        partial(write_picked, names),
        lambda rng: draw_selection(len(case.rules), stock, rng),
    )


def _picked(case: Case) -> list[str]:
    """Names that meet all conditions, as they are written, in alphabetical order."""
    return sorted(frozenset.intersection(*(frozenset(rule.value.split("|")) for rule in case.rules)))


def write_picked(names: Sequence[str], rng: random.Random) -> str:
    """Write the line with the names, in any order."""
    drawn = rng.sample(names, len(names))
    joined = ", ".join(drawn)
    if len(drawn) > 1 and rng.random() < 0.3:
        joined = f"{', '.join(drawn[:-1])} and {drawn[-1]}"
    return f"Picked: {joined}{rng.choice(('', '.'))}"
