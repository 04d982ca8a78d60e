"""Reading of lifecycle.yml: from the document to a family tree, with one clear error for what cannot be one."""

import dataclasses
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from quintain.errors import ConfigError
from quintain.lifecycle.overrides import dotted
from quintain.lifecycle.student import GIVEN, PACKS, SYNTHESISED, TRAININGS, WORLD, Student, is_name, round_names
from quintain.lifecycle.tree import DATA_PIPELINES, Lifecycle

_KEYS = ("students", "benchmarks", "data")
_SETTINGS = ("start", "from", "by", "on", "with", "benchmarks")
_BY_DEFAULT = {"finetuning": SYNTHESISED, "preference": SYNTHESISED}
_FROM_WORLD = {"distillation": "seed_instructions", "editing": WORLD}
_ROUNDS = "distillation.rounds"


def read_lifecycle(
    document: Mapping[str, Any],
    parameters: Mapping[str, Any],
    *,
    file: str,
    starts: Sequence[str] | None = None,
    registers: bool = True,
) -> Lifecycle:
    """Build the family tree that a document declares.

    Args:
        document: `students`, `benchmarks` and `data` as Kedro merges lifecycle.yml for an environment.
        parameters: Nested parameters of that environment, for the rounds of distillation.
        file: Path of the document, for messages.
        starts: Groups of globals.yml that name a foreign model; None where they are not known.
        registers: Whether scored students become versions.

    Returns:
        The tree.

    Raises:
        ConfigError: The document declares no tree; the message names file, student and remedy.
    """
    if unknown := sorted(set(document) - set(_KEYS)):
        raise ConfigError(f"{file}: {_unknown(unknown[0], _KEYS)}")
    declared = document.get("students") or {}
    if not isinstance(declared, Mapping):
        raise ConfigError(f"{file}: `students` must map names to students, got {declared!r}")
    benchmarks = _benchmarks(document.get("benchmarks"), file, "benchmarks")
    data = _names(document.get("data"), file, "data")
    if wrong := [name for name in data if name not in DATA_PIPELINES]:
        *others, last = DATA_PIPELINES
        raise ConfigError(f"{file}: data names {wrong[0]}, which makes no data; {', '.join(others)} and {last} do")
    raw = {str(name): _settings(name, settings, file) for name, settings in declared.items()}
    world = any(one.get("start") == WORLD for one in raw.values()) or "almanac" in benchmarks or "world" in data
    students = []
    for name in _in_order(raw, file):
        student = _student(name, raw[name], benchmarks, world=world, file=file, starts=starts)
        students += _with_rounds(student, parameters, file)
    names = [student.name for student in students]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(
                f"{file}: {name} is a student of its own and a round of the distillation "
                f"{name.rpartition('_round_')[0]}; give it another name"
            )
    return Lifecycle(students=tuple(students), benchmarks=benchmarks, data=data, registers=registers)


def _settings(name: object, settings: object, file: str) -> Mapping[str, Any]:
    if not is_name(name):
        raise ConfigError(
            f"{file}: {name!r} cannot name a student; take letters, digits and underscores, a letter first"
        )
    if not isinstance(settings, Mapping):
        raise ConfigError(
            f"{file}: student {name} must say where it starts, `{{start: world}}`, or what makes it, "
            f"`{{from: STUDENT, by: finetuning}}`; got {settings!r}"
        )
    # YAML 1.1 reads a bare `on` as true.
    settings = {"on" if key is True else key: value for key, value in settings.items()}
    if unknown := sorted(set(map(str, settings)) - set(_SETTINGS)):
        raise ConfigError(f"{file}: student {name}: {_unknown(unknown[0], _SETTINGS)}")
    starts, made = "start" in settings, "from" in settings or "by" in settings
    if starts == made or (made and not ("from" in settings and "by" in settings)):
        raise ConfigError(
            f"{file}: student {name} must have either `start`, or both `from` and `by`; it has "
            f"{', '.join(map(str, settings)) or 'neither'}"
        )
    return settings


def _in_order(raw: Mapping[str, Mapping[str, Any]], file: str) -> list[str]:
    """Names so that each comes after its parent, otherwise as they are written."""
    ordered: list[str] = []
    for name in raw:
        line = [name]
        while (parent := raw[line[-1]].get("from")) is not None and parent not in ordered:
            if parent not in raw:
                close = get_close_matches(str(parent), raw, n=1)
                hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(raw)}"
                raise ConfigError(f"{file}: student {line[-1]} is made from {parent}, which is no student; {hint}")
            if parent in line:
                circle = " from ".join([*line[line.index(parent) :], str(parent)])
                raise ConfigError(f"{file}: {circle} goes in a circle; let one of them have a `start`")
            line.append(str(parent))
        ordered += [each for each in reversed(line) if each not in ordered]
    return ordered


def _student(
    name: str,
    settings: Mapping[str, Any],
    benchmarks: tuple[str, ...],
    *,
    world: bool,
    file: str,
    starts: Sequence[str] | None,
) -> Student:
    overrides = dotted(settings.get("with") or {}, f"{file}: student {name}: with")
    own = _benchmarks(settings["benchmarks"], file, f"student {name}: benchmarks") if "benchmarks" in settings else None
    if own and benchmarks and own[0] != benchmarks[0]:
        raise ConfigError(
            f"{file}: student {name}: benchmarks must begin with {benchmarks[0]}, the headline by which the gate "
            f"compares all students; got {', '.join(own)}"
        )
    scored = benchmarks if own is None else own
    if "start" in settings:
        start = settings["start"]
        if start != WORLD and (not is_name(start) or (starts is not None and start not in starts)):
            known = ", ".join(map(repr, [WORLD, *(starts or ["student"])]))
            raise ConfigError(
                f"{file}: student {name}: start is {start!r}; it can be {known}, where all but 'world' are groups of "
                "globals.yml that name a model (`student: {source: FOLDER_OR_ID, revision: ''}`)"
            )
        if "on" in settings:
            raise ConfigError(f"{file}: student {name} has a start and learns nothing, so `on` has no place there")
        return Student(name=name, start=start, overrides=overrides, benchmarks=scored)
    by = settings["by"]
    if by not in TRAININGS:
        raise ConfigError(
            f"{file}: student {name}: {by!r} is no pipeline that trains a student; by is one of {', '.join(TRAININGS)}"
        )
    on = settings.get("on")
    if on == "given":
        on = GIVEN[by]
    elif on == "packs" and by in PACKS:
        on = PACKS[by]
    elif on == "packs":
        raise ConfigError(f"{file}: student {name}: no pack has data for {by}; on can be given, or a dataset's name")
    elif on is None:
        on = _BY_DEFAULT.get(by) or (_FROM_WORLD.get(by) if world else None) or GIVEN[by]
    elif by == "editing" or not isinstance(on, str) or not on:
        allowed = "given or packs" if by == "editing" else "given, packs, or the name of a dataset of the catalog"
        raise ConfigError(f"{file}: student {name}: on is {on!r}; for {by} it can be {allowed}")
    return Student(name=name, parent=str(settings["from"]), by=by, on=on, overrides=overrides, benchmarks=scored)


def _with_rounds(student: Student, parameters: Mapping[str, Any], file: str) -> list[Student]:
    """The student, behind the students of its rounds where distillation makes it."""
    if student.by != "distillation":
        return [student]
    rounds = round_names(student.name, _number_of_rounds(student, parameters, file))
    made = [
        Student(
            name=name,
            parent=parent,
            by=student.by,
            on=student.on,
            overrides=student.overrides,
            benchmarks=student.benchmarks,
            round_of=student.name,
        )
        for name, parent in zip(rounds, (student.parent, *rounds), strict=False)
    ]
    return [*made, dataclasses.replace(student, parent=rounds[-1], rounds=rounds)]


def _number_of_rounds(student: Student, parameters: Mapping[str, Any], file: str) -> int:
    rounds = student.overrides.get(_ROUNDS, (parameters.get("distillation") or {}).get("rounds", 1))
    if not isinstance(rounds, int) or isinstance(rounds, bool) or rounds < 1:
        where = f"{file}, student {student.name}" if _ROUNDS in student.overrides else "parameters_distillation.yml"
        raise ConfigError(f"{_ROUNDS} ({where}) must be a whole number from 1, got {rounds!r}")
    return rounds


def _benchmarks(value: object, file: str, what: str) -> tuple[str, ...]:
    names = _names(value, file, what)
    if wrong := [name for name in names if not is_name(name)]:
        raise ConfigError(f"{file}: {what}: {wrong[0]!r} cannot name a benchmark; take letters, digits and underscores")
    return names


def _names(value: object, file: str, what: str) -> tuple[str, ...]:
    if value is None:
        return ()
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise ConfigError(f"{file}: {what} must be a list of names, got {value!r}")
    if len(set(names)) < len(names):
        raise ConfigError(f"{file}: {what} names something twice: {', '.join(names)}")
    return tuple(names)


def _unknown(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
    return f"there is no setting {name!r}; {hint}"
