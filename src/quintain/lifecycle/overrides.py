"""Overrides: parameters of one student in place of those of all, `with` in lifecycle.yml."""

import copy
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
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


def refuse_unknown(names: Iterable[str], parameters: Mapping[str, Any], where: str) -> None:
    """Compare names of parameters with those of the configuration.

    Args:
        names: Dotted names.
        parameters: Nested parameters of the configuration.
        where: What gives the names, for the message, such as `--params`.

    Raises:
        ConfigError: A name is not in the configuration; the message offers the close ones.
    """
    known = [name for name, _ in leaves(parameters)]
    for name in names:
        if any(name == other or name.startswith(f"{other}.") or other.startswith(f"{name}.") for other in known):
            continue
        close = get_close_matches(name, known, n=3) or known[:3]
        raise ConfigError(
            f"{where} {name}: there is no such parameter; did you mean {', '.join(close)}? "
            "All of them are in conf/base/parameters_*.yml"
        )


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
    own = {top: copy.deepcopy(parameters[top]) for top in {name.partition(".")[0] for name in overrides}}
    for name, value in overrides.items():
        *path, last = name.split(".")
        at = own
        for part in path:
            at = at[part]
        at[last] = value
    return own
