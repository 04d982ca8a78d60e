"""Example groups: five shots show which pattern belongs to which form of question; the last question is open.

FollowBench's idea with exact content: the form of the last question says which of the patterns counts, and the answer
itself is computed. A level adds a feature to the pattern and one more form of question with a pattern of its own, so
that fewer shots show the right one: all five at level 1, a single one at level 5.
"""

import json
import random
from dataclasses import dataclass

from quintain.packs.groups import Case, Group
from quintain.packs.language import words
from quintain.packs.stock import Exemplars, Task
from quintain.records import Rule

FEATURES = ("separator", "brackets", "suffix", "prefix", "sequence")
"""What the pattern has at levels 1 to 5, one more each."""


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


def _draw_patterns(marks_of: Exemplars, rng: random.Random) -> list[Pattern]:
    """Five patterns that differ in every mark."""
    kinds = (marks_of.separators, marks_of.brackets, marks_of.suffixes, marks_of.prefixes)
    marks = zip(*(rng.sample(kind, 5) for kind in kinds), strict=True)
    return [
        Pattern(separator, pair, suffix, prefix, rng.choice(("given first", "swapped")))
        for separator, pair, suffix, prefix in marks
    ]


def example_group(exemplars: Exemplars, rng: random.Random) -> Group | None:
    """Draw a group of question, shots and patterns.

    Args:
        exemplars: What it is drawn from.
        rng: Source of the draws.

    Returns:
        The group; None when the right answer could be copied from the instruction.
    """
    task = rng.choice(exemplars.tasks)
    forms = rng.sample(task.forms, 5)
    patterns = _draw_patterns(exemplars, rng)
    inputs: list[str] = []
    while len(inputs) < 6:
        inputs += [drawn] if (drawn := task.draw(rng)) not in inputs else []
    *shown, last = inputs
    answer = task.answer(last)
    cases = tuple(_case(exemplars.opening, task, forms, patterns, shown, last, level, rng) for level in range(1, 6))
    # The largest of three numbers stands in the question; a sorted list is there in another order.
    if any(answer in case.instruction.replace(last, "") for case in cases) or answer == last:
        return None
    return Group("example", forms[0], cases)


def _case(
    opening: str,
    task: Task,
    forms: list[str],
    patterns: list[Pattern],
    shown: list[str],
    last: str,
    level: int,
    rng: random.Random,
) -> Case:
    # Every form that the level knows is shown at least once, the first form is the one that is asked.
    shots = [*range(level), *(rng.randrange(level) for _ in range(5 - level))]
    rng.shuffle(shots)
    lines = [
        f"Q: {forms[form].format(given)}\nA: {patterns[form].upto(level).wrap(given, task.answer(given))}"
        for form, given in zip(shots, shown, strict=True)
    ]
    pattern = patterns[0].upto(level)
    rules, target = pattern_rules(pattern, last, task.answer(last), level)
    broken = {**dict.fromkeys(FEATURES, ""), "sequence": "given first" if pattern.sequence == "swapped" else "swapped"}
    return Case(
        instruction="\n".join((opening, "", *lines, f"Q: {forms[0].format(last)}\nA:")),
        rules=rules,
        target=target,
        witness=pattern.wrap(last, task.answer(last)),
        mutants=tuple(
            Pattern(**{**pattern.__dict__, name: broken[name]}).wrap(last, task.answer(last))
            for name in FEATURES[:level]
        ),
    )


def pattern_rules(pattern: Pattern, given: str, answer: str, level: int) -> tuple[tuple[Rule, ...], str]:
    """Rules of a pattern up to a level, and what a response must do before any of them."""
    order = [answer, given] if pattern.sequence == "swapped" else [given, answer]
    values = {**pattern.__dict__, "brackets": f"{pattern.brackets}|{answer}", "sequence": "|".join(order)}
    most = len(words(pattern.wrap(given, answer)))
    target = json.dumps({"answer": [answer], "words": 1, "most": most})
    return tuple(Rule(kind=name, value=values[name]) for name in FEATURES[:level]), target
