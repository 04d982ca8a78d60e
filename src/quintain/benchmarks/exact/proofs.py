"""Responses with known verdicts: what a judge is tried on before anybody believes it."""

import dataclasses
import random

from quintain.benchmarks.satisfaction.sheet import CATEGORIES
from quintain.packs.build import DRAWN, draw_group
from quintain.records import Proof


def proofs(per_category: int, seed: int) -> list[Proof]:
    """Take witnesses and mutants in turn, at all levels, from groups that no pack of another seed holds.

    Args:
        per_category: How many for each of the six categories.
        seed: Seed of the draws.

    Returns:
        Responses with their exact verdicts.
    """
    found = []
    for category in CATEGORIES:
        rng = random.Random(f"{DRAWN}/proofs/{seed}/{category}")
        for number in range(per_category):
            group = draw_group(category, rng)
            level = 1 + number // 2 % len(group.cases)
            item, case = group.items(f"proof-{number + 1}")[level - 1], group.cases[level - 1]
            broken = rng.randrange(level) if number % 2 else None
            path = ("", *(lower.instruction for lower in group.cases[: level - 1]))
            found.append(
                Proof(
                    item=dataclasses.replace(item, id="", path=path),
                    response=case.witness if broken is None else case.mutants[broken],
                    satisfied=tuple(i != broken for i in range(level)),
                )
            )
    return found
