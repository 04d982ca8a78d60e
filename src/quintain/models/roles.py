"""Roles: who teaches, writes requests, judges. Each is bound to a backend by configuration.

```yaml
roles:
  ledger: data/ledger.sqlite
  bindings:
    teacher: {backend: oracle}
    author: {backend: local, address: models/my-model, sampling: {temperature: 0.7, max_new_tokens: 256}}
    judge: {backend: openai, address: "http://localhost:8000/v1", model: my-judge, budget: {calls: 10000}}
    judge/second: {…}      # a role may be played by several models; only judges are asked all together
    author/other: null     # nobody, whatever another environment binds
    referee: {backend: oracle, flaws: {position_bias: 1.0}}    # an oracle that errs on purpose
```
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from quintain.errors import ConfigError
from quintain.models.budget import Meter, Price
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.language_model import LanguageModel, Sampling
from quintain.models.ledger import Ledger, LedgeredModel

ROLES = ("author", "teacher", "student", "referee", "generator", "bridger", "judge")
SETTINGS = {
    "oracle": ("sampling", "flaws"),
    "local": ("sampling", "address", "device", "dtype", "batch_size"),
    "replay": ("sampling", "address", "model"),
    "openai": ("sampling", *EndpointSettings.__struct_fields__),
}
"""Backend → the settings of its bindings, beside `backend` itself."""
Binding = dict[str, Any]


@dataclass(frozen=True)
class Roles:
    """Bindings of roles to backends.

    Raises:
        ValueError: A role does not exist, or a binding has settings that its backend does not know or take.
    """

    ledger: str
    """Path of the ledger, shared by all roles."""
    bindings: dict[str, Binding | None] = field(default_factory=dict)
    """Role, or `role/name` → `backend` and its SETTINGS; None leaves it unbound."""

    def __post_init__(self) -> None:
        if unknown := {role for role in self.bindings if role.partition("/")[0] not in ROLES}:
            raise ValueError(f"there is no role {', '.join(sorted(unknown))}; roles are {', '.join(ROLES)}")
        for role, binding in self.bound.items():
            backend = binding.get("backend")
            if backend not in SETTINGS:
                continue  # said when the role is bound: another environment may name the backend
            if unknown := set(binding) - {"backend", *SETTINGS[backend]}:
                raise ValueError(
                    f"roles.bindings.{role} has unknown settings: {', '.join(sorted(unknown))}; "
                    f"the backend {backend!r} has {', '.join(SETTINGS[backend])}"
                )
            if backend == "openai":
                endpoint_settings(role, binding)

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
    ledger = Ledger(Path(roles.ledger))
    return LedgeredModel(_BACKENDS[backend](role, binding, sampling, world, ledger), ledger, role, stage)


def prices(roles: Roles) -> dict[str, Price]:
    """Name of a model → price of its tokens, for the accounts of the ledger."""
    endpoints = [
        endpoint_settings(role, binding) for role, binding in roles.bound.items() if binding.get("backend") == "openai"
    ]
    return {settings.name: settings.price for settings in endpoints if settings.price}


def endpoint_settings(role: str, binding: Binding) -> EndpointSettings:
    """Read the binding of a role to an endpoint; a wrong value is a ValueError that names the setting."""
    values = {name: value for name, value in binding.items() if name not in ("backend", "sampling")}
    try:
        return msgspec.convert(values, EndpointSettings)
    except msgspec.ValidationError as error:
        raise ValueError(f"roles.bindings.{role}: {error}".replace("$.", "")) from None


def _oracle(
    role: str, binding: Binding, sampling: Sampling, world: dict[str, Any] | None, ledger: Ledger
) -> LanguageModel:
    from quintain.almanac.referee import RefereeFlaws
    from quintain.models.oracle import OracleModel

    if world is None:
        raise ConfigError(f"roles.bindings.{role}: the oracle needs the dataset `world`; run the pipeline world first")
    try:
        flaws = RefereeFlaws(**binding["flaws"]) if binding.get("flaws") else None
    except (TypeError, ValueError) as error:
        raise ConfigError(f"roles.bindings.{role}.flaws: {error}") from None
    return OracleModel(world, sampling, flaws)


def _local(
    role: str, binding: Binding, sampling: Sampling, world: dict[str, Any] | None, ledger: Ledger
) -> LanguageModel:
    from quintain.models.local import LocalModel

    options = {name: binding[name] for name in ("batch_size", "device", "dtype") if name in binding}
    return LocalModel(_setting(role, binding, "address"), sampling, **options)


def _replay(
    role: str, binding: Binding, sampling: Sampling, world: dict[str, Any] | None, ledger: Ledger
) -> LanguageModel:
    from quintain.models.replay import ReplayModel

    return ReplayModel(Path(_setting(role, binding, "address")), _setting(role, binding, "model"), sampling)


def _openai(
    role: str, binding: Binding, sampling: Sampling, world: dict[str, Any] | None, ledger: Ledger
) -> LanguageModel:
    from quintain.models import probe
    from quintain.models.endpoint import EndpointModel

    settings = endpoint_settings(role, binding)
    meter = Meter(settings.budget, settings.price, ledger.spent(role, settings.name))

    def check() -> None:
        if probe.refuse_smoke_test_servers(role, settings):
            return
        tried = EndpointModel(settings, probe.probe_sampling(sampling), meter=meter)
        model = LedgeredModel(tried, ledger, role, stage="probe")
        if sampling.temperature > 0:
            probe.check_draws(model, settings.address)
        if settings.structured:
            probe.check_format(model, settings.address)

    return EndpointModel(settings, sampling, meter=meter, check=check)


def _setting(role: str, binding: Binding, name: str) -> str:
    if name not in binding:
        raise ConfigError(f"roles.bindings.{role}: the backend {binding['backend']!r} needs `{name}`")
    return str(binding[name])


_BACKENDS: dict[str, Callable[[str, Binding, Sampling, dict[str, Any] | None, Ledger], LanguageModel]] = {
    "oracle": _oracle,
    "local": _local,
    "replay": _replay,
    "openai": _openai,
}
