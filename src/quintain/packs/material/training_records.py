"""Records and tables of the training items."""

from quintain.packs.material.records import numbers
from quintain.packs.stock import Column, Notes, Sort, Tables

PEOPLE = ("Amira", "Bjarne", "Chiara", "Duncan", "Elif", "Farid", "Greta", "Hiro", "Imke", "Joris", "Kofi", "Lucia")
PLACES = ("Tromso", "Lucerne", "Seville", "Antwerp", "Krakow", "Bologna", "Leipzig", "Bruges", "Zagreb", "Toledo")
MATERIALS = ("oak", "pine", "brass", "linen", "bamboo", "granite", "leather", "pewter", "birch", "ceramic")
FEASTS = ("Easter", "Diwali", "Carnival", "Thanksgiving", "Ramadan", "Advent")
_SORTS = (
    Sort(
        "painting",
        {
            "Artist": ("{value} made {name}.", "the person who made it", PEOPLE),
            "Museum": ("{name} hangs in a museum at {value}.", "the place whose museum shows it", PLACES),
            "Width": ("{name} is {value} inches wide.", "its width in inches", numbers(12, 90)),
            "Frame": ("Somebody framed {name} in {value}.", "the material of the frame", MATERIALS),
            "Insured": (
                "{name} is insured for {value} dollars.",
                "the dollars it is insured for",
                numbers(500, 9000, 50),
            ),
            "Shown": ("{name} is next exhibited at {value}.", "the feast of its next exhibition", FEASTS),
        },
    ),
    Sort(
        "horse",
        {
            "Rider": ("{value} rides {name}.", "the person who rides it", PEOPLE),
            "Stable": ("{name} lives in a stable outside {value}.", "the place outside which it lives", PLACES),
            "Height": ("{name} measures {value} centimetres.", "its height in centimetres", numbers(130, 190)),
            "Bridle": ("The bridle of {name} has a buckle made of {value}.", "the material of its buckle", MATERIALS),
            "Races": ("So far {name} took part in {value} races.", "how many races it took part in", numbers(2, 60)),
            "Foaled": ("{name} was foaled at {value}.", "the feast when it was foaled", FEASTS),
        },
    ),
    Sort(
        "cabin",
        {
            "Guest": ("At present {value} stays in {name}.", "the person who stays there", PEOPLE),
            "Nearest": ("From {name} the closest city is {value}.", "the city closest to it", PLACES),
            "Beds": ("{name} sleeps {value} people.", "how many people it sleeps", numbers(2, 25)),
            "Walls": ("The walls of {name} are panelled with {value}.", "the material of its walls", MATERIALS),
            "Nightly": (
                "An overnight stay in {name} is charged at {value} dollars.",
                "the dollars for an overnight stay",
                numbers(40, 300, 5),
            ),
            "Closed": ("{name} shuts down at {value}.", "the feast when it shuts down", FEASTS),
        },
    ),
)
_OPENING = "Read what was jotted down on {count} {sort}s."
_REQUEST = (
    "Report on {name}: {lines} line{plural}, each holding a caption, a colon, and what belongs to it: {questions}."
)
TRAINING_NOTES = Notes(_SORTS, 4, _OPENING, _REQUEST)
EASY_TRAINING_NOTES = Notes(_SORTS, 2, _OPENING, _REQUEST)

_PRODUCTS = {
    kind: tuple(names.split())
    for kind, names in {
        "watches": "Aurel Bexa Cirrus Delmo Evoca Fintan Gaia Heron Isolde Juno Kestrel Lyra",
        "carpets": "Mashad Nain Ostra Palmyra Qashqai Rhea Samark Tabriz Usak Varamin Wilton Yazd",
        "guitars": "Alba Bolero Cadenza Dolce Etude Fandango Gitana Havana Idyll Jota Kyrie Lento",
        "drones": "Swift Osprey Merlin Harrier Gannet Plover Curlew Petrel Skua Fulmar Avocet Linnet",
    }.items()
}


def _tables(others: int) -> Tables:
    return Tables(
        products=_PRODUCTS,
        heading="Model",
        columns=(
            Column("Dollars", numbers(100, 400, 5), "retail at no more than {0} dollars", bounds=(220, 300, 20)),
            Column("Depth", numbers(10, 60), "measure under {0} inches", bounds=(28, 42, 2), inclusive=False),
            Column(
                "Guarantee",
                numbers(1, 13),
                "carry a guarantee of {0} months or longer",
                bounds=(5, 8, 1),
                at_least=True,
            ),
            Column("Maker", PLACES, "were manufactured in {0}, {1}, {2} or {3}", listed=4),
            Column("Finish", MATERIALS, "have {0}, {1} or {2} as their finish", listed=3),
        ),
        others=others,
        opening="A dealer offers the {kind} below (dollars, inches, months).",
        request='Which ones qualify? They have to {conditions}. Reply by one single line: "Picked:", then all matching '
        "models with commas in between.",
        one="satisfy one demand, namely",
        several="satisfy {count} demands at once, namely",
        joint="that they {asked}",
    )


TRAINING_TABLES = _tables(others=5)
EASY_TRAINING_TABLES = _tables(others=1)
