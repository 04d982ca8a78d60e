"""Example groups: five shots show which pattern belongs to which form of question; the last question is open.

FollowBench's idea with exact content: shots of another question form show another pattern, the form of the last
question says which pattern counts, and the answer itself is computed.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass

from quintain.packs.groups import Group
from quintain.records import Rule

_SEPARATORS = ("=>", "::", "~", "->", "~~")
_BRACKETS = ("[]", "{}", "()", "<>")
_PREFIXES = ("Answer", "Result", "Reply", "Output")
_SUFFIXES = ("(end)", "##", "%%", "!!")


@dataclass(frozen=True)
class Task:
    """A question with one right answer, asked in two forms."""

    forms: tuple[str, str]
    draw: Callable[[random.Random], str]
    answer: Callable[[str], str]


def _number(low: int, high: int) -> Callable[[random.Random], str]:
    return lambda rng: str(rng.randint(low, high))


_WORDS = [
    "garden",
    "window",
    "silver",
    "planet",
    "basket",
    "forest",
    "bridge",
    "winter",
    "pocket",
    "candle",
    "meadow",
    "rocket",
]

TASKS = (
    Task(("What is twice {0}?", "Double the number {0}."), _number(11, 49), lambda x: str(2 * int(x))),
    Task(("What is {0} plus seven?", "Add seven to {0}."), _number(11, 90), lambda x: str(int(x) + 7)),
    Task(("What is the square of {0}?", "Multiply {0} by itself."), _number(4, 19), lambda x: str(int(x) ** 2)),
    Task(("How many letters has {0}?", "Count the letters of {0}."), lambda r: r.choice(_WORDS), lambda x: str(len(x))),
    Task(("What is {0} backwards?", "Reverse the word {0}."), lambda r: r.choice(_WORDS), lambda x: x[::-1]),
    Task(("What is {0} minus nine?", "Take nine away from {0}."), _number(30, 99), lambda x: str(int(x) - 9)),
)


@dataclass(frozen=True)
class Pattern:
    """How an answer is wrapped; features that are not asked for are plain."""

    separator: str = ""
    brackets: str = ""
    prefix: str = ""
    suffix: str = ""
    swap: str = ""

    def wrap(self, given: str, answer: str) -> str:
        """Write the question's input and its answer in this pattern."""
        inner = f"{self.brackets[0]}{answer}{self.brackets[1]}" if self.brackets else answer
        parts = [inner, given] if self.swap else [given, inner]
        text = (f" {self.separator} " if self.separator else " ").join(parts)
        text = f"{self.prefix} {text}" if self.prefix else text
        return f"{text} {self.suffix}" if self.suffix else text


FEATURES = ("separator", "brackets", "suffix", "prefix", "swap")


def _draw_features(rng: random.Random) -> dict[str, str]:
    return {
        "separator": rng.choice(_SEPARATORS),
        "brackets": rng.choice(_BRACKETS),
        "suffix": rng.choice(_SUFFIXES),
        "prefix": rng.choice(_PREFIXES),
        "swap": "yes",
    }


def example_group(rng: random.Random) -> Group | None:
    """Draw a group of question, shots and pattern.

    Args:
        rng: Source of the draws.

    Returns:
        The group; None when the right answer could be copied from the instruction.
    """
    task = rng.choice(TASKS)
    mine, other = _draw_features(rng), _draw_features(rng)
    if any(mine[name] == other[name] for name in ("separator", "brackets", "suffix")):
        return None
    form = rng.randrange(2)
    inputs: list[str] = []
    while len(inputs) < 6:
        drawn = task.draw(rng)
        if drawn not in inputs:
            inputs.append(drawn)
    *shown, last = inputs
    answer = task.answer(last)
    own = sorted(rng.sample(range(5), 3))

    def instruction(level: int) -> str:
        pattern, noise = (Pattern(**{name: features[name] for name in FEATURES[:level]}) for features in (mine, other))
        shots = [
            f"Q: {task.forms[form if i in own else 1 - form].format(given)}\n"
            f"A: {(pattern if i in own else noise).wrap(given, task.answer(given))}"
            for i, given in enumerate(shown)
        ]
        return "\n".join(
            ("Answer the last question in the pattern of its form.", *shots, f"Q: {task.forms[form].format(last)}\nA:")
        )

    instructions = tuple(instruction(level) for level in range(1, 6))
    if answer in instructions[-1].split() or any(answer in text for text in instructions):
        return None
    full = Pattern(**mine)
    marks = {**mine, "swap": f"{answer}|{last}"}

    return Group(
        category="example",
        source=task.forms[form],
        instructions=instructions,
        rules=tuple(Rule(kind="wrapped", value=f"{name}|{marks[name]}") for name in FEATURES),
        target=json.dumps({"answer": [answer], "words": 1}),
        witness=full.wrap(last, answer),
        mutants=tuple(Pattern(**{**mine, name: ""}).wrap(last, answer) for name in FEATURES),
    )
