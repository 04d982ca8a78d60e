"""The stock of the packs `core` and `extended`."""

from quintain.packs.material.questions import EXEMPLARS
from quintain.packs.material.records import NOTES, TABLES
from quintain.packs.material.topics import NEUTRAL_WORDS, TOPICS
from quintain.packs.material.wordings import BASES, CASES, STRUCTURED_BASES, SYNTAXES, WORDINGS
from quintain.packs.stock import Keys, Situations, Stock, Voice
from quintain.packs.worlds.floor_plan import draw_floor_plan
from quintain.packs.worlds.ledger import draw_ledger
from quintain.packs.worlds.loan import draw_loan
from quintain.packs.worlds.queue import draw_queue
from quintain.packs.worlds.schedule import draw_schedule
from quintain.packs.worlds.shop import draw_shop

VOICE = Voice(
    frames=("{s}",),
    with_term=(
        "Many people also think of the {term} here",
        "A good guide never leaves out the {term}",
        "Some would add the {term} to the list",
        "There is even room for the {term} somewhere",
        "One old story tells of the {term} as well",
        "Nobody there is short of the {term}",
    ),
    fresh=False,
)
"""The one voice of the witnesses that prove the evaluation packs; nobody learns from them."""
LINES = (
    "That is all for now.",
    "More tomorrow.",
    "Thank you for reading.",
    "Good to know.",
    "Now you know it.",
    "Questions are welcome.",
)
CLOSING = (
    "Take everything into account for every answer, and write each answer once, on a line of its own that starts with "
    "its name and a colon."
)
EVALUATION = Stock(
    name="evaluation",
    topics=TOPICS,
    words=NEUTRAL_WORDS,
    lines=LINES,
    tags=("note", "key", "tip", "main", "fact"),
    openers={
        "t": "Truly",
        "c": "Clearly",
        "n": "Naturally",
        "i": "Indeed",
        "o": "Often",
        "s": "Surely",
        "m": "Mostly",
        "u": "Usually",
    },
    alliterations={
        "m": " in many merry moments",
        "s": " with such simple skill",
        "b": " by a big blue bay",
        "p": " with plain and patient practice",
        "w": " when the weather is warm",
        "c": " in calm and careful company",
        "f": " for fun and for favour",
    },
    rare_letters={"z": "zest", "q": "quiet", "x": "boxes", "j": "joy", "v": "vim", "k": "skill"},
    voices=(VOICE,),
    bases=BASES,
    structured_bases=STRUCTURED_BASES,
    wordings=WORDINGS,
    cases=CASES,
    syntaxes=SYNTAXES,
    numbers={
        "repeat": ("2", "3"),
        "at_least": ("2", "3"),
        "at_most": ("1", "2"),
        "in_paragraph": ("1", "2"),
        "sentence_least": ("3", "4", "5"),
        "sentence_most": ("12", "14", "16"),
        "paragraph_count": ("2", "3", "4"),
        "paragraph_words": ("8|35", "10|40", "12|45"),
        "sentence_count": ("4", "5", "6", "7"),
        "bullets": ("2", "3", "4"),
        "numbered": ("2", "3", "4"),
        "heading": ("1", "2", "3"),
        "bold": ("2", "3", "4"),
        "word_count": ("30|60", "35|70", "40|80", "40|90"),
    },
    keys=Keys(
        texts=("summary", "advice", "warning", "purpose", "origin"),
        lists=("facts", "steps", "tools", "words", "examples"),
        numbers=("difficulty", "interest", "effort", "cost"),
        flags=("outdoors", "noisy", "cheap", "seasonal"),
        count="No",
        columns=("Thing", "Part", "Keyword", "Topic"),
        remarks=("Remark", "Reason", "Detail", "Note"),
        ratings=("Weight", "Score", "Rank", "Stars"),
        text_words=(8, 10, 12),
    ),
    notes=NOTES,
    tables=TABLES,
    exemplars=EXEMPLARS,
    situations=Situations(
        worlds=(draw_shop, draw_ledger, draw_schedule, draw_loan, draw_queue, draw_floor_plan), closing=CLOSING
    ),
    least_words=20,
    least_terms=2,
)
"""Everything that `core` and `extended` are drawn from."""
