"""The stock of the pack `starter`, for models of 100 million to 1 billion parameters.

The words and wordings of `core`, with base tasks that such a model can do in 20 to 60 words: everyday topics, short
texts, notes about two records, situations that can be followed without a sum, questions that a child can answer. Of the
five constraints on a text the easier ones come first.
"""

from dataclasses import replace

from quintain.packs.material.evaluation import EVALUATION
from quintain.packs.material.questions import EASY_EXEMPLARS
from quintain.packs.material.records import SHORT_NOTES, SHORT_TABLES
from quintain.packs.material.starter_topics import STARTER_TOPICS
from quintain.packs.material.tellings import COUNTING, HOLDING, LINING_UP
from quintain.packs.stock import Situations
from quintain.packs.worlds.counting import Crates
from quintain.packs.worlds.holding import Holders
from quintain.packs.worlds.lining_up import Line
from quintain.packs.worlds.told import drawn_from

_RANKED = (
    "at_most paragraph_words no_first_person no_letter without exclude no_contraction distinct_openers sentence_words "
    "word_count in_first_sentence order include paragraph_count sentence_count numbered only_full_stops alliteration "
    "sentence_start first_line in_paragraph at_least repeat in_last_sentence alternate first_letter sentence_end "
    "bullets heading bold last_line tags case"
).split()
# What a short text is likely to keep to comes first, what it has to be built for last: a small model shall have
# something to win at level 1. The order is that of SmolLM2-135M on single rules, four topics each, not drawn by the
# seed of the pack.
STARTER = replace(
    EVALUATION,
    name="starter",
    topics=STARTER_TOPICS,
    bases=(
        "Write a few short sentences about {name}, at least {least} words.",
        "Write some short sentences about {name}, with at least {least} words.",
        "What can you tell about {name}? Use {least} words or more, and keep it short.",
    ),
    structured_bases=(
        "Say a few things about {name}.",
        "Note what everybody knows about {name}.",
        "Put together some simple facts about {name}.",
    ),
    numbers={
        **EVALUATION.numbers,
        "repeat": ("2",),
        "at_least": ("2",),
        "sentence_least": ("2", "3"),
        "sentence_most": ("16", "20", "25"),
        "paragraph_count": ("2", "3"),
        "paragraph_words": ("5|60", "6|60", "8|60"),
        "sentence_count": ("2", "3", "4"),
        "bullets": ("2", "3"),
        "numbered": ("2", "3"),
        "heading": ("1", "2"),
        "bold": ("1", "2"),
        "word_count": ("15|60", "20|60", "20|80", "25|80"),
    },
    keys=replace(EVALUATION.keys, text_words=(4, 5, 6)),
    notes=SHORT_NOTES,
    tables=SHORT_TABLES,
    exemplars=EASY_EXEMPLARS,
    situations=Situations(
        worlds=(drawn_from(Holders, HOLDING), drawn_from(Crates, COUNTING), drawn_from(Line, LINING_UP)),
        closing="Write one short line for each.",
    ),
    least_words=8,
    least_terms=1,
    ranked=tuple(_RANKED),
)
"""Everything that `starter` is drawn from."""
