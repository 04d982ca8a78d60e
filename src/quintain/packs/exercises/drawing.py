"""Exercises by kind of pack: drawn and proved, read back from their text, varied from a seed."""

import random
from collections.abc import Callable

from quintain.packs.build import CATEGORIES
from quintain.packs.exercises.exercise import Exercise
from quintain.packs.exercises.fields import draw_notes, draw_situation, read_notes, read_situation
from quintain.packs.exercises.patterns import draw_pattern, read_pattern
from quintain.packs.exercises.selections import draw_selection, read_selection
from quintain.packs.exercises.texts import draw_structured, draw_text, rarer, read_text
from quintain.packs.material.training import EASY_TRAINING, TELLINGS, TRAINING
from quintain.packs.stock import Stock

STOCKS = {"starter": EASY_TRAINING, "core": TRAINING, "extended": TRAINING}
"""What the training items of the kind of each pack are drawn from."""
LEVELS = (1, 2, 3, 4, 5)
_MOST_DRAWS = 200

_Draw = Callable[[str, int, Stock, random.Random], Exercise | None]

_OTHERS: dict[str, tuple[_Draw, ...]] = {
    "content": (
        lambda category, level, stock, rng: draw_notes(level, stock, rng),
        lambda category, level, stock, rng: draw_selection(level, stock, rng),
    ),
    "situation": (lambda category, level, stock, rng: draw_situation(level, stock, rng),),
    "format": (
        lambda category, level, stock, rng: draw_structured("json_keys", level, stock, rng),
        lambda category, level, stock, rng: draw_structured("grid_columns", level, stock, rng),
    ),
    "example": (lambda category, level, stock, rng: draw_pattern(level, stock, rng),),
}
"""Ways to draw an exercise of a category beside a free text."""
_ONLY_OTHERS = ("situation", "example")
_TEXT_SHARE = {"starter": 0.75, "core": 0.5, "extended": 0.5}


def draw_exercise(pack: str, category: str, level: int, rng: random.Random) -> Exercise:
    """Draw exercises until one proves itself.

    Args:
        pack: Name of the pack that it is of the kind of.
        category: One of the six.
        level: Number of constraints, 1-5.
        rng: Source of the draws.

    Returns:
        An exercise that can be answered, and that its own instruction does not pass.

    Raises:
        ValueError: None could in two hundred draws.
    """
    stock = STOCKS[pack]
    for _ in range(_MOST_DRAWS):
        ways = _OTHERS.get(category, ())
        text = category not in _ONLY_OTHERS and (not ways or rng.random() < _TEXT_SHARE[pack])
        draw = draw_text if text else rng.choice(ways)
        exercise = draw(category, level, stock, rng)
        if exercise is not None and _is_proved(exercise):
            return exercise
    raise ValueError(f"no exercise of category {category!r} at level {level} in {_MOST_DRAWS} draws")


def _is_proved(exercise: Exercise) -> bool:
    proof = random.Random(exercise.instruction)
    return exercise.respond(proof) is not None and not exercise.passes(exercise.instruction)


def read_exercise(text: str) -> tuple[Exercise, Stock]:
    """Read an exercise back from its instruction.

    Args:
        text: A training instruction of the kind of any pack.

    Returns:
        The exercise, and the stock that it was drawn from.

    Raises:
        ValueError: The text is no training instruction; those of the evaluation packs are none either.
    """
    text = text.strip()
    for stock in (TRAINING, EASY_TRAINING):
        found = (
            read_text(text, stock)
            or read_notes(text, stock)
            or read_selection(text, stock)
            or _readable_pattern(text, stock)
            or read_situation(text, stock, TELLINGS)
        )
        if found:
            return found, stock
    raise ValueError(f"this is no training instruction of the packs: {text[:80]!r}")


def _readable_pattern(text: str, stock: Stock) -> Exercise | None:
    # Both kinds of training items open alike; they differ in what they ask.
    try:
        return read_pattern(text, stock)
    except ValueError:
        if stock is EASY_TRAINING:
            raise
        return None


def vary_exercise(text: str, rng: random.Random) -> Exercise:
    """Draw a new exercise of the family of a seed: the same kinds of constraints, other values, another subject.

    Args:
        text: Instruction of the seed.
        rng: Source of the draws.

    Returns:
        An exercise that proves itself.

    Raises:
        ValueError: The text is no training instruction, or no variation proves itself.
    """
    seed, _ = read_exercise(text)
    return _proved(lambda: seed.vary(rng), text)


def rarer_exercise(text: str, rng: random.Random) -> Exercise:
    """Draw a new exercise in the domain of a seed that asks for other kinds of things.

    Args:
        text: Instruction of the seed.
        rng: Source of the draws.

    Returns:
        One about the same topic with other kinds of rules; where a seed has no topic, one of any category at its level.

    Raises:
        ValueError: The text is no training instruction, or none proves itself.
    """
    seed, stock = read_exercise(text)
    if seed.topic is not None:
        return _proved(lambda: rarer(seed, stock, rng), text)
    pack = next(name for name, each in STOCKS.items() if each is stock)
    return draw_exercise(pack, rng.choice(CATEGORIES), max(1, min(seed.level, LEVELS[-1])), rng)


def _proved(draw: Callable[[], Exercise | None], text: str) -> Exercise:
    for _ in range(_MOST_DRAWS):
        exercise = draw()
        if exercise is not None and _is_proved(exercise):
            return exercise
    raise ValueError(f"no variation of this instruction proves itself: {text[:80]!r}")
