"""How the rules are asked for: three wordings each, so that a model is not measured on one sentence."""

import random
from collections.abc import Callable

from quintain.records import Rule

_NAMES = {",": "commas", ";": "semicolons", "!": "exclamation marks", "?": "question marks", ":": "colons"}
_ENDS = {"!": "an exclamation mark", "?": "a question mark"}
_BASE = (
    "Write a short text about {name}.",
    "Tell a beginner something about {name}.",
    "Explain {name} in plain words.",
)

_WORDINGS: dict[str, tuple[str, str, str]] = {
    "include": (
        'Use the word "{0}".',
        'The word "{0}" must appear.',
        'Work in the word "{0}" somewhere.',
    ),
    "exclude": (
        'Do not use the word "{0}".',
        'Avoid the word "{0}".',
        'The word "{0}" must not appear.',
    ),
    "repeat": (
        'Use the word "{1}" exactly {0} times.',
        'The word "{1}" must appear {0} times, no more and no less.',
        'Write "{1}" {0} times in all.',
    ),
    "in_first_sentence": (
        'The first sentence must contain the word "{0}".',
        'Put the word "{0}" into your first sentence.',
        'Use "{0}" already in the first sentence.',
    ),
    "order": (
        'Use the word "{0}" and, after it, the word "{1}".',
        'Mention "{0}" before you mention "{1}".',
        'Both "{0}" and "{1}" must appear, in this order.',
    ),
    "case": (
        "Write everything in {0} letters.",
        "Use {0} letters only.",
        "All letters must be {0}.",
    ),
    "without": (
        "Use no {0}.",
        "Do without {0}.",
        "There must be no {0} in your text.",
    ),
    "sentence_end": (
        "End every sentence with {0}.",
        "Each sentence must end with {0}.",
        "Close all sentences with {0}.",
    ),
    "sentence_start": (
        'Start every sentence with the word "{0}".',
        'Each sentence must begin with "{0}".',
        'Let all sentences open with the word "{0}".',
    ),
    "no_first_person": (
        "Do not write in the first person.",
        "Avoid words such as I, me, we and our.",
        "Use no pronoun of the first person.",
    ),
    "no_contraction": (
        "Use no contractions such as don't or it's.",
        "Write out contractions in full.",
        "Avoid contracted forms like isn't.",
    ),
    "sentence_words": (
        "Every sentence must have between {0} and {1} words.",
        "Keep each sentence between {0} and {1} words long.",
        "Use {0} to {1} words per sentence.",
    ),
    "paragraph_count": (
        "Write exactly {0} paragraphs, with a blank line between them.",
        "Divide the text into {0} paragraphs separated by blank lines.",
        "The text must have {0} paragraphs, each set off by a blank line.",
    ),
    "sentence_count": (
        "Write exactly {0} sentences in all, headings and list items included.",
        "The whole text must have {0} sentences, counting headings and list items.",
        "Use {0} sentences, no more and no less; a heading or a list item counts as one.",
    ),
    "bullets": (
        "Include a list of exactly {0} lines that start with a dash and a space.",
        "Give {0} points, each on a line that starts with a dash and a space.",
        "Exactly {0} lines must start with a dash and a space.",
    ),
    "numbered": (
        "Include a list of exactly {0} numbered lines: 1. 2. and so on.",
        "Number exactly {0} lines, counting from 1. upwards.",
        "Give {0} numbered points, starting with 1.",
    ),
    "heading": (
        "Start with a single Markdown heading of level {0}.",
        "Begin with one Markdown heading, level {0}, no other.",
        "The first line must be the only heading, at Markdown level {0}.",
    ),
    "last_line": (
        "The last line must be exactly: {0}",
        "End with this line, word for word: {0}",
        "Finish with the line: {0}",
    ),
    "first_line": (
        "The first line must be exactly: {0}",
        "Open with this line, word for word: {0}",
        "Start with the line: {0}",
    ),
    "bold": (
        "Put exactly {0} words in bold with double asterisks.",
        "Mark {0} words with double asterisks, no more.",
        "Exactly {0} words must stand between double asterisks.",
    ),
    "word_count": (
        "Use between {0} and {1} words.",
        "The text must have {0} to {1} words.",
        "Write no fewer than {0} and no more than {1} words.",
    ),
}

_SAY: dict[str, Callable[[str], str]] = {
    "case": lambda value: {"lower": "small", "upper": "capital"}[value],
    "without": _NAMES.__getitem__,
    "sentence_end": _ENDS.__getitem__,
}


def ask(rule: Rule, rng: random.Random) -> str:
    """Say a rule as a user would."""
    say = _SAY.get(rule.kind)
    return rng.choice(_WORDINGS[rule.kind]).format(*([say(rule.value)] if say else rule.value.split("|")))


def ask_base(name: str, rng: random.Random) -> str:
    """Ask for the base task alone."""
    return rng.choice(_BASE).format(name=name)
