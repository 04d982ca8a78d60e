"""Overrides: parameters of one student in place of those of all, `with` in lifecycle.yml."""

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from quintain.errors import ConfigError

GROUP = "students"
"""Group of parameters that holds, by student, every group of which it overrides something."""


def dotted(overrides: object, where: str) -> dict[str, Any]:
    """Flatten nested overrides to dotted names.

    Args:
        overrides: Parameters by dotted or nested names.
        where: File and student, for messages.

    Returns:
        Dotted name → value.

    Raises:
        ConfigError: They are no mapping, or name a parameter twice.

    >>> dotted({"preference": {"training": {"beta": 0.3}}, "finetuning.sft.steps": 5}, "lifecycle.yml")
    {'preference.training.beta': 0.3, 'finetuning.sft.steps': 5}
    """
    if not isinstance(overrides, Mapping):
        raise ConfigError(f"{where} must map names of parameters to values, got {overrides!r}")
    found: dict[str, Any] = {}
    for name, value in leaves(overrides):
        if name in found:
            raise ConfigError(f"{where} names {name} twice")
        found[name] = value
    return found


def leaves(values: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names and values of nested parameters."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def touched(group: str, overrides: Iterable[str]) -> bool:
    """True when overrides change something in a group of parameters, or the group is one of them.

    >>> touched("preference.training", ["preference.training.beta"])
    True
    >>> touched("preference.pairs", ["preference.training.beta"])
    False
    """
    return any(name == group or name.startswith(f"{group}.") or group.startswith(f"{name}.") for name in overrides)


def own_parameters(parameters: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as a student with overrides sees them: the top groups that it changes, whole.

    Args:
        parameters: Nested parameters of all students.
        overrides: Dotted name → value.

    Returns:
        Top group → its parameters, with the overrides in place.

    >>> own_parameters({"preference": {"training": {"beta": 0.1, "steps": 9}}}, {"preference.training.beta": 0.3})
    {'preference': {'training': {'beta': 0.3, 'steps': 9}}}
    """
    tops = dict.fromkeys(name.partition(".")[0] for name in overrides)
    own = {top: copy.deepcopy(parameters.get(top, {})) for top in tops}
    for name, value in overrides.items():
        put(own, {name: value})
    return own


def put(parameters: dict[str, Any], values: Mapping[str, Any]) -> None:
    """Set values in nested parameters, by dotted or nested names; groups that are not there yet are made.

    >>> parameters = {"roles": {"student": None}}
    >>> put(parameters, {"roles.student.batch_size": 8})
    >>> parameters
    {'roles': {'student': {'batch_size': 8}}}
    """
    for name, value in leaves(values):
        *path, last = name.split(".")
        at = parameters
        for part in path:
            if not isinstance(at.get(part), dict):
                at[part] = {}
            at = at[part]
        at[last] = value
