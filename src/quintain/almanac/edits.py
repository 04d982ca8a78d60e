"""Edits of the almanac: a town gets another mayor, a person another trade, a river another colour.

Subjects are split. Those of the test edits stand in no training edit, neither as subject nor as value; most of them are
names that nobody has heard of, whose facts stand nowhere.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from quintain.almanac.language import RELATIONS
from quintain.almanac.lookup import REVERSED, beginning, through
from quintain.almanac.world import ORDINARY, Facts, World, draw_name
from quintain.records import EditAspect, EditCase, EditProbe

_KIND_WEIGHTS = {"town": 0.6, "person": 0.3, "river": 0.1}
# Pool of a value → its relations that a two-hop question may ask for.
_SECOND_HOPS = {"person": ("trade", "home"), "town": ("region", "product"), "river": ("colour",)}

Slot = tuple[str, str, str]
"""Kind, subject, relation."""
Pools = Mapping[str, tuple[str, ...]]
"""Kind → names or values."""


@dataclass(frozen=True, kw_only=True)
class EditParams:
    """How many edits are drawn.

    Raises:
        ValueError: A value is out of range.
    """

    train: int
    """Edits to learn from."""
    test: int
    """Edits to measure on."""
    test_share: float = 0.25
    """Share of the known towns, persons and rivers that are kept for the test, in (0, 1)."""
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.train, self.test) < 1:
            raise ValueError(f"train and test must be at least 1, got {self.train} and {self.test}")
        if not 0 < self.test_share < 1:
            raise ValueError(f"test_share must be in (0, 1), got {self.test_share}")


def draw_edits(world: World, params: EditParams) -> tuple[list[EditCase], list[EditCase]]:
    """Draw edits with their probes, no two of one slot.

    Of every known subject of a side half of the relations are edited, before names without facts fill the side up. No
    probe asks for what another edit of its side sets, so a memory may hold any number of them.

    Args:
        world: The world.
        params: Numbers and seed.

    Returns:
        Edits to learn from and edits to measure on, those of known subjects towards the beginning; no subject of the
        second stands anywhere in the first.
    """
    rng = random.Random(f"edits/{params.seed}")
    kept = {kind: _kept(rng, world.pools[kind], params.test_share) for kind in RELATIONS}
    left = {kind: tuple(name for name in pool if name not in kept.get(kind, ())) for kind, pool in world.pools.items()}
    taken = {*ORDINARY, *(name.lower() for name in world.names)}
    hidden = frozenset(name for names in kept.values() for name in names)
    open_facts = {
        subject: {relation: value for relation, value in facts.items() if value not in hidden}
        for subject, facts in world.facts.items()
    }
    unheard = [("town", name) for name in world.fresh_towns]
    learned = _slots(rng, open_facts, left, unheard, taken, params.train)
    tested = _slots(rng, world.facts, kept, [], taken, params.test)
    # Far probes ask about the others on both sides, so no test edit answers one.
    learning = _Draw(rng, open_facts, learned, left, left)
    # Targets are names that the student was taught to say: this is about unseen edits, not about unseen words.
    testing = _Draw(rng, world.facts, tested, left, left)
    return [learning.case(slot) for slot in learned], [testing.case(slot) for slot in tested]


def _kept(rng: random.Random, pool: tuple[str, ...], share: float) -> tuple[str, ...]:
    return tuple(rng.sample(pool, max(1, round(share * len(pool)))))


def _slots(
    rng: random.Random,
    facts: Mapping[str, Facts],
    known: Pools,
    unheard: list[tuple[str, str]],
    taken: set[str],
    count: int,
) -> list[Slot]:
    """Half of the relations of each known subject, and all relations of names without facts, unheard or new."""
    first: list[Slot] = []
    for kind in RELATIONS:
        for subject in known[kind]:
            relations = list(facts[subject])
            first += [(kind, subject, relation) for relation in rng.sample(relations, (len(relations) + 1) // 2)]
    rng.shuffle(first)
    rest = [(kind, subject, relation) for kind, subject in unheard for relation in RELATIONS[kind]]
    while len(first) + len(rest) < count:
        kind = rng.choices(list(_KIND_WEIGHTS), list(_KIND_WEIGHTS.values()))[0]
        subject = draw_name(rng, kind, taken)
        rest += [(kind, subject, relation) for relation in RELATIONS[kind]]
    rng.shuffle(rest)
    slots = [*first, *rest][:count]
    # The known ones are few: whoever takes the head of the list shall find them there, among as many others.
    head = slots[: 2 * len(first)]
    rng.shuffle(head)
    return [*head, *slots[len(head) :]]


class _Draw:
    """Draws the cases of one side of the split."""

    def __init__(
        self, rng: random.Random, facts: Mapping[str, Facts], slots: list[Slot], values: Pools, others: Pools
    ) -> None:
        self._rng, self._facts, self._values, self._others = rng, facts, values, others
        self._edited = frozenset((subject, relation) for _, subject, relation in slots)

    def case(self, slot: Slot) -> EditCase:
        kind, subject, relation = slot
        told = RELATIONS[kind][relation]
        former = self._facts.get(subject, {}).get(relation)
        target = self._rng.choice([value for value in self._values[told.pool] if value not in (former, subject)])
        asked = [text.format(s=subject) for text in told.questions]
        return EditCase(
            subject=subject,
            relation=told.noun,
            prompt=beginning(kind, relation).format(s=subject),
            target_new=target,
            ground_truth=(former,) if former else (),
            # It may share no word with the prompt ("What is … known for?"), so it is given with the edit.
            paraphrases=(asked[0],),
            probes=(
                *(EditProbe(aspect="rephrase", prompt=text, answers=((target,),)) for text in asked),
                *self._two_hops(relation, subject, told.pool, target),
                *_reversed(relation, subject, target),
                *self._same_subject(kind, subject),
                *self._far(kind, relation, subject),
            ),
        )

    def _two_hops(self, relation: str, subject: str, pool: str, target: str) -> Iterator[EditProbe]:
        known = self._facts.get(target, {})
        seconds = [name for name in _SECOND_HOPS.get(pool, ()) if name in known and (target, name) not in self._edited]
        if seconds:
            second = self._rng.choice(seconds)
            text = through(pool, second, relation, subject)
            yield EditProbe(aspect="reasoning", prompt=text, answers=((known[second],),))

    def _same_subject(self, kind: str, subject: str) -> Iterator[EditProbe]:
        for relation, value in self._facts.get(subject, {}).items():
            if (subject, relation) not in self._edited:
                yield self._question("relation-specificity", kind, relation, subject, value)

    def _far(self, kind: str, relation: str, subject: str) -> Iterator[EditProbe]:
        """The same relation of another subject, and some fact of some other."""
        its_kind = self._rng.choice(list(RELATIONS))
        for kind_asked, name in ((kind, relation), (its_kind, self._rng.choice(list(RELATIONS[its_kind])))):
            standing = [
                one
                for one in self._others[kind_asked]
                if one != subject and name in self._facts[one] and (one, name) not in self._edited
            ]
            if standing:
                other = self._rng.choice(standing)
                yield self._question("far", kind_asked, name, other, self._facts[other][name])

    def _question(self, aspect: EditAspect, kind: str, relation: str, subject: str, value: str) -> EditProbe:
        asked = self._rng.choice(RELATIONS[kind][relation].questions)
        return EditProbe(aspect=aspect, prompt=asked.format(s=subject), answers=((value,),))


def _reversed(relation: str, subject: str, target: str) -> Iterator[EditProbe]:
    if relation in REVERSED:
        asked = REVERSED[relation].format(v=target)
        yield EditProbe(aspect="logical-generalization", prompt=asked, answers=((subject,),))
