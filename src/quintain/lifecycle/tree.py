"""Family tree: all students of a lifecycle in order of descent, and the pipelines that they need."""

from dataclasses import dataclass

from quintain.lifecycle.student import PACKS, SYNTHESISED, TRAININGS, WORLD, Student

DATA_PIPELINES = ("world", "synthesis", "packs")
"""Pipelines that make data: the embedded world, web pages, the training items of the exact packs."""
_ALMANAC = "almanac"
_START = "start"


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """Students, benchmarks, and which pipelines a plain `kedro run` runs for them."""

    students: tuple[Student, ...]
    """Every student after the one that it is made from; the rounds of a distillation before their last student."""
    benchmarks: tuple[str, ...]
    """Benchmarks that score the students, the headline first."""
    data: tuple[str, ...] = ()
    """Pipelines that make data although no student asks for it."""
    registers: bool = True
    """Whether students that are scored become versions in the registry."""
    judged: tuple[str, ...] = ()
    """Benchmarks in which judges prefer one of two responses; there a student meets the champion too."""

    def student(self, name: str) -> Student:
        """A student by its name."""
        return next(student for student in self.students if student.name == name)

    def by(self, pipeline: str) -> tuple[Student, ...]:
        """Declared students that a training pipeline makes, in order of descent."""
        return tuple(student for student in self.students if student.by == pipeline and student.declared)

    def ancestors(self, name: str) -> tuple[Student, ...]:
        """The students that one descends from, the nearest first."""
        found: list[Student] = []
        at = self.student(name)
        while at.parent:
            at = self.student(at.parent)
            found.append(at)
        return tuple(found)

    @property
    def world(self) -> bool:
        """True when the embedded world is a part: a student starts from it, or a benchmark asks about it."""
        return (
            "world" in self.data
            or _ALMANAC in self.benchmarks
            or any(student.start == WORLD or _ALMANAC in student.benchmarks for student in self.students)
        )

    @property
    def synthesis(self) -> bool:
        """True when web pages become instruction data: a student learns from it, or `data` asks for it."""
        return "synthesis" in self.data or any(student.on == SYNTHESISED for student in self.students)

    @property
    def packs(self) -> bool:
        """True when training items of the exact packs are drawn: a student learns from them, or `data` asks for it."""
        return "packs" in self.data or any(student.on in PACKS.values() for student in self.students)

    @property
    def pipelines(self) -> tuple[str, ...]:
        """Pipelines of a plain `kedro run`, in the order in which data flows."""
        scored = any(student.benchmarks for student in self.students)
        wanted = {
            "world": self.world,
            _START: any(student.foreign for student in self.students),
            "synthesis": self.synthesis,
            "packs": self.packs,
            **{name: bool(self.by(name)) for name in TRAININGS},
            "evaluation": scored,
            "registration": scored and self.registers,
        }
        return tuple(name for name, needed in wanted.items() if needed)

    @property
    def held_out(self) -> tuple[str, ...]:
        """Benchmarks whose items nobody may learn from: all that any student is scored on."""
        return tuple(dict.fromkeys([*self.benchmarks, *(b for student in self.students for b in student.benchmarks)]))
