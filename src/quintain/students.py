"""The students of the lifecycle: who is evaluated and registered, in the order of descent."""

from collections.abc import Collection

BEFORE_ROUNDS = ("base", "webr")
"""Trained from scratch, and fine-tuned on what was synthesised; distillation starts from the second."""


PREFERENCE_START, PREFERENCE_STUDENT = "lion", "bmc"
"""Whose losing responses are bridged, and who learns to prefer the bridges."""

EDITING_STUDENT = "lte"
"""Who learns to use edits; starts from the last student before it."""


def of_rounds(rounds: int) -> tuple[str, ...]:
    """Students that so many rounds of distillation make.

    >>> of_rounds(2)
    ('round_1', 'round_2', 'lion')
    """
    return (*(f"round_{number}" for number in range(1, rounds + 1)), "lion")


def students(rounds: int, without: Collection[str] = ()) -> tuple[str, ...]:
    """Every student, each after the one it was trained from.

    Args:
        rounds: Rounds of distillation.
        without: Pipelines that the environment leaves out.

    Returns:
        Their names.

    >>> students(1, without=["editing"])
    ('base', 'webr', 'round_1', 'lion', 'bmc')
    """
    last = {"preference": PREFERENCE_STUDENT, "editing": EDITING_STUDENT}
    return (*BEFORE_ROUNDS, *of_rounds(rounds), *(name for pipeline, name in last.items() if pipeline not in without))
