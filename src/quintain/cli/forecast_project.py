"""A project as forecasts see it: its settings, its family tree, its data and the models behind its roles."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from quintain.errors import ConfigError

if TYPE_CHECKING:
    from quintain.lifecycle import Lifecycle, Student
    from quintain.models.roles import Roles
    from quintain.records import Request
    from quintain.usage import RoleUsage

T = TypeVar("T")


@dataclass(frozen=True)
class Project:
    """An opened project: what forecasts are made from."""

    root: Path
    """Its folder."""
    env: str
    """Its environment."""
    parameters: Mapping[str, Any]
    """All parameters, as they are written."""
    roles: "Roles"
    """Who answers."""
    lifecycle: "Lifecycle"
    """Its family tree."""
    load: Callable[[str], Any]
    """Loads a dataset of its catalog."""
    response_tokens: int
    """Expected length of a response."""

    @property
    def data(self) -> Path:
        """Folder below which its environment writes."""
        from quintain.data_root import data_root

        return data_root(self.root, self.env)

    def settings(self, student: "Student | None", group: str) -> Any:
        """A group of parameters as a student sees it, by its dotted name."""
        from quintain.lifecycle.overrides import own_parameters

        found: Any = dict(self.parameters) | (own_parameters(self.parameters, student.overrides) if student else {})
        for part in group.split("."):
            found = (found or {}).get(part)
        return found or {}

    def params(self, kind: Callable[..., T], student: "Student | None", group: str) -> T:
        """A group of parameters as its type."""
        try:
            return kind(**self.settings(student, group))
        except (TypeError, ValueError) as error:
            raise ConfigError(f"{group}: {error}") from None

    def students(self, by: str) -> "tuple[Student, ...]":
        """Students that a pipeline makes; one that makes none is an error."""
        found = self.lifecycle.by(by)
        if not found:
            raise ConfigError(
                f"no student of conf/{self.env}/lifecycle.yml is made by {by}: there is nothing to foretell"
            )
        return found

    def usage(self, role: str, requests: "Iterable[Request]", calls: int, written: float) -> "RoleUsage":
        """Usage of a role: the mean prompt of some requests for all calls.

        Args:
            role: Who is asked.
            requests: Some of the requests, or all.
            calls: How many there will be.
            written: Expected length of a completion, in tokens.

        Returns:
            Calls and their tokens.
        """
        from quintain.models.reported_usage import likely_tokens
        from quintain.usage import RoleUsage

        read = [
            likely_tokens(sum(len(turn.content.encode("utf-8", "replace")) for turn in request.messages))
            for request in requests
        ]
        mean = sum(read) / len(read) if read else 0.0
        return RoleUsage(
            calls, round(calls * mean), round(calls * written), role=role, model=model_of(role, self.roles)
        )


def model_of(role: str, roles: "Roles") -> str:
    """Name of the model that a role is bound to.

    Args:
        role: The role, or one of its bindings.
        roles: The bindings.

    Returns:
        Backend and model.

    Raises:
        ConfigError: It is bound to none.
    """
    binding = roles.bound.get(role)
    if not binding:
        raise ConfigError(f"no model is bound to the role {role!r} (roles.bindings in parameters_roles.yml)")
    return f"{binding['backend']}:{binding.get('model') or binding.get('address') or 'almanac'}"
