"""The students of the lifecycle: who is evaluated and registered, in the order of descent."""

BEFORE_ROUNDS = ("base", "webr")
"""Trained from scratch, and fine-tuned on what was synthesised; distillation starts from the second."""


PREFERENCE_START, PREFERENCE_STUDENT = "lion", "bmc"
"""Whose losing responses are bridged, and who learns to prefer the bridges."""


def of_rounds(rounds: int) -> tuple[str, ...]:
    """Students that so many rounds of distillation make.

    >>> of_rounds(2)
    ('round_1', 'round_2', 'lion')
    """
    return (*(f"round_{number}" for number in range(1, rounds + 1)), "lion")


def students(rounds: int) -> tuple[str, ...]:
    """Every student, each after the one it was trained from."""
    return (*BEFORE_ROUNDS, *of_rounds(rounds), PREFERENCE_STUDENT)
