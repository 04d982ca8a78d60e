"""The oracle as Lion's referee: it scores exactly, unless a flaw of real referees is asked for."""

import random
from dataclasses import dataclass

from quintain.almanac.checks import does_task, satisfies
from quintain.almanac.instructions import read_instruction
from quintain.almanac.world import World
from quintain.fields import NotNegative, Share, check


@dataclass(frozen=True, kw_only=True)
class RefereeFlaws:
    """Errors of real referees, to be had on purpose.

    Raises:
        ValueError: A value is out of range.
    """

    position_bias: float = 0.0
    """Points that the response shown second loses; negative for the one shown first."""
    noise: NotNegative = 0.0
    """Standard deviation of each score, in points."""
    parse_failures: Share = 0.0
    """Share of reviews without scores, 0-1."""

    def __post_init__(self) -> None:
        check(self)


def review(
    world: World, instruction: str, responses: tuple[str, str], flaws: RefereeFlaws, rng: random.Random
) -> tuple[float, float] | None:
    """Score two responses from 1 to 10: the task itself weighs as much as one constraint.

    Args:
        world: The world that the instruction is about.
        instruction: What both were asked.
        responses: The two, in the order in which they are shown.
        flaws: How to err.
        rng: Source of the errors.

    Returns:
        The scores with one decimal, or None for a review without scores.
    """
    if rng.random() < flaws.parse_failures:
        return None
    task = read_instruction(world, instruction)
    scores = []
    for place, response in enumerate(responses):
        met = [does_task(world, task, response), *satisfies(world, task, response)]
        lost = max(0.0, flaws.position_bias if place else -flaws.position_bias)
        score = 1 + 9 * sum(met) / len(met) - lost + rng.gauss(0, flaws.noise)
        scores.append(round(min(10.0, max(1.0, score)), 1))
    return scores[0], scores[1]
