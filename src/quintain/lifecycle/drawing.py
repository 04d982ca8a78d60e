"""Drawing of a family tree as text."""

from collections.abc import Iterator

from quintain.lifecycle.student import Student
from quintain.lifecycle.tree import Lifecycle


def draw(lifecycle: Lifecycle) -> list[str]:
    """Draw the tree, one line per declared student, then benchmarks and pipelines.

    Args:
        lifecycle: The tree.

    Returns:
        Lines of text.
    """
    rows: list[tuple[str, str]] = []
    for student in lifecycle.students:
        if student.start:
            rows += _branch(lifecycle, student, "", "")
    width = max((len(name) for name, _ in rows), default=0)
    lines = [f"{name:{width}}  {made}" for name, made in rows] or ["no students"]
    if lifecycle.benchmarks:
        first, *others = lifecycle.benchmarks
        lines += ["", f"benchmarks: {', '.join([f'{first} (headline)', *others])}"]
    else:
        lines += ["", "benchmarks: none, so nothing is scored or registered"]
    lines.append(f"pipelines:  {' '.join(lifecycle.pipelines) or 'none'}")
    return lines


def _branch(lifecycle: Lifecycle, student: Student, first: str, further: str) -> Iterator[tuple[str, str]]:
    yield first + student.name, _made(lifecycle, student)
    declared = [each for each in lifecycle.students if each.declared]
    children = [each for each in declared if _declared_parent(lifecycle, each) == student.name]
    for child in children:
        last = child is children[-1]
        yield from _branch(lifecycle, child, further + ("└─ " if last else "├─ "), further + ("   " if last else "│  "))


def _declared_parent(lifecycle: Lifecycle, student: Student) -> str:
    """The student that lifecycle.yml names after `from`; before the rounds of a distillation."""
    return lifecycle.student(student.rounds[0]).parent if student.rounds else student.parent


def _made(lifecycle: Lifecycle, student: Student) -> str:
    parts = [f"start: {student.start}"] if student.start else [f"{student.by} on {student.on}"]
    if student.rounds:
        parts.append(f"{len(student.rounds)} round{'s' * (len(student.rounds) > 1)}")
    parts += [f"{name} = {value}" for name, value in student.overrides.items()]
    if student.benchmarks != lifecycle.benchmarks:
        parts.append(f"benchmarks: {', '.join(student.benchmarks) or 'none'}")
    return ", ".join(parts)
