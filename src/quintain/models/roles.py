"""Roles: who teaches, writes requests, judges. Each is bound to a backend by configuration.

```yaml
roles:
  ledger: data/ledger.sqlite
  bindings:
    teacher: {backend: oracle}
    author: {backend: local, address: models/my-model, sampling: {temperature: 0.7, max_new_tokens: 256}}
    judge: null            # nobody, whatever another environment binds
    referee: {backend: oracle, flaws: {position_bias: 1.0}}    # an oracle that errs on purpose
    judge/second: {…}      # a role may be played by several models; only judges are asked all together
```
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quintain.errors import ConfigError
from quintain.models.language_model import LanguageModel, Sampling
from quintain.models.ledger import Ledger, LedgeredModel

ROLES = ("author", "teacher", "student", "referee", "generator", "bridger", "judge")
SETTINGS = ("backend", "address", "model", "device", "dtype", "batch_size", "sampling", "flaws")
Binding = dict[str, Any]


@dataclass(frozen=True)
class Roles:
    """Bindings of roles to backends.

    Raises:
        ValueError: A role does not exist, or a binding has unknown settings.
    """

    ledger: str
    """Path of the ledger, shared by all roles."""
    bindings: dict[str, Binding | None] = field(default_factory=dict)
    """Role, or `role/name` → `backend`, and where it applies one of SETTINGS; None leaves it unbound."""

    def __post_init__(self) -> None:
        if unknown := {role for role in self.bindings if role.partition("/")[0] not in ROLES}:
            raise ValueError(f"there is no role {', '.join(sorted(unknown))}; roles are {', '.join(ROLES)}")
        for role, binding in self.bound.items():
            if unknown := set(binding) - set(SETTINGS):
                raise ValueError(
                    f"roles.bindings.{role} has unknown settings: {', '.join(sorted(unknown))}; "
                    f"there are {', '.join(SETTINGS)}"
                )

    @property
    def bound(self) -> dict[str, Binding]:
        """The bindings that name a model."""
        return {role: binding for role, binding in self.bindings.items() if binding is not None}

    def players(self, role: str) -> list[str]:
        """Everybody who is bound to a role: `judge`, `judge/second`, in alphabetical order."""
        return sorted(name for name in self.bound if name.partition("/")[0] == role)


def bind(role: str, roles: Roles, world: dict[str, Any] | None = None, stage: str = "") -> LedgeredModel:
    """Open the model that a role is bound to, behind the ledger.

    Args:
        role: One of ROLES, or one of its players such as `judge/second`.
        roles: The bindings.
        world: JSON of the dataset `world`, for the oracle.
        stage: Pipeline that asks, for the accounts.

    Returns:
        The model; calls that the ledger knows are not asked again.

    Raises:
        ConfigError: The role is not bound, or its backend does not exist or lacks a setting.
    """
    if role not in roles.bound:
        raise ConfigError(
            f"no model is bound to the role {role!r} (conf/base/parameters_roles.yml, roles.bindings); "
            f"bound are {', '.join(sorted(roles.bound)) or 'none'}"
        )
    binding = roles.bound[role]
    backend = binding.get("backend")
    if backend not in _BACKENDS:
        raise ConfigError(
            f"roles.bindings.{role}: there is no backend {backend!r}; there are {', '.join(sorted(_BACKENDS))}"
        )
    try:
        sampling = Sampling(**binding.get("sampling", {}))
    except (TypeError, ValueError) as error:
        raise ConfigError(f"roles.bindings.{role}.sampling: {error}") from None
    model = _BACKENDS[backend](role, binding, sampling, world)
    return LedgeredModel(model, Ledger(Path(roles.ledger)), role, stage)


def _oracle(role: str, binding: Binding, sampling: Sampling, world: dict[str, Any] | None) -> LanguageModel:
    from quintain.almanac.referee import RefereeFlaws
    from quintain.models.oracle import OracleModel

    if world is None:
        raise ConfigError(f"roles.bindings.{role}: the oracle needs the dataset `world`; run the pipeline world first")
    try:
        flaws = RefereeFlaws(**binding["flaws"]) if binding.get("flaws") else None
    except (TypeError, ValueError) as error:
        raise ConfigError(f"roles.bindings.{role}.flaws: {error}") from None
    return OracleModel(world, sampling, flaws)


def _local(role: str, binding: Binding, sampling: Sampling, world: dict[str, Any] | None) -> LanguageModel:
    from quintain.models.local import LocalModel

    options = {name: binding[name] for name in ("batch_size", "device", "dtype") if name in binding}
    return LocalModel(_setting(role, binding, "address"), sampling, **options)


def _replay(role: str, binding: Binding, sampling: Sampling, world: dict[str, Any] | None) -> LanguageModel:
    from quintain.models.replay import ReplayModel

    return ReplayModel(Path(_setting(role, binding, "address")), _setting(role, binding, "model"), sampling)


def _setting(role: str, binding: Binding, name: str) -> str:
    if name not in binding:
        raise ConfigError(f"roles.bindings.{role}: the backend {binding['backend']!r} needs `{name}`")
    return str(binding[name])


_BACKENDS: dict[str, Callable[[str, Binding, Sampling, dict[str, Any] | None], LanguageModel]] = {
    "oracle": _oracle,
    "local": _local,
    "replay": _replay,
}
