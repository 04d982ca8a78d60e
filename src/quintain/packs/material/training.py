"""The stocks of the training items: of the kind of `core` and `extended`, and of the kind of `starter`."""

from dataclasses import replace

from quintain.packs.material.evaluation import EVALUATION
from quintain.packs.material.starter import STARTER
from quintain.packs.material.tellings import (
    TRAINING_COUNTING,
    TRAINING_HOLDING,
    TRAINING_LINING_UP,
    TRAINING_RIDING,
)
from quintain.packs.material.training_questions import EASY_TRAINING_EXEMPLARS, TRAINING_EXEMPLARS
from quintain.packs.material.training_records import (
    EASY_TRAINING_NOTES,
    EASY_TRAINING_TABLES,
    TRAINING_NOTES,
    TRAINING_TABLES,
)
from quintain.packs.material.training_topics import TRAINING_TOPICS, TRAINING_WORDS
from quintain.packs.material.training_wordings import (
    BASES,
    CASES,
    EASY_BASES,
    STRUCTURED_BASES,
    SYNTAXES,
    WORDINGS,
)
from quintain.packs.stock import Keys, Situations, Stock, Voice
from quintain.packs.worlds.counting import Crates
from quintain.packs.worlds.holding import Holders
from quintain.packs.worlds.lining_up import Line
from quintain.packs.worlds.riding import Ride
from quintain.packs.worlds.told import drawn_from

TELLINGS = (
    (Holders, TRAINING_HOLDING),
    (Crates, TRAINING_COUNTING),
    (Line, TRAINING_LINING_UP),
    (Ride, TRAINING_RIDING),
)
"""The plots of the training situations, each with its words."""
_PLAIN = Voice(
    frames=("{s}", "{s}"),
    with_term=(
        "A {term} may be of use as well",
        "Somebody always brings a {term} along",
        "The {term} has its place there too",
        "Even a {term} belongs to the picture",
    ),
)
_REPORTING = Voice(
    frames=("{s}", "It is said that {s}", "Experts agree that {s}", "Most guidebooks state that {s}"),
    with_term=(
        "Some reports dwell on a {term} at length",
        "Witnesses describe a {term} at leisure",
        "A {term} gets praised over and over",
        "According to legend it began with a {term}",
    ),
)
_CHATTING = Voice(
    frames=("{s}", "You know that {s}", "Believe it or not {s}", "And yes {s}"),
    with_term=(
        "Just imagine a {term} right beside it",
        "You could even bring a {term} if you like",
        "My favourite bit is the {term}",
        "Guess who forgot the {term} again",
    ),
)
_TEACHING = Voice(
    frames=("{s}", "Remember that {s}", "Notice how {s}", "It follows that {s}"),
    with_term=(
        "Consider the {term} for a moment",
        "Take a {term} as an illustration",
        "Compare this with a {term} instead",
        "The {term} makes the idea plain",
    ),
)
TRAINING = Stock(
    name="training",
    topics=TRAINING_TOPICS,
    words=TRAINING_WORDS,
    lines=(
        "See you next week.",
        "Until then, stay well.",
        "Have a pleasant weekend.",
        "Written with affection.",
        "Over to you.",
        "Let us begin.",
    ),
    tags=("idea", "quote", "aside", "point", "hint"),
    openers={
        "a": "Admittedly",
        "b": "Besides",
        "f": "Frankly",
        "g": "Generally",
        "h": "Honestly",
        "l": "Luckily",
        "p": "Perhaps",
        "r": "Really",
    },
    alliterations={
        "d": " during dull and dreary days",
        "g": " with good grace",
        "h": " here and hereafter",
        "l": " for a long lazy while",
        "n": " now or never",
        "r": " in rough and rowdy rounds",
        "t": " today and tomorrow",
    },
    rare_letters={"b": "bits", "f": "fuss", "g": "grit", "p": "pride", "w": "wit", "y": "yearning"},
    voices=(_PLAIN, _REPORTING, _CHATTING, _TEACHING),
    bases=BASES,
    structured_bases=STRUCTURED_BASES,
    wordings=WORDINGS,
    cases=CASES,
    syntaxes=SYNTAXES,
    numbers=EVALUATION.numbers,
    keys=Keys(
        texts=("abstract", "opinion", "background", "outlook", "motto"),
        lists=("aspects", "benefits", "ingredients", "stages", "terms"),
        numbers=("rating", "popularity", "risk", "duration"),
        flags=("recommended", "indoors", "expensive", "traditional"),
        count="Row",
        columns=("Subject", "Element", "Item", "Heading"),
        remarks=("Comment", "Description", "Explanation", "Saying"),
        ratings=("Points", "Grade", "Level", "Priority"),
        text_words=(8, 10, 12),
    ),
    notes=TRAINING_NOTES,
    tables=TRAINING_TABLES,
    exemplars=TRAINING_EXEMPLARS,
    situations=Situations(
        worlds=tuple(drawn_from(plot, telling) for plot, telling in TELLINGS),
        closing="Consider all of this. Reply by lines that hold a caption, a colon, and what was found.",
    ),
    least_words=EVALUATION.least_words,
    least_terms=EVALUATION.least_terms,
)
"""What training items of the kind of `core` and `extended` are drawn from."""
EASY_TRAINING = replace(
    TRAINING,
    name="easy-training",
    bases=EASY_BASES,
    numbers=STARTER.numbers,
    keys=replace(TRAINING.keys, text_words=STARTER.keys.text_words),
    notes=EASY_TRAINING_NOTES,
    tables=EASY_TRAINING_TABLES,
    exemplars=EASY_TRAINING_EXEMPLARS,
    least_words=12,
)
"""What training items of the kind of `starter` are drawn from."""
