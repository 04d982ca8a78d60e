"""Groups of conversations: constraints that a second turn changes, and constraints that a system turn sets.

What counts is what holds at the end: the rules of an item are those in force after the last turn, and the turns
before are part of the item. Level n has n rules in force. A witness proves that they can be obeyed, and disobeys what
was taken back or what only the user wants; what the assistant said before is among the mutants, so that to repeat it
never passes.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from quintain.packs.asking import ask, ask_base
from quintain.packs.checks import check
from quintain.packs.drafts import compose
from quintain.packs.free_text import CATEGORY_OF, base_task, draw_kinds, draw_rules, hold_together
from quintain.packs.groups import Case, Group
from quintain.packs.material.conversations import ADDED, CHANGED, CONTRADICTED, RULED, TAKEN_BACK
from quintain.packs.stock import Stock, Topic
from quintain.records import Message, Rule

_KINDS_OF_TEXT = ("content", "style", "format", "mixed")
_LEVELS = 5
_OTHER_VALUES = 8
"""Draws of another value of a rule before it counts as one that has a single value."""


@dataclass(frozen=True)
class _Plan:
    """Five rules about a topic that hold together, and how they are asked for."""

    topic: Topic
    stock: Stock
    rules: tuple[Rule, ...]
    wordings: tuple[str, ...]
    base: str
    seed: int

    def text(self, rules: Sequence[Rule], broken: int | None = None) -> str | None:
        """A text that obeys the rules, or all but one."""
        return compose(self.topic, rules, self.seed, self.stock, broken)

    def proof(self, level: int) -> tuple[str, list[str]] | None:
        """Witness and mutants of the rules up to a level."""
        texts = [self.text(self.rules[:level], broken) for broken in (None, *range(level))]
        found = [text for text in texts if text is not None]
        return (found[0], found[1:]) if len(found) == len(texts) else None


_Way = Callable[[_Plan, int, random.Random], Case | None]
"""From a plan and a level to a conversation; None where no text could be written."""


def conversation_group(kind: str, number: int, stock: Stock, rng: random.Random) -> Group | None:
    """Draw a group of conversations about a topic.

    Args:
        kind: `turns` or `system`.
        number: Which group of the kind it is: its ways take turns.
        stock: What it is drawn from.
        rng: Source of the draws.

    Returns:
        The group, not yet proved; None when the drawn rules conflict.
    """
    ways = CONVERSATIONS[kind]
    name = [*ways][number % len(ways)]
    topic = rng.choice(stock.topics)
    rules = draw_rules(draw_kinds(rng.choice(_KINDS_OF_TEXT), rng), topic, stock, rng)
    wordings = tuple(ask(rule, stock, rng) for rule in rules)
    plan = _Plan(topic, stock, rules, wordings, ask_base(topic.name, stock, rng), rng.randrange(2**32))
    cases: list[Case] = []
    for level in range(1, _LEVELS + 1):
        case = ways[name](plan, level, rng)
        if case is None:
            return None
        cases.append(case)
    return Group(kind, f"{name}: {topic.name}", tuple(cases))


def _adds(plan: _Plan, level: int, rng: random.Random) -> Case | None:
    """The second turn adds the last rule."""
    proof = plan.proof(level)
    if proof is None:
        return None
    witness, mutants = proof
    asked = " ".join((plan.base, *plan.wordings[: level - 1]))
    second = rng.choice(ADDED).format(new=plan.wordings[level - 1])
    # What obeys all but the last rule is what the assistant said before that rule came.
    return _second_turn(plan, level, asked, mutants[-1], second, witness, mutants)


def _changes(plan: _Plan, level: int, rng: random.Random) -> Case | None:
    """The second turn gives one of the rules another value."""
    changed = _instead(plan, level, _other_values, rng)
    proof = plan.proof(level)
    if changed is None or proof is None:
        return None
    place, former, said = changed
    witness, mutants = proof
    mutants[place] = said
    former_wording = ask(former, plan.stock, rng)
    asked = [*plan.wordings[:level]]
    asked[place] = former_wording
    second = rng.choice(CHANGED).format(old=former_wording, new=plan.wordings[place])
    return _second_turn(plan, level, " ".join((plan.base, *asked)), said, second, witness, mutants)


def _takes_back(plan: _Plan, level: int, rng: random.Random) -> Case | None:
    """The second turn takes back a sixth rule and adds the last one."""
    kinds = [rule.kind for rule in plan.rules]
    others = [kind for kind in CATEGORY_OF if kind not in kinds and hold_together([*kinds, kind])]
    if not others:
        return None
    (dropped,) = draw_rules([rng.choice(others)], plan.topic, plan.stock, rng)
    rules = (*plan.rules[:level], dropped)
    said, witness = plan.text(rules, broken=level - 1), plan.text(rules, broken=level)
    proof = plan.proof(level)
    if said is None or witness is None or proof is None:
        return None
    mutants = [*proof[1][:-1], said]
    wording = ask(dropped, plan.stock, rng)
    asked = " ".join((plan.base, *plan.wordings[: level - 1], wording))
    second = rng.choice(TAKEN_BACK).format(old=wording, new=plan.wordings[level - 1])
    return _second_turn(plan, level, asked, said, second, witness, mutants)


def _ruled(plan: _Plan, level: int, rng: random.Random) -> Case | None:
    """The system turn sets the rules, the user asks for a text."""
    proof = plan.proof(level)
    if proof is None:
        return None
    return _under_rules(plan, level, plan.base, *proof, rng)


def _contradicted(plan: _Plan, level: int, rng: random.Random) -> Case | None:
    """The system turn sets the rules, the user wants the contrary of one of them."""
    changed = _instead(plan, level, _contraries, rng)
    proof = plan.proof(level)
    if changed is None or proof is None:
        return None
    place, wanted, obliging = changed
    witness, mutants = proof
    mutants[place] = obliging
    user = rng.choice(CONTRADICTED).format(base=plan.base, new=ask(wanted, plan.stock, rng))
    return _under_rules(plan, level, user, witness, mutants, rng)


_Others = Callable[[_Plan, Rule, random.Random], Iterator[Rule]]
"""From a rule to others that may stand in its place."""


def _instead(plan: _Plan, level: int, others: _Others, rng: random.Random) -> tuple[int, Rule, str] | None:
    """Place of a rule, another one in its place, and a text that obeys the other one there and breaks the first."""
    for place in rng.sample(range(level), level):
        rule = plan.rules[place]
        for other in others(plan, rule, rng):
            text = plan.text([other if i == place else each for i, each in enumerate(plan.rules[:level])])
            if text is not None and not check(rule, text).holds:
                return place, other, text
    return None


def _other_values(plan: _Plan, rule: Rule, rng: random.Random) -> Iterator[Rule]:
    """The same rule with other values."""
    for _ in range(_OTHER_VALUES):
        (other,) = draw_rules([rule.kind], plan.topic, plan.stock, rng)
        if other.value != rule.value:
            yield other


def _contraries(plan: _Plan, rule: Rule, rng: random.Random) -> Iterator[Rule]:
    """Rules that no text obeys beside this one."""
    values = rule.value.split("|")
    if rule.kind in _CONTRARY:
        kind, value = _CONTRARY[rule.kind]
        yield Rule(kind=kind, value=value.format(*values))
    elif rule.kind in ("repeat", "at_most"):
        number, word = int(values[0]), values[1]
        yield Rule(kind="at_least", value=f"{number + 1}|{word}")
    elif rule.kind in _ONE_VALUE_ONLY:
        yield from _other_values(plan, rule, rng)


_CONTRARY = {
    "include": ("exclude", "{0}"),
    "exclude": ("include", "{0}"),
    "at_least": ("exclude", "{1}"),
    "in_first_sentence": ("exclude", "{0}"),
    "in_last_sentence": ("exclude", "{0}"),
    "in_paragraph": ("exclude", "{1}"),
}
"""Rule → its contrary, by the values of the rule."""
_ONE_VALUE_ONLY = frozenset(
    "case sentence_end sentence_start first_letter paragraph_count sentence_count bullets numbered heading first_line "
    "last_line bold".split()
)
"""Rules of which a text obeys one value at most."""


def _second_turn(
    plan: _Plan, level: int, first: str, said: str, second: str, witness: str, mutants: Sequence[str]
) -> Case:
    context = (Message(role="user", content=first), Message(role="assistant", content=said))
    return _case(plan, level, second, witness, mutants, context)


def _under_rules(plan: _Plan, level: int, user: str, witness: str, mutants: Sequence[str], rng: random.Random) -> Case:
    system = rng.choice(RULED).format(rules=" ".join(plan.wordings[:level]))
    return _case(plan, level, user, witness, mutants, (Message(role="system", content=system),))


def _case(
    plan: _Plan, level: int, instruction: str, witness: str, mutants: Sequence[str], context: tuple[Message, ...]
) -> Case:
    target = base_task(plan.topic, plan.stock)
    return Case(instruction, plan.rules[:level], target, witness, tuple(mutants), context=context)


CONVERSATIONS: dict[str, dict[str, _Way]] = {
    "turns": {"adds": _adds, "changes": _changes, "takes back": _takes_back},
    "system": {"sets": _ruled, "contradicted": _contradicted},
}
"""Kinds of conversations, each with its ways; a kind is a category of the scorecard."""
