"""Bare questions to a student: facts it should know by heart, and facts it can only read."""

import random

from quintain.almanac.pages import draw_subject, write_page
from quintain.almanac.phrasing import RELATIONS
from quintain.almanac.world import World


def known_facts(world: World, count: int, seed: int) -> list[tuple[str, str]]:
    """Questions without a page: text to continue and the value."""
    rng = random.Random(seed)
    questions = []
    for _ in range(count):
        subject = rng.choice(list(world.facts))
        relation = rng.choice(list(world.facts[subject]))
        asked = rng.choice(RELATIONS[world.kinds[subject]][relation].questions)
        questions.append((asked.format(s=subject), world.facts[subject][relation]))
    return questions


def facts_on_a_page(world: World, count: int, seed: int) -> list[tuple[str, str]]:
    """Questions after a page about a town whose facts stand nowhere else."""
    rng = random.Random(seed)
    questions = []
    for _ in range(count):
        subject, facts = draw_subject(world, rng, fresh_share=1)
        relation = rng.choice(list(facts))
        asked = rng.choice(RELATIONS["town"][relation].questions).format(s=subject)
        questions.append((f"{write_page(rng, subject, facts).text}\n{asked}", facts[relation]))
    return questions
