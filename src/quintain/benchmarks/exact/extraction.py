"""Content groups about generated data: fields of one record among others, and entries of a table that fit.

The generator knows the right values, so the checks are exact; what the other records say are the mistakes to be made.
"""

import json
import random
from dataclasses import dataclass

from quintain.benchmarks.exact.groups import Case, Group, nested
from quintain.records import Rule

_PEOPLE = ("Ada", "Bruno", "Celia", "Dario", "Edith", "Goran", "Hanna", "Ivo", "Jana", "Karl", "Lena", "Mara")
_TOWNS = ("Bern", "Oslo", "Porto", "Turin", "Gdansk", "Ghent", "Graz", "Lille", "Bergen", "Split", "Cork", "Malmo")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_COLOURS = ("red", "blue", "green", "yellow", "white", "black", "grey", "brown")


@dataclass(frozen=True)
class Sort:
    """A sort of record: how it is called, and for each field a sentence that states it, a question and its values."""

    name: str
    fields: dict[str, tuple[str, str, tuple[str, ...]]]


def _numbers(low: int, high: int, step: int = 1) -> tuple[str, ...]:
    return tuple(map(str, range(low, high, step)))


SORTS = (
    Sort(
        "parcel",
        {
            "Sender": ("{name} was sent by {value}.", "who sent it", _PEOPLE),
            "Town": ("{name} goes to {value}.", "the town it goes to", _TOWNS),
            "Weight": ("{name} weighs {value} grams.", "its weight in grams", _numbers(200, 1900, 50)),
            "Day": ("{name} was handed in on {value}.", "the weekday on which it was handed in", _DAYS),
            "Label": ("The label of {name} is {value}.", "the colour of its label", _COLOURS),
            "Postage": ("The postage of {name} was {value} coins.", "its postage in coins", _numbers(3, 40)),
        },
    ),
    Sort(
        "boat",
        {
            "Owner": ("{name} belongs to {value}.", "who owns it", _PEOPLE),
            "Port": ("The home port of {name} is {value}.", "its home port", _TOWNS),
            "Length": ("{name} is {value} feet long.", "its length in feet", _numbers(18, 60)),
            "Hull": ("{name} has a {value} hull.", "the colour of its hull", _COLOURS),
            "Berths": ("There are {value} berths on {name}.", "the number of its berths", _numbers(2, 15)),
            "Sails": ("{name} is next due to sail on {value}.", "the weekday on which it next sails", _DAYS),
        },
    ),
    Sort(
        "course",
        {
            "Teacher": ("{value} teaches {name}.", "who teaches it", _PEOPLE),
            "Day": ("{name} meets on {value}.", "the weekday on which it meets", _DAYS),
            "Fee": ("{name} costs {value} coins.", "what it costs, in coins", _numbers(20, 95, 5)),
            "Places": ("There are {value} places in {name}.", "the number of its places", _numbers(6, 31)),
            "Room": ("{name} is held in the {value} room.", "the colour of its room", _COLOURS),
            "Trip": ("{name} ends with a trip to {value}.", "the town to which its trip goes", _TOWNS),
        },
    ),
    Sort(
        "house",
        {
            "Tenant": ("{value} lives in {name}.", "who lives in it", _PEOPLE),
            "Door": ("The door of {name} is {value}.", "the colour of its door", _COLOURS),
            "Rent": (
                "The rent of {name} is {value} coins a month.",
                "its monthly rent in coins",
                _numbers(300, 900, 10),
            ),
            "Built": ("{name} was built in {value}.", "the year in which it was built", _numbers(1880, 2020)),
            "Bins": ("The bins of {name} are emptied on {value}.", "the weekday on which its bins are emptied", _DAYS),
            "Agent": ("The agent for {name} sits in {value}.", "the town in which its agent sits", _TOWNS),
        },
    ),
)


def extraction_group(rng: random.Random) -> Group:
    """Draw notes about four records and ask for fields of one of them.

    Args:
        rng: Source of the draws.

    Returns:
        The group; each level asks for one more field.
    """
    sort = rng.choice(SORTS)
    names = [
        f"{sort.name} {letter}{number}" for letter, number in zip("ABCD", rng.sample(range(10, 99), 4), strict=True)
    ]
    asked = rng.sample(list(sort.fields), 5)
    values = {field: rng.sample(choices, 4) for field, (_, _, choices) in sort.fields.items()}
    notes = [
        sentence.format(name=name, value=values[field][i])
        for i, name in enumerate(names)
        for field, (sentence, _, _) in sort.fields.items()
    ]
    rng.shuffle(notes)
    mine = rng.randrange(4)
    questions = [f'"{field}:" and {sort.fields[field][1]}' for field in asked]
    told = " ".join(note[0].upper() + note[1:] for note in notes)

    def instruction(level: int) -> str:
        return (
            f"These are notes about four {sort.name}s.\n\n{told}\n\nFor {names[mine]}, write {level} "
            f"line{'s' if level > 1 else ''} with a name and a value: {'; '.join(questions[:level])}."
        )

    def response(broken: int | None) -> str:
        return "\n".join(
            f"{field}: {values[field][(mine + 1) % 4 if i == broken else mine]}" for i, field in enumerate(asked)
        )

    return nested(
        "content",
        f"notes about {sort.name}s",
        tuple(map(instruction, range(1, 6))),
        tuple(Rule(kind="field", value=f"{field}|{values[field][mine]}") for field in asked),
        json.dumps({"words": 2}),
        [response(broken) for broken in (None, *range(5))],
    )


_TABLES = {
    "lamps": "Lumo Brill Halma Corva Sella Tondo Arno Vetra Ondel Prisma Kello Zinta",
    "tents": "Mistral Taiga Nomad Larix Dune Fjell Condor Yeti Sierra Tundra Boreal Kite",
    "bicycles": "Falco Rapid Luna Velora Condo Strada Mira Gipfel Tempo Nova Orbis Pico",
    "radios": "Echo Marconi Sonett Aria Tuba Klang Viola Forte Largo Opal Ravel Sonda",
    "kettles": "Vapor Pipo Tessa Brunn Calor Siedo Fons Matin Quell Rondo Thea Ubald",
}


def _predicates(rng: random.Random) -> list[tuple[str, int, frozenset[str]]]:
    """Five conditions: how each is asked for, its column, and which of the column's values meet it."""
    price, weight, year = rng.randrange(50, 75, 5), rng.randrange(800, 1300, 100), rng.randrange(2012, 2017)
    towns, colours = rng.sample(_TOWNS, 4), rng.sample(_COLOURS, 3)
    return [
        (f"cost at most {price} coins", 1, frozenset(map(str, range(20, price + 1)))),
        (f"weigh less than {weight} grams", 2, frozenset(map(str, range(500, weight)))),
        (f"were first sold in {year} or later", 3, frozenset(map(str, range(year, 2025)))),
        (f"come from {towns[0]}, {towns[1]}, {towns[2]} or {towns[3]}", 4, frozenset(towns)),
        (f"are {colours[0]}, {colours[1]} or {colours[2]}", 5, frozenset(colours)),
    ]


_COLUMNS = (_numbers(20, 100), _numbers(500, 1600, 50), _numbers(2005, 2025), _TOWNS, _COLOURS)


def selection_group(rng: random.Random) -> Group | None:
    """Draw a table of twelve products and ask which of them meet one to five conditions.

    Args:
        rng: Source of the draws.

    Returns:
        The group; None when a condition excludes nothing that the ones before let through.
    """
    kind, names = rng.choice([*_TABLES.items()])
    predicates = _predicates(rng)
    rng.shuffle(predicates)
    # Two entries meet everything, five fail one condition each, the others fail what chance has it.
    failing: list[set[int]] = [
        set(),
        set(),
        *({i} for i in range(5)),
        *(set(rng.sample(range(5), 2)) for _ in range(5)),
    ]
    rng.shuffle(failing)
    rows = []
    for name, fails in zip(rng.sample(names.split(), 12), failing, strict=True):
        row = [name, *[""] * 5]
        for i, (_, column, allowed) in enumerate(predicates):
            row[column] = rng.choice(
                [value for value in _COLUMNS[column - 1] if (value in allowed) is (i not in fails)]
            )
        rows.append(row)
    table = "\n".join("; ".join(row) for row in (["Name", "Price", "Weight", "Year", "Town", "Colour"], *rows))
    meeting = [frozenset(row[0] for row in rows if row[column] in values) for _, column, values in predicates]
    fits = [frozenset.intersection(*meeting[:level]) for level in range(1, 6)]
    if any(len(fits[level]) <= len(fits[level + 1]) for level in range(4)):
        return None
    order = [row[0] for row in rows]

    def case(level: int) -> Case:
        asked = "; ".join(condition for condition, _, _ in predicates[:level])
        conditions = f"meet {'this condition' if level == 1 else f'all of these {level} conditions'}: they {asked}"

        def response(names: frozenset[str]) -> str:
            return "Picked: " + ", ".join(name for name in order if name in names)

        extra = [next(row[0] for row, fails in zip(rows, failing, strict=True) if fails == {i}) for i in range(level)]
        return Case(
            instruction=f"These {kind} are for sale; prices are in coins, weights in grams.\n\n{table}\n\nFind all "
            f'that {conditions}. Write one line that starts with "Picked:" and gives their names, separated by commas.',
            rules=tuple(Rule(kind="picked", value="|".join(sorted(names))) for names in meeting[:level]),
            target=json.dumps({"picked": sorted(name.lower() for name in fits[level - 1])}),
            witness=response(fits[level - 1]),
            mutants=tuple(response(fits[level - 1] | {name}) for name in extra),
        )

    return Group("content", f"a table of {kind}", tuple(map(case, range(1, 6))))
