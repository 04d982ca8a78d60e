"""Content groups about generated data: fields of one record among others, and entries of a table that fit.

The generator knows the right values, so the checks are exact; what the other records say are the mistakes to be made.
"""

import json
import random
from collections.abc import Sequence

from quintain.packs.groups import Case, Group, nested
from quintain.packs.stock import Notes, Tables
from quintain.records import Rule

FIELD_TASK = json.dumps({"words": 2})
"""What a response of lines with a name and a value must do before any rule."""


def extraction_group(notes: Notes, rng: random.Random) -> Group:
    """Draw notes about some records and ask for fields of one of them.

    Args:
        notes: What they are drawn from.
        rng: Source of the draws.

    Returns:
        The group; each level asks for one more field.
    """
    sort = rng.choice(notes.sorts)
    numbers = rng.sample(range(10, 99), notes.records)
    names = [f"{sort.name} {letter}{number}" for letter, number in zip("ABCD", numbers, strict=False)]
    asked = rng.sample(list(sort.fields), 5)
    values = {field: rng.sample(choices, notes.records) for field, (_, _, choices) in sort.fields.items()}
    told = [
        sentence.format(name=name, value=values[field][i])
        for i, name in enumerate(names)
        for field, (sentence, _, _) in sort.fields.items()
    ]
    rng.shuffle(told)
    mine = rng.randrange(notes.records)
    questions = [f'"{field}:" and {sort.fields[field][1]}' for field in asked]

    def response(broken: int | None) -> str:
        return "\n".join(
            f"{field}: {values[field][(mine + 1) % notes.records if i == broken else mine]}"
            for i, field in enumerate(asked)
        )

    return nested(
        "content",
        f"notes about {sort.name}s",
        tuple(write_notes(notes, sort.name, told, names[mine], questions[:level]) for level in range(1, 6)),
        tuple(Rule(kind="field", value=f"{field}|{values[field][mine]}") for field in asked),
        FIELD_TASK,
        [response(broken) for broken in (None, *range(5))],
    )


def write_notes(notes: Notes, sort: str, told: Sequence[str], name: str, questions: Sequence[str]) -> str:
    """Write notes and what is asked about one record."""
    level = len(questions)
    opening = notes.opening.format(count=("", "one", "two", "three", "four")[notes.records], sort=sort)
    request = notes.request.format(
        name=name, lines=level, plural="s" if level > 1 else "", questions="; ".join(questions)
    )
    return f"{opening}\n\n{' '.join(note[0].upper() + note[1:] for note in told)}\n\n{request}"


def selection_group(tables: Tables, rng: random.Random) -> Group | None:
    """Draw a table of products and ask which of them meet one to five conditions.

    Args:
        tables: What they are drawn from.
        rng: Source of the draws.

    Returns:
        The group; None when a condition excludes nothing that the ones before let through.
    """
    kind, names = rng.choice([*tables.products.items()])
    predicates = [(*column.draw(rng), place) for place, column in enumerate(tables.columns, 1)]
    rng.shuffle(predicates)
    # Two entries meet everything, five fail one condition each, the others fail what chance has it.
    failing: list[set[int]] = [
        set(),
        set(),
        *({i} for i in range(5)),
        *(set(rng.sample(range(5), 2)) for _ in range(tables.others)),
    ]
    rng.shuffle(failing)
    rows = []
    for name, fails in zip(rng.sample(names, len(failing)), failing, strict=True):
        row = [name, *[""] * 5]
        for i, (_, allowed, column) in enumerate(predicates):
            row[column] = rng.choice(
                [value for value in tables.columns[column - 1].values if (value in allowed) is (i not in fails)]
            )
        rows.append(row)
    meeting = [frozenset(row[0] for row in rows if row[column] in allowed) for _, allowed, column in predicates]
    fits = [frozenset.intersection(*meeting[:level]) for level in range(1, 6)]
    if any(len(fits[level]) <= len(fits[level + 1]) for level in range(4)):
        return None
    order = [row[0] for row in rows]

    def case(level: int) -> Case:
        def response(names: frozenset[str]) -> str:
            return "Picked: " + ", ".join(name for name in order if name in names)

        extra = [next(row[0] for row, fails in zip(rows, failing, strict=True) if fails == {i}) for i in range(level)]
        return Case(
            instruction=write_selection(tables, kind, rows, [condition for condition, _, _ in predicates[:level]]),
            rules=tuple(Rule(kind="picked", value="|".join(sorted(names))) for names in meeting[:level]),
            target=selection_task(fits[level - 1]),
            witness=response(fits[level - 1]),
            mutants=tuple(response(fits[level - 1] | {name}) for name in extra),
        )

    return Group("content", f"a table of {kind}", tuple(map(case, range(1, 6))))


def selection_task(fitting: frozenset[str]) -> str:
    """Base task of a selection, for `base_task_done`: it names all that fit."""
    return json.dumps({"picked": sorted(name.lower() for name in fitting)})


def write_selection(tables: Tables, kind: str, rows: Sequence[Sequence[str]], conditions: Sequence[str]) -> str:
    """Write a table and which of its entries are asked for."""
    header = (tables.heading, *(column.name for column in tables.columns))
    table = "\n".join("; ".join(row) for row in (header, *rows))
    introduced = tables.one if len(conditions) == 1 else tables.several.format(count=len(conditions))
    asked = f"{introduced} {tables.joint.format(asked='; '.join(conditions))}"
    return f"{tables.opening.format(kind=kind)}\n\n{table}\n\n{tables.request.format(conditions=asked)}"
