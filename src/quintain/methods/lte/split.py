"""Edits to learn from and edits to measure on, apart by subject."""

import random
from collections.abc import Sequence

from quintain.methods.lte.edits import word_forms
from quintain.methods.lte.names import NameIndex
from quintain.records import Dropped, EditCase, InstructionPair


def split_by_subject(
    cases: Sequence[EditCase], test_share: float, seed: int = 0
) -> tuple[list[EditCase], list[EditCase]]:
    """Split cases so that all edits of a subject fall on one side.

    Args:
        cases: The cases.
        test_share: Share of the subjects that are kept for the test, in (0, 1).
        seed: Seed of the draw.

    Returns:
        Edits to learn from and edits to measure on, in the order of `cases`.

    Raises:
        ValueError: There are fewer than two subjects.
    """
    subjects = sorted({word_forms(case.subject) for case in cases})
    if len(subjects) < 2:
        raise ValueError(f"{len(cases)} edits of {len(subjects)} subjects cannot be split")
    count = min(max(1, round(test_share * len(subjects))), len(subjects) - 1)
    kept = set(random.Random(f"split/{seed}").sample(subjects, count))
    sides: tuple[list[EditCase], list[EditCase]] = ([], [])
    for case in cases:
        sides[word_forms(case.subject) in kept].append(case)
    return sides


class HeldOut:
    """The subjects of test edits, which must stand in no row of training that holds an edit or asks a question of one.

    A model that has seen "this subject: say what you know by heart" under an edit in training does so in the test, too.
    Free text without an edit may name them: it teaches nothing about edits, and where it is left out the model forgets
    what it could say about these subjects (a tenth of the almanac's towns: 5 of 8 points of macro HSR lost).

    Args:
        cases: The test edits.
    """

    def __init__(self, cases: Sequence[EditCase]) -> None:
        self._names = NameIndex()
        self._subjects = sorted({word_forms(name) for case in cases for name in (case.subject, *case.aliases)})
        for number, subject in enumerate(self._subjects):
            self._names.add(subject, number)

    def named_in(self, text: str) -> str:
        """A held-out subject that a text names, in small letters; empty where it names none."""
        named = self._names.named_in(word_forms(text))
        return " ".join(self._subjects[min(named)]) if named else ""

    def keep_out(self, rows: Sequence[InstructionPair]) -> tuple[list[InstructionPair], list[Dropped]]:
        """Tell rows to learn from from those that would give a subject away.

        Args:
            rows: Rows to learn from.

        Returns:
            The rows that stay, and the others.
        """
        stay: list[InstructionPair] = []
        dropped: list[Dropped] = []
        for row in rows:
            alone = row.kind == "free-text" and row.origin.knobs["facts"] == "0"
            if not alone and (name := self.named_in(f"{row.instruction}\n{row.response}")):
                dropped.append(Dropped(stage="split", reason="held-out-subject", where=row.id, text=name))
            else:
                stay.append(row)
        return stay, dropped
