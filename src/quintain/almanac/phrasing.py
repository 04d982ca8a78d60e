"""The words of the almanac: relations with disjoint values, the sentences that state them, the marks of situations.

Tables only. The oracle writes with them and the checks read with them; they share nothing else. Values of different
relations never share a word, so a check needs set membership, not a parser.
"""

from dataclasses import dataclass

SYLLABLES_START = "b d f g k l m n p r s t v w z br dr gr st tr".split()
SYLLABLES_MIDDLE = "a e i o u ai ea".split()
NAME_ENDS = {
    "town": ("ford", "ham", "wick", "mere", "ton", "dale"),
    "person": ("", "n", "s", "l", "ra"),
    "river": ("", "n"),
    "region": ("land", "mark", "shire"),
}
PRODUCTS = tuple(
    "salt wool cheese honey copper timber glass pottery apples barley leather candles silk ink rope lamps boats cider "
    "nails paper".split()
)
TRADES = tuple("smith baker weaver miller potter fisher mason tailor brewer carter scribe tanner cooper healer".split())
COLOURS = tuple("green brown silver black white golden blue red".split())
WORDS = tuple("proud quiet busy merry ancient humble".split())


@dataclass(frozen=True)
class Relation:
    """One thing that can be said about a kind of entity."""

    pool: str
    """Kind of its values."""
    sentences: tuple[str, str]
    """Two ways to state it, with {s} the subject and {v} the value."""
    questions: tuple[str, str]
    """Two ways to ask for it."""
    noun: str
    """What it is called in an instruction."""
    key: str
    """What it is called in a ledger line."""


RELATIONS: dict[str, dict[str, Relation]] = {
    "town": {
        "mayor": Relation(
            "person",
            ("The mayor of {s} is {v}.", "{v} is the mayor of {s}."),
            ("Who is the mayor of {s}?", "Name the mayor of {s}."),
            "mayor",
            "Mayor",
        ),
        "region": Relation(
            "region",
            ("{s} lies in {v}.", "The region of {s} is {v}."),
            ("Where does {s} lie?", "Which region is {s} in?"),
            "region",
            "Region",
        ),
        "river": Relation(
            "river",
            ("{s} stands on the river {v}.", "The river of {s} is the {v}."),
            ("Which river does {s} stand on?", "Name the river of {s}."),
            "river",
            "River",
        ),
        "product": Relation(
            "product",
            ("{s} is known for its {v}.", "The product of {s} is {v}."),
            ("What is {s} known for?", "Name the product of {s}."),
            "product",
            "Product",
        ),
        "founded": Relation(
            "year",
            ("{s} was founded in {v}.", "The founding year of {s} is {v}."),
            ("When was {s} founded?", "What is the founding year of {s}?"),
            "founding year",
            "Founded",
        ),
        "partner": Relation(
            "town",
            ("{s} trades with {v}.", "The partner of {s} is {v}."),
            ("Who does {s} trade with?", "Name the partner of {s}."),
            "trading partner",
            "Partner",
        ),
    },
    "person": {
        "trade": Relation(
            "trade",
            ("{s} works as a {v}.", "The trade of {s} is {v}."),
            ("What does {s} work as?", "Name the trade of {s}."),
            "trade",
            "Trade",
        ),
        "home": Relation(
            "town",
            ("{s} lives in {v}.", "The home of {s} is {v}."),
            ("Where does {s} live?", "Name the home of {s}."),
            "home",
            "Home",
        ),
    },
    "river": {
        "colour": Relation(
            "colour",
            ("The river {s} runs {v}.", "The colour of the {s} is {v}."),
            ("How does the river {s} run?", "What is the colour of the {s}?"),
            "colour",
            "Colour",
        ),
    },
}
TOWN_RELATIONS = tuple(RELATIONS["town"])
NOUNS = {name: relation.noun for name, relation in RELATIONS["town"].items()}
KEYS = {name: relation.key for name, relation in RELATIONS["town"].items()}

# What a situation puts into the response. None of it stands in the instruction: it has to be known.
ROLES = {"herald": "Hear ye", "monk": "Peace be with you", "guard": "Halt and listen"}
AUDIENCES = {"child": "little one", "king": "my lord", "trader": "good trader"}
TIMES = {"morning": "Good morning", "evening": "Good evening"}
IN_A_HURRY = "in short"
FAREWELL = "Safe travels."

HEADERS = ("Report:", "Note:", "Bulletin:")
FOOTERS = ("That is all.", "The end.", "Over.")
# A space inside every mark: right behind one, a name would be another token than it is anywhere else.
WRAPS = {"quotes": ('" ', ' "'), "stars": ("** ", " **")}
BULLETS = {"dash": "- ", "star": "* "}
POLITE = "Kindly"
EMPHASIS = "truly"

# Patterns of the category `example`; "->" is the plain separator of a pattern without one of its own.
PLAIN_SEPARATOR = "->"
SEPARATORS = ("=>", "::", "~")
BRACKETS = ("[]", "<>", "{}")
END_MARKS = ("!!", "##", "%%")
PREFIX_MARKS = ("@", "&", "+")

# What a page looks like, who writes such pages, and which categories of instruction that author has in mind.
HEADS = {
    "news": ("News from {s}", "Today in {s}"),
    "guide": ("A guide to {s}", "Visit {s}"),
    "letter": ("A letter from {s}", "Dear cousin, I write from {s}"),
    "ledger": ("Ledger of {s}", "Records of {s}"),
}
AUTHORS = {
    "news": ("A herald who spreads the news of the town, brief and fond of order.", ("format", "style")),
    "guide": ("A guide who leads travellers through town and knows every fact.", ("content", "mixed")),
    "letter": ("A villager who writes home and thinks of whoever reads.", ("situation", "style")),
    "ledger": ("A clerk of the guild who keeps lists in fixed patterns.", ("example", "format", "content")),
}
NAVIGATION = ("Home", "News", "Maps", "Contact")
FOOTERS_OF_PAGES = (
    "Subscribe to our letter today.",
    "All rights reserved.",
    "Share this page.",
    "Sign in to read more.",
    "Page seen by many readers.",
)

# How an instruction starts. The second group asks for the page that comes with it.
OPENINGS = ("Tell me about {s}.", "Write about {s}.", "Describe {s}.", "What do you know of {s}?")
PAGE_OPENINGS = ("Retell the page about {s}.", "Sum up the page about {s}.")
EXAMPLE_OPENING = "Follow the pattern."
EXAMPLE_CLOSING = "Now do the {n} of {s}."
