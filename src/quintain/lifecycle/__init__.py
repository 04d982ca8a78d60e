"""Lifecycle: the family tree of students that conf/<env>/lifecycle.yml declares, and the benchmarks that score them."""

from quintain.lifecycle.student import GIVEN, PACKS, TRAININGS, WORLD, Student
from quintain.lifecycle.tree import Lifecycle

__all__ = ["GIVEN", "PACKS", "TRAININGS", "WORLD", "Lifecycle", "Student"]
