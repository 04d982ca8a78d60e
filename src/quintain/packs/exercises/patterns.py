"""Exercises of shots and patterns: which pattern goes with a form of question is shown, the answer is computed."""

import random
import re
from collections.abc import Sequence

from quintain.packs.exemplars import Pattern, example_group, pattern_rules
from quintain.packs.exercises.exercise import Exercise
from quintain.packs.stock import Exemplars, Stock, Task


def draw_pattern(level: int, stock: Stock, rng: random.Random, task: Task | None = None) -> Exercise | None:
    """Draw shots and a question; None where the answer could be copied from elsewhere in the instruction."""
    exemplars = stock.exemplars
    marks = (exemplars.separators, exemplars.brackets, exemplars.suffixes, exemplars.prefixes, exemplars.opening)
    group = example_group(exemplars if task is None else Exemplars((task,), *marks), rng)
    return None if group is None else read_pattern(group.cases[level - 1].instruction, stock)


def read_pattern(text: str, stock: Stock) -> Exercise | None:
    """Read shots and a question; None where the instruction is another."""
    exemplars = stock.exemplars
    if not text.startswith(f"{exemplars.opening}\n\nQ: "):
        return None
    lines = text.removeprefix(f"{exemplars.opening}\n\n").split("\n")
    questions = [line.removeprefix("Q: ") for line in lines[::2]]
    answers = [line.removeprefix("A: ") for line in lines[1::2]]
    for task in exemplars.tasks:
        read = [_form(task, question) for question in questions]
        known = [each for each in read if each is not None]
        if len(known) == len(questions):
            return _exercise(text, task, known, answers, stock)
    raise ValueError(f"this question is none of the training items: {questions[-1][:60]!r}")


def _form(task: Task, question: str) -> tuple[int, str] | None:
    """Number of the form and what was given; None where the question is another task's."""
    for number, form in enumerate(task.forms):
        match = re.fullmatch(re.escape(form).replace(r"\{0\}", "(.+)"), question)
        if match:
            return number, match.group(1)
    return None


def _exercise(
    text: str, task: Task, read: Sequence[tuple[int, str]], answers: Sequence[str], stock: Stock
) -> Exercise | None:
    asked, given = read[-1]
    shown = next(i for i, (form, _) in enumerate(read) if form == asked)
    level = len({form for form, _ in read[:-1]})
    # Every form that a level knows is shown, so their number is the level.
    pattern = _pattern(answers[shown], read[shown][1], task.answer(read[shown][1]), stock.exemplars).upto(level)
    rules, target = pattern_rules(pattern, given, task.answer(given), level)
    witness = pattern.wrap(given, task.answer(given))
    return Exercise(text, rules, target, lambda rng: witness, lambda rng: _varied(level, stock, rng, task))


def _varied(level: int, stock: Stock, rng: random.Random, task: Task) -> Exercise | None:
    drawn = (draw_pattern(level, stock, rng, task) for _ in range(50))
    return next((each for each in drawn if each is not None), None)


def _pattern(line: str, given: str, answer: str, marks: Exemplars) -> Pattern:
    """The pattern of a shot, from what was given and the answer to it."""
    sequences = ("given first", "swapped")
    for sequence in sequences:
        for pair in ("", *marks.brackets):
            bare = Pattern(brackets=pair, sequence=sequence).wrap(given, answer)
            for separator in ("", *marks.separators):
                for suffix in ("", *marks.suffixes):
                    for prefix in ("", *marks.prefixes):
                        pattern = Pattern(separator, pair, suffix, prefix, sequence)
                        if len(line) >= len(bare) and pattern.wrap(given, answer) == line:
                            return pattern
    raise ValueError(f"this shot has none of the training items' patterns: {line[:60]!r}")
