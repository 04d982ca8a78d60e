"""Subject matter of invented edits: relations in English, and real things that they lead to.

The second hop of a question is common knowledge: the capital of a country, the young of an animal.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pool:
    """Real things that a relation may lead to, and what everybody knows of them."""

    facts: dict[str, tuple[str, ...]]
    """Thing → what its `seconds` and `questions` ask for, in that order."""
    hops: tuple[str, ...]
    """Questions about the thing through a relation, with `{r}` for a phrase that stands for the thing."""
    questions: tuple[str, ...]
    """The same questions about the thing itself, with `{t}`."""


@dataclass(frozen=True)
class Relation:
    """A relation of a kind of subject, with `{s}` for the subject and `{t}` for the target."""

    noun: str
    pool: str
    prompt: str
    """Beginning of a sentence that the target completes."""
    rephrased: str
    """A question that is kept for probing."""
    paraphrases: tuple[str, str]
    """Questions that come with the edit."""
    phrase: str
    """Stands for the target in a question two hops away."""
    backward: tuple[str, str]
    """Asks for the subject: the first comes with the edit, the second is kept for probing."""


def _table(text: str) -> dict[str, tuple[str, ...]]:
    rows = (line.split("; ") for line in text.strip().split("\n"))
    return {thing.strip(): tuple(facts) for thing, *facts in rows}


POOLS = {
    "country": Pool(
        _table("""
            Peru; Lima; South America
            Chile; Santiago; South America
            Ecuador; Quito; South America
            Uruguay; Montevideo; South America
            Venezuela; Caracas; South America
            Colombia; Bogotá; South America
            Canada; Ottawa; North America
            Mexico; Mexico City; North America
            Cuba; Havana; North America
            Norway; Oslo; Europe
            Sweden; Stockholm; Europe
            Finland; Helsinki; Europe
            Denmark; Copenhagen; Europe
            Poland; Warsaw; Europe
            Hungary; Budapest; Europe
            Austria; Vienna; Europe
            Portugal; Lisbon; Europe
            Greece; Athens; Europe
            Ireland; Dublin; Europe
            Italy; Rome; Europe
            Romania; Bucharest; Europe
            Iceland; Reykjavik; Europe
            Kenya; Nairobi; Africa
            Ghana; Accra; Africa
            Senegal; Dakar; Africa
            Zambia; Lusaka; Africa
            Uganda; Kampala; Africa
            Morocco; Rabat; Africa
            Tunisia; Tunis; Africa
            Namibia; Windhoek; Africa
            Japan; Tokyo; Asia
            Thailand; Bangkok; Asia
            Vietnam; Hanoi; Asia
            Nepal; Kathmandu; Asia
            Mongolia; Ulaanbaatar; Asia
            Jordan; Amman; Asia
        """),
        ("What is the capital of {r}?", "On which continent is {r}?"),
        ("What is the capital of {t}?", "On which continent is {t}?"),
    ),
    "animal": Pool(
        _table("""
            dog; puppy
            cat; kitten
            cow; calf
            horse; foal
            sheep; lamb
            goat; kid
            bear; cub
            lion; cub
            duck; duckling
            goose; gosling
            swan; cygnet
            hen; chick
            deer; fawn
            kangaroo; joey
            frog; tadpole
            hare; leveret
        """),
        ("What is the young of {r} called?",),
        ("What is the young of a {t} called?",),
    ),
    "metal": Pool(
        _table("""
            gold; Au
            silver; Ag
            copper; Cu
            iron; Fe
            lead; Pb
            tin; Sn
            zinc; Zn
            nickel; Ni
            aluminium; Al
            platinum; Pt
            titanium; Ti
            chromium; Cr
            cobalt; Co
            tungsten; W
            lithium; Li
            magnesium; Mg
        """),
        ("What is the chemical symbol of {r}?",),
        ("What is the chemical symbol of {t}?",),
    ),
    "month": Pool(
        _table("""
            January; February
            February; March
            March; April
            April; May
            May; June
            June; July
            July; August
            August; September
            September; October
            October; November
            November; December
            December; January
        """),
        ("Which month comes after {r}?",),
        ("Which month comes after {t}?",),
    ),
    "instrument": Pool(
        _table("""
            violin; strings
            viola; strings
            cello; strings
            double bass; strings
            trumpet; brass
            trombone; brass
            tuba; brass
            French horn; brass
            flute; woodwind
            clarinet; woodwind
            oboe; woodwind
            bassoon; woodwind
            timpani; percussion
            xylophone; percussion
        """),
        ("To which family of the orchestra does {r} belong?",),
        ("To which family of the orchestra does the {t} belong?",),
    ),
    "shape": Pool(
        _table("""
            triangle; three
            square; four
            pentagon; five
            hexagon; six
            heptagon; seven
            nonagon; nine
            decagon; ten
        """),
        ("How many sides does {r} have?",),
        ("How many sides does a {t} have?",),
    ),
}
RELATIONS = {
    "person": (
        Relation(
            "country of citizenship",
            "country",
            "{s} is a citizen of",
            "Which country is {s} a citizen of?",
            ("What is the country of citizenship of {s}?", "The country of citizenship of {s} is"),
            "the country of which {s} is a citizen",
            ("Which person is a citizen of {t}?", "Who is a citizen of {t}?"),
        ),
        Relation(
            "instrument",
            "instrument",
            "The instrument that {s} plays is the",
            "Which instrument does {s} play?",
            ("What instrument is played by {s}?", "In the orchestra {s} plays the"),
            "the instrument that {s} plays",
            ("Which person plays the {t}?", "Who plays the {t}?"),
        ),
        Relation(
            "pet",
            "animal",
            "The pet that {s} keeps is a",
            "What animal does {s} keep as a pet?",
            ("Which animal is the pet of {s}?", "As a pet {s} keeps a"),
            "the animal that {s} keeps as a pet",
            ("Which person keeps a {t} as a pet?", "Who keeps a {t} as a pet?"),
        ),
        Relation(
            "month of birth",
            "month",
            "{s} was born in the month of",
            "In which month was {s} born?",
            ("What is the month of birth of {s}?", "The month in which {s} was born is"),
            "the month in which {s} was born",
            ("Which person was born in {t}?", "Who was born in {t}?"),
        ),
    ),
    "company": (
        Relation(
            "country of headquarters",
            "country",
            "The headquarters of {s} are in",
            "In which country does {s} have its headquarters?",
            ("Where are the headquarters of {s}?", "The country where {s} has its headquarters is"),
            "the country where {s} has its headquarters",
            ("Which company has its headquarters in {t}?", "What company is headquartered in {t}?"),
        ),
        Relation(
            "metal traded",
            "metal",
            "The metal that {s} trades in is",
            "Which metal does {s} trade in?",
            ("What metal is traded by {s}?", "As a trader of metal {s} deals in"),
            "the metal that {s} trades in",
            ("Which company trades in {t}?", "What company is a trader in {t}?"),
        ),
        Relation(
            "mascot",
            "animal",
            "The mascot of {s} is a",
            "Which animal is the mascot of {s}?",
            ("What mascot does {s} have?", "As its mascot {s} has a"),
            "the animal that is the mascot of {s}",
            ("Which company has a {t} as its mascot?", "What company uses a {t} as its mascot?"),
        ),
        Relation(
            "start of the business year",
            "month",
            "The business year of {s} begins in",
            "In which month does the business year of {s} begin?",
            ("When does the business year of {s} begin?", "The month in which {s} begins its business year is"),
            "the month in which the business year of {s} begins",
            ("Which company begins its business year in {t}?", "What company has a business year that begins in {t}?"),
        ),
    ),
    "place": (
        Relation(
            "country",
            "country",
            "The town of {s} lies in the country of",
            "In which country does the town of {s} lie?",
            ("What country is {s} in?", "The country in which {s} lies is"),
            "the country in which {s} lies",
            ("Which town lies in the country of {t}?", "The town that lies in the country of {t} is called"),
        ),
        Relation(
            "animal on the coat of arms",
            "animal",
            "The coat of arms of {s} shows a",
            "Which animal does the coat of arms of {s} show?",
            ("What animal is shown on the coat of arms of {s}?", "On its coat of arms {s} has a"),
            "the animal on the coat of arms of {s}",
            ("Which town shows a {t} on its coat of arms?", "The town that shows a {t} on its coat of arms is called"),
        ),
        Relation(
            "metal mined",
            "metal",
            "The metal mined at {s} is",
            "Which metal is mined at {s}?",
            ("What metal do the mines of {s} yield?", "The mines of {s} yield the metal"),
            "the metal that is mined at {s}",
            ("At which town is {t} mined?", "The town where {t} is mined is called"),
        ),
        Relation(
            "month of the festival",
            "month",
            "The yearly festival of {s} is held in",
            "In which month is the yearly festival of {s} held?",
            ("When does {s} hold its yearly festival?", "The month in which {s} holds its festival is"),
            "the month in which {s} holds its festival",
            ("Which town has its festival in {t}?", "The town that has its yearly festival in {t} is"),
        ),
    ),
    "device": (
        Relation(
            "country of manufacture",
            "country",
            "The device {s} is manufactured in",
            "In which country is the device {s} manufactured?",
            ("Where is {s} manufactured?", "The country that manufactures {s} is"),
            "the country in which {s} is manufactured",
            ("Which device is manufactured in {t}?", "The device that is manufactured in {t} is called"),
        ),
        Relation(
            "metal of the casing",
            "metal",
            "The metal casing of {s} consists of",
            "Which metal does the casing of {s} consist of?",
            ("What metal is the casing of {s} made from?", "The casing of {s} is made from the metal"),
            "the metal of the casing of {s}",
            ("Which device has a casing of {t}?", "The device that has a casing of {t} is called"),
        ),
        Relation(
            "shape of the display",
            "shape",
            "The display of {s} has the shape of a",
            "Which shape does the display of {s} have?",
            ("What is the shape of the display of {s}?", "In its shape the display of {s} is a"),
            "the shape of the display of {s}",
            ("Which device has a display in the shape of a {t}?", "What device has the shape of a {t} as its display?"),
        ),
        Relation(
            "month of the first sale",
            "month",
            "The month when {s} was first sold is",
            "In which month was {s} first sold?",
            ("When was {s} first sold?", "{s} was first sold in the month of"),
            "the month in which {s} was first sold",
            ("Which device was first sold in {t}?", "The device that was first sold in {t} is called"),
        ),
    ),
}
"""Relations by kind of subject."""
