"""Questions and marks of the example items in the evaluation packs."""

import random
from collections.abc import Callable, Sequence

from quintain.packs.stock import Exemplars, Task

_SEPARATORS = ("=>", "::", "~", "->", "==", ">>", "--")
_BRACKETS = ("[]", "{}", "()", "<>", "«»")
_PREFIXES = ("Answer", "Result", "Reply", "Output", "Solution")
_SUFFIXES = ("(end)", "##", "%%", "!!", "@@")
_WORDS = (
    "garden window silver planet basket forest bridge winter pocket candle meadow rocket orange tunnel violin "
    "harbour pepper saddle lantern compass"
).split()


def number(low: int, high: int) -> Callable[[random.Random], str]:
    """Draw a number between two bounds, both included."""
    return lambda rng: str(rng.randint(low, high))


def some(choices: Sequence[str], count: int) -> Callable[[random.Random], str]:
    """Draw some of these, with blanks between them."""
    return lambda rng: " ".join(rng.sample(choices, count))


_NUMBERS = [str(number) for number in range(11, 100)]
_TASKS = (
    Task(
        ("What is twice {0}?", "Double the number {0}.", "{0} times two?", "Give two times {0}.", "Take {0} twice."),
        number(11, 99),
        lambda given: str(2 * int(given)),
    ),
    Task(
        (
            "What is {0} plus seven?",
            "Add seven to {0}.",
            "{0} and seven more?",
            "Raise {0} by seven.",
            "Sum {0} and 7.",
        ),
        number(11, 990),
        lambda given: str(int(given) + 7),
    ),
    Task(
        (
            "What is {0} squared?",
            "Multiply {0} by itself.",
            "{0} times {0}?",
            "Square {0}.",
            "Give {0} to the power 2.",
        ),
        number(4, 31),
        lambda given: str(int(given) ** 2),
    ),
    Task(
        (
            "What is {0} minus nine?",
            "Take nine away from {0}.",
            "{0} less nine?",
            "Lower {0} by nine.",
            "Drop 9 from {0}.",
        ),
        number(30, 990),
        lambda given: str(int(given) - 9),
    ),
    Task(
        (
            "What is {0} backwards?",
            "Reverse the word {0}.",
            "{0} from back to front?",
            "Spell {0} backwards.",
            "Turn {0} round.",
        ),
        some(_WORDS, 1),
        lambda given: given[::-1],
    ),
    Task(
        (
            "What is the order of {0}?",
            "Sort {0}.",
            "{0} from A to Z?",
            "Put {0} in order.",
            "Arrange {0} alphabetically.",
        ),
        some(_WORDS, 3),
        lambda given: " ".join(sorted(given.split())),
    ),
    Task(
        (
            "Which is the largest of {0}?",
            "Pick the largest of {0}.",
            "{0}: the largest?",
            "Find the maximum of {0}.",
            "Of {0}, give the greatest.",
        ),
        some(_NUMBERS, 3),
        lambda given: max(given.split(), key=int),
    ),
    Task(
        ("What do {0} add up to?", "Add up {0}.", "{0} all together?", "Give the sum of {0}.", "Sum up {0}."),
        some(_NUMBERS, 3),
        lambda given: str(sum(map(int, given.split()))),
    ),
    Task(
        (
            "What are the initials of {0}?",
            "Name the initials of {0}.",
            "{0}: the initials?",
            "Shorten {0} to initials.",
            "Take the first letters of {0}.",
        ),
        some(_WORDS, 3),
        lambda given: "".join(word[0].upper() for word in given.split()),
    ),
)

_OPENING = (
    "Each form of question has its own pattern of answer. Answer the last question in the pattern of its "
    'form, and write only what belongs after "A:".'
)
EXEMPLARS = Exemplars(_TASKS, _SEPARATORS, _BRACKETS, _SUFFIXES, _PREFIXES, _OPENING)
"""Those of `core` and `extended`."""

_EASY_TASKS = (
    Task(
        (
            "What is the first word of {0}?",
            "Name the first word of {0}.",
            "{0}: the first word?",
            "Which word comes first in {0}?",
            "Of {0}, give the first word.",
        ),
        some(_WORDS, 3),
        lambda given: given.split()[0],
    ),
    Task(
        (
            "What is the last word of {0}?",
            "Name the last word of {0}.",
            "{0}: the last word?",
            "Which word comes last in {0}?",
            "Of {0}, give the last word.",
        ),
        some(_WORDS, 3),
        lambda given: given.split()[-1],
    ),
    Task(
        (
            "What is {0} in capital letters?",
            "Write {0} in capitals.",
            "{0}: how does it look in capitals?",
            "Turn {0} into capital letters.",
            "Give {0} in capitals.",
        ),
        some(_WORDS, 1),
        lambda given: given.upper(),
    ),
)
EASY_EXEMPLARS = Exemplars(_EASY_TASKS, _SEPARATORS, _BRACKETS, _SUFFIXES, _PREFIXES, _OPENING)
"""Those of `starter`."""
