"""Processes that a run has room for, known before it starts."""

import pytest

from quintain.available_memory import AvailableMemory
from quintain.doctor import side_by_side
from quintain.doctor.side_by_side import processes_that_fit

GIB = 1 << 30


@pytest.fixture
def machine(monkeypatch):
    def set_to(left_gib, cores):
        left = AvailableMemory(left_gib * GIB, "the control group /job")
        monkeypatch.setattr(side_by_side, "available_memory", lambda: left)
        monkeypatch.setattr(side_by_side, "usable_cores", lambda: cores)

    return set_to


@pytest.mark.parametrize(
    ("left_gib", "cores", "grade", "said"),
    [
        # of 3 GiB each
        (6, 2, "good", "3.0 GiB each, by the largest training; 6.0 GiB of memory left (the control group /job): "
         "room for 2 on 2 cores"),
        (4, 2, "warning", "room for 1 on 2 cores; nodes run one after the other, up to twice as long as two at a time; "
         "BranchRunner starts no more than that with --runner-params process_gib=3.0"),
        (11, 4, "warning", "room for 3 on 4 cores; BranchRunner starts no more than that"),
        (20, 1, "good", "room for 1 on 1 core; nodes run one after the other"),
    ],
)  # fmt: skip
def test_fewer_processes_than_cores_are_announced(machine, left_gib, cores, grade, said):
    machine(left_gib, cores)
    (found,) = processes_that_fit(3 * GIB)
    assert found.grade == grade
    assert said in found.line


def test_nothing_is_said_where_no_training_could_be_tried(machine):
    machine(20, 2)
    assert list(processes_that_fit(0)) == []
