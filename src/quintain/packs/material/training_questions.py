"""Questions and marks of the example items in training."""

from quintain.packs.material.questions import number, some
from quintain.packs.stock import Exemplars, Task

_WORDS = (
    "badger cactus dolphin falcon glacier hazel igloo jungle kangaroo lobster monsoon nutmeg oyster pyramid quartz "
    "raspberry sandal tulip vulture walrus"
).split()
_NUMBERS = [str(number) for number in range(11, 100)]
_SEPARATORS = ("+>", ":=", "/", "..", "^", "<-", "=/=")
_BRACKETS = ("''", "``", "__", "//", '""')
_PREFIXES = ("Here", "Found", "So", "Final", "Got")
_SUFFIXES = (";;", "(ok)", "&&", "??", "^^")
_TASKS = (
    Task(
        ("How much is three times {0}?", "Triple {0}.", "{0}, taken threefold?", "Make {0} threefold.", "Thrice {0}?"),
        number(11, 330),
        lambda given: str(3 * int(given)),
    ),
    Task(
        (
            "How much is {0} and five?",
            "Increase {0} by five.",
            "{0}, five higher?",
            "Put five on top of {0}.",
            "Five above {0}?",
        ),
        number(11, 980),
        lambda given: str(int(given) + 5),
    ),
    Task(
        (
            "How much remains of {0} without four?",
            "Reduce {0} by four.",
            "{0}, four lower?",
            "Subtract four: {0}.",
            "Four below {0}?",
        ),
        number(20, 980),
        lambda given: str(int(given) - 4),
    ),
    Task(
        (
            "Which of {0} is the smallest number?",
            "Select the minimum from {0}.",
            "{0}, and the minimum?",
            "Report the lowest among {0}.",
            "Look for the least in {0}.",
        ),
        some(_NUMBERS, 3),
        lambda given: min(given.split(), key=int),
    ),
    Task(
        (
            "How are {0} joined by hyphens?",
            "Hyphenate {0}.",
            "{0}, but hyphenated?",
            "Link {0} with hyphens.",
            "Put hyphens into {0}.",
        ),
        some(_WORDS, 2),
        lambda given: given.replace(" ", "-"),
    ),
)
_EASY_TASKS = (
    Task(
        (
            "In {0}, which stands in the middle?",
            "Select the middle one from {0}.",
            "{0}, and the middle one?",
            "Report the central one of {0}.",
            "Look for the middle in {0}.",
        ),
        some(_WORDS, 3),
        lambda given: given.split()[1],
    ),
    Task(
        (
            "How does {0} look in upper case?",
            "Uppercase {0}.",
            "{0}, but uppercase?",
            "Convert {0} to upper case.",
            "Shout {0}.",
        ),
        some(_WORDS, 1),
        lambda given: given.upper(),
    ),
    Task(
        (
            "Which number stands right before {0}?",
            "Step back by one: {0}.",
            "{0}, one lower?",
            "Report the predecessor of {0}.",
            "One below {0}?",
        ),
        number(12, 990),
        lambda given: str(int(given) - 1),
    ),
    Task(
        (
            "What stands ahead of the others in {0}?",
            "Select the leading one from {0}.",
            "{0}, and the leading one?",
            "Report the opening one of {0}.",
            "Look for the start in {0}.",
        ),
        some(_WORDS, 3),
        lambda given: given.split()[0],
    ),
)
_OPENING = (
    "Below, every kind of question goes with its own layout for the reply. Find the layout that suits the final "
    'question, and supply just what follows its "A:".'
)
TRAINING_EXEMPLARS = Exemplars(_TASKS, _SEPARATORS, _BRACKETS, _SUFFIXES, _PREFIXES, _OPENING)
EASY_TRAINING_EXEMPLARS = Exemplars(_EASY_TASKS, _SEPARATORS, _BRACKETS, _SUFFIXES, _PREFIXES, _OPENING)
