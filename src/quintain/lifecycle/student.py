"""Student: one member of the family tree, and what it learns from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WORLD = "world"
"""`start: world`: the embedded world trains the student from scratch."""
GIVEN = {
    "finetuning": "given_pairs",
    "distillation": "given_seeds",
    "preference": "given_preferences",
    "editing": "given_edits",
}
"""Training pipeline → dataset of the user's own data, `on: given`."""
PACKS = {
    "finetuning": "pack_pairs",
    "distillation": "pack_seeds",
    "preference": "pack_prompts",
    "editing": "pack_edits",
}
"""Training pipeline → dataset that the pipeline `packs` makes, `on: packs`."""
TRAININGS = tuple(GIVEN)
"""Pipelines that make one student from another."""
SYNTHESISED = "instruction_pairs"
"""Dataset that the pipeline `synthesis` makes; fine-tuning and preference training learn from it by default."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class Student:
    """A model of the lifecycle: where it starts, and what makes it."""

    name: str
    """Its name; everything that is its own carries it before a dot."""
    start: str = ""
    """`world`, or the group of globals.yml that names a foreign model; empty where it is made from another student."""
    parent: str = ""
    """Student whose weights it starts from; empty where `start` is given."""
    by: str = ""
    """Training pipeline that makes it; empty where `start` is given."""
    on: str = ""
    """Dataset that it learns from."""
    overrides: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of its own, by dotted name."""
    benchmarks: tuple[str, ...] = ()
    """Benchmarks that score it, the headline first."""
    round_of: str = ""
    """Declared student that this one is a round of distillation of; empty for declared students."""
    rounds: tuple[str, ...] = ()
    """Of a student made by distillation: the students of its rounds, in order."""

    @property
    def declared(self) -> bool:
        """True when lifecycle.yml names it; rounds of distillation are made along the way."""
        return not self.round_of

    @property
    def foreign(self) -> bool:
        """True when somebody else trained it."""
        return bool(self.start) and self.start != WORLD


def is_name(text: object) -> bool:
    """True for a text that can name a student: letters, digits and underscores, a letter first."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def is_own(dataset: str) -> bool:
    """True for a dataset of the user's own: no pipeline has made it, so none has screened it.

    >>> is_own("given_pairs"), is_own("instruction_pairs"), is_own("lion.distilled_pairs")
    (True, False, False)
    """
    # What a student has made carries its name before a dot.
    return dataset != SYNTHESISED and "." not in dataset


def round_names(student: str, rounds: int) -> tuple[str, ...]:
    """Names of the students that the rounds of a distillation make.

    >>> round_names("lion", 2)
    ('lion_round_1', 'lion_round_2')
    """
    return tuple(f"{student}_round_{number}" for number in range(1, rounds + 1))
