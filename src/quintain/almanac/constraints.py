"""The constraints that an instruction can stack, in FollowBench's six categories."""

import random
from dataclasses import dataclass

from quintain.almanac.phrasing import (
    AUDIENCES,
    BRACKETS,
    END_MARKS,
    FOOTERS,
    HEADERS,
    NOUNS,
    PREFIX_MARKS,
    ROLES,
    SEPARATORS,
    TIMES,
    TOWN_RELATIONS,
    WORDS,
    WRAPS,
)
from quintain.records import Rule

CATEGORIES = ("content", "situation", "style", "format", "example", "mixed")
LEVELS = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Axis:
    """One thing that can be constrained; an instruction constrains each axis at most once, content apart."""

    category: str
    values: tuple[str, ...]
    wordings: dict[str, tuple[str, ...]]
    """Value → ways to ask for it; the key "" serves every value, with {v} the value and {n} its noun."""


AXES: dict[str, Axis] = {
    "mention": Axis("content", TOWN_RELATIONS, {"": ("Mention the {n}.", "Include the {n}.")}),
    "omit": Axis("content", TOWN_RELATIONS, {"": ("Do not mention the {n}.", "Leave out the {n}.")}),
    "word": Axis("content", WORDS, {"": ("Use the word {v}.", "The word {v} must appear.")}),
    "role": Axis("situation", tuple(ROLES), {"": ("You are a {v}.", "Speak as a {v}.")}),
    "audience": Axis("situation", tuple(AUDIENCES), {"": ("The reader is a {v}.", "You speak to a {v}.")}),
    "time": Axis("situation", tuple(TIMES), {"": ("It is {v}.", "The {v} has come.")}),
    "hurry": Axis("situation", ("yes",), {"": ("The reader is in a hurry.", "There is little time to read.")}),
    "leave": Axis("situation", ("yes",), {"": ("The reader will leave soon.", "The reader is about to travel.")}),
    "capitals": Axis("style", ("yes",), {"": ("Write the town name in capitals.", "Put the town in capitals.")}),
    "ender": Axis(
        "style",
        ("!", "?"),
        {
            "!": ("Sound excited.", "End each sentence with an exclamation mark."),
            "?": ("Ask every sentence as a question.", "End each sentence with a question mark."),
        },
    ),
    "opener": Axis(
        "style", ("Indeed", "They say"), {"": ("Start every sentence with {v}.", "Each sentence begins with {v}.")}
    ),
    "polite": Axis("style", ("yes",), {"": ("Use the polite word kindly.", "Be polite and say kindly.")}),
    "emphasis": Axis("style", ("yes",), {"": ("Add truly to each sentence.", "Each sentence says truly.")}),
    "count": Axis("format", ("1", "2", "3", "4"), {"": ("Write exactly {v} facts.", "Give exactly {v} facts.")}),
    "list": Axis(
        "format",
        ("dash", "star", "number", "key"),
        {
            "dash": ("Use a dash list.", "Put each fact behind a dash."),
            "star": ("Use a star list.", "Put each fact behind a star."),
            "number": ("Use a numbered list.", "Number the facts."),
            "key": ("Use one key and value per line.", "Write keys and values."),
        },
    ),
    "header": Axis("format", HEADERS, {"": ("Begin with {v}", "The first word is {v}")}),
    "footer": Axis("format", FOOTERS, {"": ("End with {v}", "The last words are {v}")}),
    "wrap": Axis(
        "format",
        tuple(WRAPS),
        {"": ("Put {v} around the whole answer.", "The whole answer stands between {v}.")},
    ),
    "separator": Axis("example", SEPARATORS, {}),
    "brackets": Axis("example", BRACKETS, {}),
    "end": Axis("example", END_MARKS, {}),
    "prefix": Axis("example", PREFIX_MARKS, {}),
    "swap": Axis("example", ("yes",), {}),
}

# A list has no sentences, so what is asked of every sentence cannot be asked of it.
_CONFLICTS = {frozenset(("list", other)) for other in ("ender", "opener", "emphasis", "polite")}
_MOST_OMITTED = 3


def wordings(rule: Rule) -> tuple[str, ...]:
    """All ways to ask for a rule; empty for patterns, which are shown and not said."""
    axis = AXES[rule.kind]
    asked = axis.wordings.get(rule.value) or axis.wordings.get("", ())
    return tuple(wording.format(v=rule.value, n=NOUNS.get(rule.value, rule.value)) for wording in asked)


def sample_rules(rng: random.Random, category: str, level: int, skew: float = 0.0) -> tuple[Rule, ...]:
    """Draw rules that can hold together.

    Args:
        rng: Source of the draws.
        category: One of the six.
        level: Number of rules, 1-5.
        skew: Zipf exponent over axes and values; 0 draws them evenly, 1 as users would, with a long tail.

    Returns:
        The rules in the order in which levels add them.

    Raises:
        ValueError: The category or the level does not exist.
    """
    if category not in CATEGORIES or level not in LEVELS:
        raise ValueError(f"there is no category {category!r} at level {level}; levels are 1-5 of {CATEGORIES}")
    rules: list[Rule] = []
    while len(rules) < level:
        open_axes = [name for name in _axes_of(category) if _fits(name, rules)]
        # Every pattern has its separator first: without one the plain arrow would be no constraint.
        name = "separator" if category == "example" and not rules else _skewed(rng, open_axes, skew)
        taken = (
            {rule.value for rule in rules if rule.kind in ("mention", "omit")} if name in ("mention", "omit") else set()
        )
        values = [value for value in AXES[name].values if value not in taken]
        rules.append(Rule(kind=name, value=_skewed(rng, values, skew)))
    return tuple(rules)


def _axes_of(category: str) -> list[str]:
    if category == "mixed":
        return [name for name, axis in AXES.items() if axis.category != "example"]
    return [name for name, axis in AXES.items() if axis.category == category]


def _fits(name: str, rules: list[Rule]) -> bool:
    kinds = [rule.kind for rule in rules]
    if any(frozenset((name, kind)) in _CONFLICTS for kind in kinds):
        return False
    if name == "omit":
        return kinds.count("omit") < _MOST_OMITTED
    if name == "mention":
        count = next((int(rule.value) for rule in rules if rule.kind == "count"), len(TOWN_RELATIONS))
        return kinds.count("mention") < min(count, 4)
    if name == "count":
        return "count" not in kinds and kinds.count("mention") <= 1 and kinds.count("omit") <= 2
    return name not in kinds


def _skewed(rng: random.Random, choices: list[str], skew: float) -> str:
    return rng.choices(choices, [1 / (rank + 1) ** skew for rank in range(len(choices))])[0]
