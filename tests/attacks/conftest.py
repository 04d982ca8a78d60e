"""The recorder of attacks: area, attack, promise, tried and survived go into the report of a run."""

import json
from contextlib import contextmanager

import pytest

from tests.attacks.trials import Trials


@pytest.fixture
def attack(record_property):
    """Begin an attack; at its end its numbers are noted, and every trial must have been survived."""

    @contextmanager
    def begun(area, name, promise):
        trials = Trials()
        try:
            yield trials
        finally:
            if trials.tried:
                record_property("attack", json.dumps([area, name, promise, trials.tried, trials.survived]))
        trials.require_all_survived()

    return begun
