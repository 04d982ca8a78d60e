"""Edits of the almanac: a town gets another mayor, a person another trade, a river another colour.

Subjects are split. Those of the test edits stand in no training edit, neither as subject nor as value; most of them are
names that nobody has heard of, whose facts stand nowhere, and which have an alias. Training edits are mostly about
known subjects: a student that sees a known name only where memory is right learns "known name: memory", and follows no
edit of one.
"""

import itertools
import math
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from quintain.almanac.lookup import REVERSED, beginning, through
from quintain.almanac.phrasing import RELATIONS
from quintain.almanac.world import ORDINARY, Facts, World, draw_name
from quintain.fields import Count, Seed, Share, check
from quintain.records import EditAspect, EditCase, EditProbe

_KIND_WEIGHTS = {"town": 0.6, "person": 0.3, "river": 0.1}
# Pool of a value → its relations that a two-hop question may ask for.
_SECOND_HOPS = {"person": ("trade", "home"), "town": ("region", "product"), "river": ("colour",)}

Slot = tuple[str, str, str]
"""Kind, subject, relation."""
Newcomer = tuple[str, str, str]
"""Kind, name and alias; some have no alias."""
Drawn = tuple[Slot, str]
"""A slot and its new target."""
Pools = Mapping[str, tuple[str, ...]]
"""Kind → names or values."""


@dataclass(frozen=True, kw_only=True)
class EditParams:
    """Number of edits to draw, and their mixture.

    Raises:
        ValueError: A value is out of range.
    """

    train: Count
    """Edits to learn from."""
    test: Count
    """Edits to measure on."""
    test_share: Annotated[float, Meta(gt=0, lt=1)] = 0.25
    """Share of the subjects with facts that are kept for the test, in (0, 1)."""
    known_share: Share = 0.75
    """Share of the edits to learn from whose subjects have facts in the world, in [0, 1]."""
    seed: Seed = 0
    """Seed of the draws."""

    def __post_init__(self) -> None:
        check(self)


def draw_edits(world: World, params: EditParams) -> tuple[list[EditCase], list[EditCase]]:
    """Draw edits with their probes.

    Of the edits to learn from several may set one slot, since each is learned alone. Those of the test set a slot once,
    half of the relations of each kept subject, and no probe asks for what another edit sets: a memory may hold any
    number of them.

    Args:
        world: The world.
        params: Numbers and seed.

    Returns:
        Edits to learn from, and edits to measure on with those of known subjects towards the beginning; no subject of
        the second stands anywhere in the first.
    """
    rng = random.Random(f"edits/{params.seed}")
    kept = {kind: _kept(rng, world.pools[kind], params.test_share) for kind in RELATIONS}
    left = {kind: tuple(name for name in pool if name not in kept.get(kind, ())) for kind, pool in world.pools.items()}
    hidden = frozenset(name for names in kept.values() for name in names)
    open_facts = {
        subject: {relation: value for relation, value in facts.items() if value not in hidden}
        for subject, facts in world.facts.items()
    }
    newcomers = _newcomers(rng, {*ORDINARY, *(name.lower() for name in world.names)})
    unheard = itertools.chain((("town", name, "") for name in world.fresh_towns), newcomers)
    learned = _learned(_Draw(rng, open_facts, left), left, unheard, params)
    # Targets of the test are names that the student learned to say: this is about unseen edits, not about unseen words.
    return learned, _tested(_Draw(rng, world.facts, left), kept, newcomers, params.test)


def _learned(draw: "_Draw", left: Pools, unheard: Iterator[Newcomer], params: EditParams) -> list[EditCase]:
    slots = [slot for kind in RELATIONS for name in left[kind] for slot in draw.slots(kind, name)]
    drawn = draw.many_each(slots, round(params.known_share * params.train))
    drawn += draw.one_each(unheard, params.train - len(drawn))
    draw.rng.shuffle(drawn)
    return [draw.case(*one) for one in drawn]


def _tested(draw: "_Draw", kept: Pools, newcomers: Iterator[Newcomer], count: int) -> list[EditCase]:
    slots = [slot for kind in RELATIONS for name in kept[kind] for slot in draw.slots(kind, name, share=0.5)]
    known = draw.many_each(slots, min(len(slots), count))
    others = draw.one_each(newcomers, count - len(known))
    # The known ones are few: whoever takes the head of the list shall find them there, among as many others.
    head = [*known, *others[: len(known)]]
    draw.rng.shuffle(head)
    drawn = [*head, *others[len(known) :]]
    draw.put_together(drawn)
    return [draw.case(*one) for one in drawn]


def _kept(rng: random.Random, pool: tuple[str, ...], share: float) -> tuple[str, ...]:
    return tuple(rng.sample(pool, max(1, round(share * len(pool)))))


def _newcomers(rng: random.Random, taken: set[str]) -> Iterator[Newcomer]:
    """Subjects that nobody has heard of, without end."""
    while True:
        kind = rng.choices(list(_KIND_WEIGHTS), list(_KIND_WEIGHTS.values()))[0]
        yield kind, draw_name(rng, kind, taken), draw_name(rng, kind, taken)


class _Draw:
    """Draws targets and probes of one side of the split.

    Far probes ask about the subjects that are left for training on both sides, so no test edit answers one.
    """

    def __init__(self, rng: random.Random, facts: Mapping[str, Facts], left: Pools) -> None:
        self.rng, self._facts, self._left = rng, facts, left
        self._aliases: dict[str, str] = {}
        self._edited: frozenset[tuple[str, ...]] = frozenset()
        self._bearers: dict[tuple[str, str], list[str]] = defaultdict(list)

    def slots(self, kind: str, subject: str, share: float = 1.0) -> list[Slot]:
        """Some of the relations of a subject."""
        relations = list(self._facts[subject])
        return [(kind, subject, name) for name in self.rng.sample(relations, math.ceil(share * len(relations)))]

    def many_each(self, slots: list[Slot], count: int) -> list[Drawn]:
        """Edit every slot once, then once more with other targets, as far as the number goes."""
        self.rng.shuffle(slots)
        targets = {slot: self._targets(slot) for slot in slots}
        drawn: list[Drawn] = []
        while len(drawn) < count and any(targets.values()):
            drawn += [(slot, targets[slot].pop()) for slot in slots if targets[slot]]
        return drawn[:count]

    def one_each(self, subjects: Iterator[Newcomer], count: int) -> list[Drawn]:
        """Edit every relation of one subject after the other."""
        drawn: list[Drawn] = []
        while len(drawn) < count:
            kind, subject, self._aliases[subject] = next(subjects)
            slots = [(kind, subject, relation) for relation in RELATIONS[kind]]
            drawn += [(slot, self._targets(slot).pop()) for slot in slots]
        drawn = drawn[:count]
        self.rng.shuffle(drawn)
        return drawn

    def put_together(self, drawn: list[Drawn]) -> None:
        """Note that edits will stand in one memory: no probe shall ask for what another one of them sets."""
        self._edited = frozenset(slot[1:] for slot, _ in drawn)
        for (_, subject, relation), target in drawn:
            self._bearers[relation, target].append(subject)

    def _targets(self, slot: Slot) -> list[str]:
        kind, subject, relation = slot
        former = self._facts.get(subject, {}).get(relation)
        values = [value for value in self._left[RELATIONS[kind][relation].pool] if value not in (former, subject)]
        self.rng.shuffle(values)
        return values

    def case(self, slot: Slot, target: str) -> EditCase:
        """The edit with its probes; none asks for an edited slot."""
        kind, subject, relation = slot
        told = RELATIONS[kind][relation]
        former = self._facts.get(subject, {}).get(relation)
        alias = self._aliases.get(subject, "")
        asked = [text.format(s=subject) for text in told.questions]
        turned_round = [text.format(v=target) for text in REVERSED.get(relation, ())]
        return EditCase(
            subject=subject,
            relation=told.noun,
            prompt=beginning(kind, relation).format(s=subject),
            target_new=target,
            ground_truth=(former,) if former else (),
            aliases=(alias,) if alias else (),
            # What no rule can find in the prompt is given with the edit: a question may share no word with it ("What is
            # … known for?"), or ask for the subject.
            paraphrases=(asked[0], *turned_round[:1]),
            probes=(
                *(EditProbe(aspect="rephrase", prompt=text, answers=((target,),)) for text in asked),
                *self._aliasing(told.questions, alias, target),
                *self._two_hops(relation, subject, told.pool, target),
                *self._reversed(turned_round, relation, subject, target),
                *self._same_subject(kind, subject, relation),
                *self._far(kind, relation, subject),
            ),
        )

    def _aliasing(self, questions: Sequence[str], alias: str, target: str) -> Iterator[EditProbe]:
        if alias:
            asked = self.rng.choice(questions).format(s=alias)
            yield EditProbe(aspect="subject-aliasing", prompt=asked, answers=((target,),))

    def _two_hops(self, relation: str, subject: str, pool: str, target: str) -> Iterator[EditProbe]:
        known = self._facts.get(target, {})
        for second in _SECOND_HOPS.get(pool, ()):
            if second in known and (target, second) not in self._edited:
                text = through(pool, second, relation, subject)
                yield EditProbe(aspect="reasoning", prompt=text, answers=((known[second],),))

    def _reversed(self, questions: Sequence[str], relation: str, subject: str, target: str) -> Iterator[EditProbe]:
        # In one memory several subjects may have got the target; each of them is a right answer.
        subjects = self._bearers.get((relation, target), [subject])
        for text in questions:
            yield EditProbe(aspect="logical-generalization", prompt=text, answers=tuple((one,) for one in subjects))

    def _same_subject(self, kind: str, subject: str, edited: str) -> Iterator[EditProbe]:
        taken = {(subject, edited), *self._edited}
        standing = [item for item in self._facts.get(subject, {}).items() if (subject, item[0]) not in taken]
        for relation, value in self.rng.sample(standing, min(2, len(standing))):
            yield self._question("relation-specificity", kind, relation, subject, value)

    def _far(self, kind: str, relation: str, subject: str) -> Iterator[EditProbe]:
        """The same relation of another subject, and some fact of some other."""
        its_kind = self.rng.choice(list(RELATIONS))
        for kind_asked, name in ((kind, relation), (its_kind, self.rng.choice(list(RELATIONS[its_kind])))):
            others = [one for one in self._left[kind_asked] if one != subject and name in self._facts[one]]
            if others:
                other = self.rng.choice(others)
                yield self._question("far", kind_asked, name, other, self._facts[other][name])

    def _question(self, aspect: EditAspect, kind: str, relation: str, subject: str, value: str) -> EditProbe:
        asked = self.rng.choice(RELATIONS[kind][relation].questions)
        return EditProbe(aspect=aspect, prompt=asked.format(s=subject), answers=((value,),))
