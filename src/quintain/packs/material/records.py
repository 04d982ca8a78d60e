"""Records and tables of the evaluation packs."""

from quintain.packs.stock import Column, Notes, Sort, Tables

_PEOPLE = ("Ada", "Bruno", "Celia", "Dario", "Edith", "Goran", "Hanna", "Ivo", "Jana", "Karl", "Lena", "Mara")
_TOWNS = ("Bern", "Oslo", "Porto", "Turin", "Gdansk", "Ghent", "Graz", "Lille", "Bergen", "Split", "Cork", "Malmo")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_COLOURS = ("red", "blue", "green", "yellow", "white", "black", "grey", "brown")


def numbers(low: int, high: int, step: int = 1) -> tuple[str, ...]:
    """Numbers of a range, as they are written."""
    return tuple(map(str, range(low, high, step)))


_SORTS = (
    Sort(
        "parcel",
        {
            "Sender": ("{name} was sent by {value}.", "who sent it", _PEOPLE),
            "Town": ("{name} goes to {value}.", "the town it goes to", _TOWNS),
            "Weight": ("{name} weighs {value} grams.", "its weight in grams", numbers(200, 1900, 50)),
            "Day": ("{name} was handed in on {value}.", "the weekday on which it was handed in", _DAYS),
            "Label": ("The label of {name} is {value}.", "the colour of its label", _COLOURS),
            "Postage": ("The postage of {name} was {value} coins.", "its postage in coins", numbers(3, 40)),
        },
    ),
    Sort(
        "boat",
        {
            "Owner": ("{name} belongs to {value}.", "who owns it", _PEOPLE),
            "Port": ("The home port of {name} is {value}.", "its home port", _TOWNS),
            "Length": ("{name} is {value} feet long.", "its length in feet", numbers(18, 60)),
            "Hull": ("{name} has a {value} hull.", "the colour of its hull", _COLOURS),
            "Berths": ("There are {value} berths on {name}.", "the number of its berths", numbers(2, 15)),
            "Sails": ("{name} is next due to sail on {value}.", "the weekday on which it next sails", _DAYS),
        },
    ),
    Sort(
        "course",
        {
            "Teacher": ("{value} teaches {name}.", "who teaches it", _PEOPLE),
            "Day": ("{name} meets on {value}.", "the weekday on which it meets", _DAYS),
            "Fee": ("{name} costs {value} coins.", "what it costs, in coins", numbers(20, 95, 5)),
            "Places": ("There are {value} places in {name}.", "the number of its places", numbers(6, 31)),
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
                numbers(300, 900, 10),
            ),
            "Built": ("{name} was built in {value}.", "the year in which it was built", numbers(1880, 2020)),
            "Bins": ("The bins of {name} are emptied on {value}.", "the weekday on which its bins are emptied", _DAYS),
            "Agent": ("The agent for {name} sits in {value}.", "the town in which its agent sits", _TOWNS),
        },
    ),
)

_OPENING = "These are notes about {count} {sort}s."
_REQUEST = "For {name}, write {lines} line{plural} with a name and a value: {questions}."
NOTES = Notes(_SORTS, 4, _OPENING, _REQUEST)
"""Notes of `core` and `extended`."""
SHORT_NOTES = Notes(_SORTS, 2, _OPENING, _REQUEST)
"""Notes of `starter`."""

_PRODUCTS = {
    kind: tuple(names.split())
    for kind, names in {
        "lamps": "Lumo Brill Halma Corva Sella Tondo Arno Vetra Ondel Prisma Kello Zinta",
        "tents": "Mistral Taiga Nomad Larix Dune Fjell Condor Yeti Sierra Tundra Boreal Kite",
        "bicycles": "Falco Rapid Luna Velora Condo Strada Mira Gipfel Tempo Nova Orbis Pico",
        "radios": "Echo Marconi Sonett Aria Tuba Klang Viola Forte Largo Opal Ravel Sonda",
        "kettles": "Vapor Pipo Tessa Brunn Calor Siedo Fons Matin Quell Rondo Thea Ubald",
    }.items()
}


def _tables(others: int) -> Tables:
    return Tables(
        products=_PRODUCTS,
        heading="Name",
        columns=(
            Column("Price", numbers(20, 100), "cost at most {0} coins", bounds=(50, 75, 5)),
            Column(
                "Weight", numbers(500, 1600, 50), "weigh less than {0} grams", bounds=(800, 1300, 100), inclusive=False
            ),
            Column(
                "Year", numbers(2005, 2025), "were first sold in {0} or later", bounds=(2012, 2017, 1), at_least=True
            ),
            Column("Town", _TOWNS, "come from {0}, {1}, {2} or {3}", listed=4),
            Column("Colour", _COLOURS, "are {0}, {1} or {2}", listed=3),
        ),
        others=others,
        opening="These {kind} are for sale; prices are in coins, weights in grams.",
        request='Find all that {conditions}. Write one line that starts with "Picked:" and gives their names, '
        "separated by commas.",
        one="meet this condition:",
        several="meet all of these {count} conditions:",
    )


TABLES = _tables(others=5)
"""Tables of `core` and `extended`."""
SHORT_TABLES = _tables(others=1)
"""Tables of `starter`."""
