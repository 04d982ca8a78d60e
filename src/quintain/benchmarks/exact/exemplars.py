"""Example groups: five shots show which pattern belongs to which form of question; the last question is open.

FollowBench's idea with exact content: the form of the last question says which of the patterns counts, and the answer
itself is computed. A level adds a feature to the pattern and one more form of question with a pattern of its own, so
that fewer shots show the right one: all five at level 1, a single one at level 5.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass

from quintain.benchmarks.exact.groups import Case, Group
from quintain.benchmarks.exact.language import words
from quintain.records import Rule

FEATURES = ("separator", "brackets", "suffix", "prefix", "sequence")
"""What the pattern has at levels 1 to 5, one more each."""
_SEPARATORS = ("=>", "::", "~", "->", "==", ">>", "--")
_BRACKETS = ("[]", "{}", "()", "<>", "«»")
_PREFIXES = ("Answer", "Result", "Reply", "Output", "Solution")
_SUFFIXES = ("(end)", "##", "%%", "!!", "@@")
_WORDS = (
    "garden window silver planet basket forest bridge winter pocket candle meadow rocket orange tunnel violin "
    "harbour pepper saddle lantern compass"
).split()


@dataclass(frozen=True)
class Task:
    """A question with one right answer, asked in five forms."""

    forms: tuple[str, str, str, str, str]
    draw: Callable[[random.Random], str]
    answer: Callable[[str], str]


def _number(low: int, high: int) -> Callable[[random.Random], str]:
    return lambda rng: str(rng.randint(low, high))


def _some(choices: list[str], count: int) -> Callable[[random.Random], str]:
    return lambda rng: " ".join(rng.sample(choices, count))


_NUMBERS = [str(number) for number in range(11, 100)]
TASKS = (
    Task(
        ("What is twice {0}?", "Double the number {0}.", "{0} times two?", "Give two times {0}.", "Take {0} twice."),
        _number(11, 99),
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
        _number(11, 990),
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
        _number(4, 31),
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
        _number(30, 990),
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
        _some(_WORDS, 1),
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
        _some(_WORDS, 3),
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
        _some(_NUMBERS, 3),
        lambda given: max(given.split(), key=int),
    ),
    Task(
        ("What do {0} add up to?", "Add up {0}.", "{0} all together?", "Give the sum of {0}.", "Sum up {0}."),
        _some(_NUMBERS, 3),
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
        _some(_WORDS, 3),
        lambda given: "".join(word[0].upper() for word in given.split()),
    ),
)


@dataclass(frozen=True)
class Pattern:
    """Wrapping of an answer; a feature that is empty is not there."""

    separator: str = ""
    brackets: str = ""
    suffix: str = ""
    prefix: str = ""
    sequence: str = ""
    """`swapped` when the answer stands before what was given."""

    def wrap(self, given: str, answer: str) -> str:
        """Write what was given and the answer in this pattern."""
        inner = f"{self.brackets[0]}{answer}{self.brackets[1]}" if self.brackets else answer
        parts = [inner, given] if self.sequence == "swapped" else [given, inner]
        return " ".join(filter(None, (self.prefix, parts[0], self.separator, parts[1], self.suffix)))

    def upto(self, level: int) -> "Pattern":
        """The pattern with as many features as the level has."""
        return Pattern(**{name: getattr(self, name) for name in FEATURES[:level]})


def _draw_patterns(rng: random.Random) -> list[Pattern]:
    """Five patterns that differ in every mark."""
    marks = zip(
        rng.sample(_SEPARATORS, 5),
        rng.sample(_BRACKETS, 5),
        rng.sample(_SUFFIXES, 5),
        rng.sample(_PREFIXES, 5),
        strict=True,
    )
    return [Pattern(*four, rng.choice(("given first", "swapped"))) for four in marks]


def example_group(rng: random.Random) -> Group | None:
    """Draw a group of question, shots and patterns.

    Args:
        rng: Source of the draws.

    Returns:
        The group; None when the right answer could be copied from the instruction.
    """
    task = rng.choice(TASKS)
    forms = rng.sample(task.forms, 5)
    patterns = _draw_patterns(rng)
    inputs: list[str] = []
    while len(inputs) < 6:
        inputs += [drawn] if (drawn := task.draw(rng)) not in inputs else []
    *shown, last = inputs
    answer = task.answer(last)
    cases = tuple(_case(task, forms, patterns, shown, last, level, rng) for level in range(1, 6))
    # The largest of three numbers stands in the question; a sorted list is there in another order.
    if any(answer in case.instruction.replace(last, "") for case in cases) or answer == last:
        return None
    return Group("example", forms[0], cases)


def _case(
    task: Task, forms: list[str], patterns: list[Pattern], shown: list[str], last: str, level: int, rng: random.Random
) -> Case:
    # Every form that the level knows is shown at least once, the first form is the one that is asked.
    shots = [*range(level), *(rng.randrange(level) for _ in range(5 - level))]
    rng.shuffle(shots)
    lines = [
        f"Q: {forms[form].format(given)}\nA: {patterns[form].upto(level).wrap(given, task.answer(given))}"
        for form, given in zip(shots, shown, strict=True)
    ]
    answer, pattern = task.answer(last), patterns[0].upto(level)
    witness = pattern.wrap(last, answer)
    order = [answer, last] if pattern.sequence == "swapped" else [last, answer]
    values = {**pattern.__dict__, "brackets": f"{pattern.brackets}|{answer}", "sequence": "|".join(order)}
    broken = {**dict.fromkeys(FEATURES, ""), "sequence": "given first" if pattern.sequence == "swapped" else "swapped"}
    return Case(
        instruction="\n".join(
            (
                "Each form of question has its own pattern of answer. Answer the last question in the pattern of its "
                'form, and write only what belongs after "A:".',
                "",
                *lines,
                f"Q: {forms[0].format(last)}\nA:",
            )
        ),
        rules=tuple(Rule(kind=name, value=values[name]) for name in FEATURES[:level]),
        target=json.dumps({"answer": [answer], "words": 1, "most": len(words(witness))}),
        witness=witness,
        mutants=tuple(
            Pattern(**{**pattern.__dict__, name: broken[name]}).wrap(last, answer) for name in FEATURES[:level]
        ),
    )
