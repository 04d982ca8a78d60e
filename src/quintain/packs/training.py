"""Rows to train on: instructions of the kind of a pack, each with a witness in one of several voices."""

import random
from collections.abc import Iterator

from quintain.packs.build import CATEGORIES, DRAWN
from quintain.packs.exercises.drawing import LEVELS, draw_exercise

# Users ask for little more often than for much.
_LEVEL_WEIGHTS = (0.3, 0.25, 0.2, 0.15, 0.1)
_MOST_REPEATED = 1000


def training_rows(pack: str, seed: int, size: int) -> Iterator[tuple[str, str]]:
    """Draw rows, category by category in turn; no two share an instruction.

    Args:
        pack: Name of the pack that they are of the kind of; they share no topic, value or wording with any pack.
        seed: Seed of the draws. The rows of a smaller size are the first ones of a larger.
        size: Number of rows.

    Yields:
        Instruction and response; the response passes all checks of its instruction.

    Raises:
        ValueError: The draws give nothing new any more.
    """
    seen: set[str] = set()
    rng = random.Random(f"{DRAWN}/training/{pack}/{seed}")
    for number in range(size):
        for _ in range(_MOST_REPEATED):
            level = rng.choices(LEVELS, _LEVEL_WEIGHTS)[0]
            exercise = draw_exercise(pack, CATEGORIES[number % len(CATEGORIES)], level, rng)
            response = exercise.respond(rng)
            if exercise.instruction not in seen and response is not None:
                break
        else:
            raise ValueError(f"after {number} rows the draws give nothing new; ask for fewer")
        seen.add(exercise.instruction)
        yield exercise.instruction, response
