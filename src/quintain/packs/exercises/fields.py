"""Exercises whose answers follow from the instruction and are lines of a name and a value: notes and situations."""

import random
import re
from collections.abc import Sequence
from functools import partial

from quintain.packs.exercises.exercise import Exercise
from quintain.packs.extraction import FIELD_TASK, extraction_group
from quintain.packs.groups import Case
from quintain.packs.situations import situation_group
from quintain.packs.stock import Notes, Sort, Stock
from quintain.packs.worlds.told import Telling, Told, read_world
from quintain.records import Rule

_FIELD = re.compile(r'"([^":]+):" and ')
_LINES = ("{name}: {value}", "{name}: {value}", "- {name}: {value}", "**{name}:** {value}")


def draw_notes(level: int, stock: Stock, rng: random.Random, sort: Sort | None = None) -> Exercise:
    """Draw notes about some records, all of one sort, with questions about one of them."""
    notes = stock.notes
    if sort is not None:
        notes = Notes((sort,), notes.records, notes.opening, notes.request)
    case = extraction_group(notes, rng).cases[level - 1]
    return _notes(case, stock)


def draw_situation(level: int, stock: Stock, rng: random.Random) -> Exercise | None:
    """Draw a small world with questions about it; None where the draw finds none in which every fact matters."""
    group = situation_group(stock.situations, rng)
    return None if group is None else _situation(group.cases[level - 1], stock)


def read_notes(text: str, stock: Stock) -> Exercise | None:
    """Read notes and what is asked about one record; None where the instruction is another."""
    notes, blocks = stock.notes, text.split("\n\n")
    for sort in notes.sorts:
        opening = notes.opening.format(count=("", "one", "two", "three", "four")[notes.records], sort=sort.name)
        if len(blocks) != 3 or blocks[0] != opening:
            continue
        name = re.search(rf"{sort.name} [A-D]\d\d", blocks[2])
        asked = _FIELD.findall(blocks[2])
        if name is None or not asked or not set(asked) <= sort.fields.keys():
            return None
        rules = tuple(
            Rule(kind="field", value=f"{each}|{_told(blocks[1], sort, name.group(), each)}") for each in asked
        )
        return _notes(Case(text, rules, FIELD_TASK, "", ()), stock)
    return None


def _told(told: str, sort: Sort, name: str, field: str) -> str:
    sentence, _, values = sort.fields[field]
    pattern = re.escape(sentence).replace(r"\{name\}", re.escape(name))
    match = re.search(pattern.replace(r"\{value\}", f"({'|'.join(map(re.escape, values))})"), told, re.IGNORECASE)
    if match is None:
        raise ValueError(f"the notes do not tell the {field} of {name}")
    return next(value for value in values if value.lower() == match.group(1).lower())


def read_situation(text: str, stock: Stock, tellings: Sequence[tuple[type[Told], Telling]]) -> Exercise | None:
    """Read a small world and what is asked about it; None where the instruction is another."""
    facts = text.removesuffix(f" {stock.situations.closing}")
    for plot, telling in tellings:
        if found := read_world(plot, telling, facts):
            world, level = found
            rules = tuple(Rule(kind="field", value=f"{name}|{right}") for name, right in world.fields(level))
            return _situation(Case(text, rules, FIELD_TASK, "", ()), stock)
    return None


def _notes(case: Case, stock: Stock) -> Exercise:
    sort = next(sort for sort in stock.notes.sorts if sort.name in case.instruction.split("\n\n")[0].split("s.")[0])
    return Exercise(
        case.instruction,
        case.rules,
        case.target,
        partial(write_fields, case.rules),
        lambda rng: draw_notes(len(case.rules), stock, rng, sort),
    )


def _situation(case: Case, stock: Stock) -> Exercise:
    names = [rule.value.partition("|")[0] for rule in case.rules]

    def vary(rng: random.Random) -> Exercise | None:
        drawn = (draw_situation(len(names), stock, rng) for _ in range(50))
        return next((each for each in drawn if each and [r.value.partition("|")[0] for r in each.rules] == names), None)

    return Exercise(case.instruction, case.rules, case.target, partial(write_fields, case.rules), vary)


def write_fields(rules: Sequence[Rule], rng: random.Random) -> str:
    """Write the right value of every field, a line each."""
    line = rng.choice(_LINES)
    pairs = (rule.value.split("|") for rule in rules)
    return "\n".join(line.format(name=name, value=value) for name, value in pairs)
