"""Edits of invented people, companies, places and devices, in KnowEdit's fields, with exact answers to every probe.

Everybody's facts are drawn before the edits: what a subject was, what it becomes, and what stays. Questions turned
round may have several right answers, namely every subject that came to the same target.
"""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quintain.packs.material.edit_facts import POOLS, RELATIONS, Relation

MOST_EDITS = 50_000
"""Largest number of edits of one file: beyond it, too many subjects share a target."""
_VERSION = "1"
_ONSETS = "b br d f g h j k l m n p r s t tr v z".split()
_VOWELS = "aeiou"
_CODAS = "l m n r s th x".split()
_FORMS = {"person": "{0} {1}", "company": "{0} {2}", "place": "{0}{3}", "device": "{0} {4}"}
_COMPANY_WORDS = ("Holdings", "Industries", "Partners", "Works", "Brothers", "Trading")
_PLACE_ENDINGS = ("by", "holm", "stead", "mouth", "fell", "wick")
_ALIASES = {"person": "{0}", "company": "{0} Group", "place": "Old {0}", "device": "Model {0}"}


@dataclass(frozen=True)
class _Subject:
    kind: str
    name: str
    alias: str
    facts: Mapping[str, str]
    """Noun of a relation → what held before the edit."""


def draw_edits(seed: int, size: int) -> list[dict[str, Any]]:
    """Draw edits, each of a subject of its own.

    Args:
        seed: Seed of the draws.
        size: Number of edits, 1 to 50,000.

    Returns:
        Rows with KnowEdit's fields, and beside them `relation`, `aliases`, `paraphrases` and `facts`, what holds of the
        subject apart from the edit.

    Raises:
        ValueError: The size is out of range.
    """
    if not 1 <= size <= MOST_EDITS:
        raise ValueError(f"the number of edits must be 1 to {MOST_EDITS:,}, got {size:,}")
    rng = random.Random(f"{_VERSION}/edits/{seed}")
    taken: set[str] = set()
    kinds = [*RELATIONS]
    edited = []
    holders: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for number in range(size):
        subject = _draw_subject(kinds[number % len(kinds)], taken, rng)
        relation = rng.choice(RELATIONS[subject.kind])
        former = subject.facts[relation.noun]
        target = rng.choice([thing for thing in POOLS[relation.pool].facts if thing != former])
        holders[subject.kind, relation.noun, target].append(subject.name)
        edited.append((subject, relation, target))
    return [
        _row(subject, relation, target, holders[subject.kind, relation.noun, target], rng)
        for subject, relation, target in edited
    ]


def _draw_subject(kind: str, taken: set[str], rng: random.Random) -> _Subject:
    first, second, alias = (_word(taken, rng) for _ in range(3))
    name = _FORMS[kind].format(
        first, second, rng.choice(_COMPANY_WORDS), rng.choice(_PLACE_ENDINGS), rng.randrange(10, 1000) * 10
    )
    facts = {relation.noun: rng.choice([*POOLS[relation.pool].facts]) for relation in RELATIONS[kind]}
    return _Subject(kind, name, _ALIASES[kind].format(alias), facts)


def _word(taken: set[str], rng: random.Random) -> str:
    """A name of two or three syllables that nobody else bears."""
    while True:
        syllables = [rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(rng.choice((2, 2, 3)))]
        word = ("".join(syllables) + rng.choice(_CODAS)).capitalize()
        if word not in taken:
            taken.add(word)
            return word


def _row(
    subject: _Subject, relation: Relation, target: str, holders: Sequence[str], rng: random.Random
) -> dict[str, Any]:
    pool, name = POOLS[relation.pool], subject.name
    others = [other for other in RELATIONS[subject.kind] if other is not relation]
    near = rng.sample(others, 2)
    hops = zip(pool.hops, pool.facts[target], strict=True)
    return {
        "subject": name,
        "relation": relation.noun,
        "prompt": relation.prompt.format(s=name),
        "target_new": target,
        "ground_truth": [subject.facts[relation.noun]],
        "rephrase_prompt": relation.rephrased.format(s=name),
        "aliases": [subject.alias],
        "paraphrases": [
            *(text.format(s=name) for text in relation.paraphrases),
            relation.backward[0].format(t=target),
        ],
        "facts": [f"{other.prompt.format(s=name)} {subject.facts[other.noun]}." for other in others],
        "portability": {
            "Subject_Aliasing": [_probe(relation.rephrased.format(s=subject.alias), target)],
            "Reasoning": [_probe(hop.format(r=relation.phrase.format(s=name)), fact) for hop, fact in hops],
            "Logical_Generalization": [
                {"prompt": relation.backward[1].format(t=target), "ground_truth": [[holder] for holder in holders]}
            ],
        },
        "locality": {
            "Relation_Specificity": [
                _probe(other.rephrased.format(s=name), subject.facts[other.noun]) for other in near
            ],
            "Far": [
                _probe(pool.questions[0].format(t=target), pool.facts[target][0]),
                _far(target, rng),
            ],
        },
    }


def _far(target: str, rng: random.Random) -> dict[str, Any]:
    """A question about something real that the edit has nothing to do with."""
    pool = rng.choice([*POOLS.values()])
    thing = rng.choice([thing for thing in pool.facts if thing != target])
    number = rng.randrange(len(pool.questions))
    return _probe(pool.questions[number].format(t=thing), pool.facts[thing][number])


def _probe(prompt: str, answer: str) -> dict[str, Any]:
    return {"prompt": prompt, "ground_truth": [[answer]]}
