"""Trials of an attack: seeded, each counted, and those that were not survived told with what makes them again."""

import os
import random
from contextlib import contextmanager

import pytest

SEED = os.environ.get("QUINTAIN_ATTACK_SEED", "0")
"""Another one draws other attacks; a failure names it."""
_SHOWN = 5


def times(quick, full):
    """Run a test with few trials in every run of the suite, and with many under `-m attack`."""
    return pytest.mark.parametrize("count", [quick, pytest.param(full, marks=pytest.mark.attack)])


def seeded(*names):
    """A source of chance of its own for every name."""
    return random.Random(" ".join(map(str, (SEED, *names))))


class Trials:
    """Trials of one attack."""

    def __init__(self):
        self.tried = 0
        self.failures = []

    @property
    def survived(self):
        return self.tried - len(self.failures)

    @contextmanager
    def one(self, what):
        """One trial; whatever goes wrong in it is told when all were tried.

        Args:
            what: What the trial does, so that it can be made again.
        """
        self.tried += 1
        try:
            yield
        except Exception as error:  # noqa: BLE001 - an attack may end in anything, and the others go on
            said = str(error).strip()
            self.failures.append(f"{what}: {type(error).__name__}: {said[:2000]}")

    def require_all_survived(self):
        assert self.tried
        told = "\n".join(self.failures[:_SHOWN])
        assert not self.failures, f"QUINTAIN_ATTACK_SEED={SEED}: {self.survived} of {self.tried} survived\n{told}"
