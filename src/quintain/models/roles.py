"""Roles, such as teacher, student and judge: each is bound to a backend by configuration.

```yaml
roles:
  ledger: data/ledger.sqlite
  bindings:
    teacher: {backend: oracle, world: data/01_raw/world.json}
    author: {backend: local, address: models/my-model, sampling: {temperature: 0.7, max_new_tokens: 256}}
    judge: {backend: openai, address: "http://localhost:8000/v1", model: my-judge, budget: {calls: 10000}}
    bridger: {backend: packs}    # the oracle of the exact packs' training items
    judge/second: {…}      # a role may have several bindings; only judges are asked all together
    author/other: null     # nobody, whatever another environment binds
    referee: {backend: oracle, world: data/01_raw/world.json, flaws: {position_bias: 1.0}}    # errs on purpose
    student: {backend: local, batch_size: 16, dtype: bfloat16}    # its folder and sampling come from the pipeline
    # student: {backend: server, command: [vllm, serve, "{folder}", --port, "{port}"]}    # started for each student
```
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec

from quintain.errors import ConfigError
from quintain.fields import Names, Tagged, hints
from quintain.models.bindings import BINDINGS
from quintain.models.endpoint_settings import INHERITED, EndpointSettings
from quintain.models.folder import folder_digest
from quintain.models.language_model import LanguageModel, Sampling
from quintain.models.ledger import Ledger
from quintain.models.ledgered_model import LedgeredModel
from quintain.models.server_settings import served_name, server_settings
from quintain.models.spending import SharedMeter
from quintain.usage import Price

ROLES = ("author", "teacher", "student", "referee", "generator", "bridger", "judge")
SETTINGS = {backend: tuple(hints(kind)) for backend, kind in BINDINGS.items()}
"""Backend → the settings of its bindings, beside `backend` itself."""
STUDENT = "student"
Binding = dict[str, Any]

_STUDENT_SAMPLING = (
    "roles.bindings.student.sampling: each pipeline says how its student draws: set evaluation.sampling, "
    "distillation.student, preference.sampling, editing.labels or editing.evaluation.sampling"
)


@dataclass(frozen=True)
class Roles:
    """Bindings of roles to backends.

    Raises:
        ValueError: A role does not exist, or a binding has settings that its backend does not know or take, or the
            student has a sampling, which the pipelines set.
    """

    ledger: str
    """Path of the ledger, shared by all roles."""
    bindings: dict[
        Annotated[str, Names(ROLES)], Annotated[Binding | None, Tagged("backend", BINDINGS, tuple(INHERITED))]
    ] = field(default_factory=dict)
    """Role, or `role/name` → `backend` and its SETTINGS; None leaves it unbound."""

    def __post_init__(self) -> None:
        if unknown := {role for role in self.bindings if role.partition("/")[0] not in ROLES}:
            raise ValueError(f"there is no role {', '.join(sorted(unknown))}; roles are {', '.join(ROLES)}")
        for role, binding in self.bound.items():
            backend = binding.get("backend")
            if backend not in SETTINGS:
                continue  # said when the role is bound: another environment may name the backend
            if role == STUDENT and "sampling" in binding:
                raise ValueError(_STUDENT_SAMPLING)
            if unknown := set(binding) - {"backend", *SETTINGS[backend], *INHERITED}:
                raise ValueError(
                    f"roles.bindings.{role} has unknown settings: {', '.join(sorted(unknown))}; "
                    f"the backend {backend!r} has {', '.join(SETTINGS[backend])}"
                )
            if backend == "openai":
                endpoint_settings(role, binding)
            if backend == "server":
                server_settings(role, binding)

    @property
    def bound(self) -> dict[str, Binding]:
        """The bindings that name a model."""
        return {role: binding for role, binding in self.bindings.items() if binding is not None}

    def bound_to(self, role: str) -> list[str]:
        """Names of a role's bindings: `judge`, `judge/second`, in alphabetical order."""
        return sorted(name for name in self.bound if name.partition("/")[0] == role)


def bind(
    role: str,
    roles: Roles,
    *,
    stage: str = "",
    folder: str | Path | None = None,
    sampling: Sampling | None = None,
) -> LedgeredModel:
    """Open the model that a role is bound to, behind the ledger.

    Args:
        role: One of ROLES, or one of its bindings such as `judge/second`.
        roles: The bindings.
        stage: Pipeline that asks, for the accounts.
        folder: Folder of the model, for the role `student`.
        sampling: How tokens are drawn; by default as the binding says.

    Returns:
        The model; calls that the ledger knows are not asked again. As a context manager it ends what was started for
        it.

    Raises:
        ConfigError: The role is not bound, or its backend does not exist or lacks a setting.
        ModelError: The folder holds no model.
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
    if folder is not None and backend not in _OF_STUDENTS:
        raise ConfigError(
            f"roles.bindings.{role}: the backend {backend!r} answers for itself and not for the model in {folder}; "
            f"bind one of {', '.join(sorted(_OF_STUDENTS))}"
        )
    if sampling is None:
        try:
            sampling = Sampling(**binding.get("sampling", {}))
        except (TypeError, ValueError) as error:
            raise ConfigError(f"roles.bindings.{role}.sampling: {error}") from None
    ledger = Ledger(Path(roles.ledger))
    opening = _Opening(role, binding, sampling, ledger, None if folder is None else Path(folder))
    return LedgeredModel(_BACKENDS[backend](opening), ledger, role, stage)


@dataclass(frozen=True)
class _Opening:
    """A binding that is being opened."""

    role: str
    binding: Binding
    sampling: Sampling
    ledger: Ledger
    folder: Path | None

    def setting(self, name: str) -> str:
        """A setting that the backend cannot do without."""
        if name not in self.binding:
            raise ConfigError(f"roles.bindings.{self.role}: the backend {self.binding['backend']!r} needs `{name}`")
        return str(self.binding[name])


def prices(roles: Roles) -> dict[str, Price]:
    """Name of a model → price of its tokens, for the accounts of the ledger."""
    endpoints = [
        endpoint_settings(role, binding) for role, binding in roles.bound.items() if binding.get("backend") == "openai"
    ]
    return {settings.name: settings.paid_price for settings in endpoints if settings.paid_price}


def prices_by_role(roles: Roles) -> dict[str, Price]:
    """Role → price of its tokens, where its endpoint has one."""
    return {
        role: price
        for role, binding in roles.bound.items()
        if binding.get("backend") == "openai" and (price := endpoint_settings(role, binding).paid_price)
    }


def endpoint_settings(role: str, binding: Binding) -> EndpointSettings:
    """Read the binding of a role to an endpoint; a wrong value is a ValueError that names the setting."""
    values = {name: value for name, value in binding.items() if name not in ("backend", "sampling", *INHERITED)}
    try:
        return msgspec.convert(values, EndpointSettings)
    except msgspec.ValidationError as error:
        raise ValueError(f"roles.bindings.{role}: {error}".replace("$.", "")) from None


def _oracle(opening: _Opening) -> LanguageModel:
    from quintain.almanac.referee import RefereeFlaws
    from quintain.models.oracle import OracleModel

    where = f"roles.bindings.{opening.role}"
    path = Path(opening.setting("world"))
    if not path.is_file():
        raise ConfigError(f"{where}.world: there is no file {path}; run `kedro run --pipelines world` first")
    try:
        flaws = RefereeFlaws(**opening.binding["flaws"]) if opening.binding.get("flaws") else None
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{where}.flaws: {error}") from None
    try:
        return OracleModel(json.loads(path.read_bytes()), opening.sampling, flaws)
    except ValueError as error:
        raise ConfigError(f"{where}.world: {path} is no world of the almanac: {error}") from None


def _packs(opening: _Opening) -> LanguageModel:
    from quintain.models.oracle import PacksOracle

    return PacksOracle(opening.sampling)


def _local(opening: _Opening) -> LanguageModel:
    from quintain.models.local import LocalModel

    if opening.folder is not None and "address" in opening.binding:
        raise ConfigError(
            f"roles.bindings.{opening.role}: the pipeline names the model's folder, here {opening.folder}; "
            "leave out `address`"
        )
    names = ("batch_size", "batch_tokens", "device", "dtype")
    options = {name: opening.binding[name] for name in names if name in opening.binding}
    return LocalModel(opening.folder or opening.setting("address"), opening.sampling, **options)


def _replay(opening: _Opening) -> LanguageModel:
    from quintain.models.replay import ReplayModel

    return ReplayModel(Path(opening.setting("address")), opening.setting("model"), opening.sampling)


def _openai(opening: _Opening) -> LanguageModel:
    from quintain.models import probe
    from quintain.models.batch_notes import BatchNotes
    from quintain.models.endpoint import EndpointModel

    role, sampling, ledger = opening.role, opening.sampling, opening.ledger
    settings = endpoint_settings(role, opening.binding)
    name = settings.name if opening.folder is None else f"{settings.name}/{folder_digest(opening.folder)[:12]}"
    meter = SharedMeter(ledger, role, name, settings.budget, settings.paid_price)

    def check() -> None:
        if probe.refuse_smoke_test_servers(role, settings):
            return
        # One by one, even where all else is asked in batches: nobody waits a day for a probe.
        at_once = msgspec.structs.replace(settings, mode="calls")
        tried = EndpointModel(at_once, probe.probe_sampling(sampling), name=name, meter=meter, drawn=sampling)
        model = LedgeredModel(tried, ledger, role, stage="probe")
        if sampling.temperature > 0:
            probe.check_draws(model, settings.address)
        if settings.structured:
            probe.check_format(model, settings.address)

    notes = BatchNotes(ledger.path.with_name(f"{ledger.path.name}.batches"))
    return EndpointModel(settings, sampling, name=name, meter=meter, check=check, notes=notes)


def _server(opening: _Opening) -> LanguageModel:
    from quintain.models import probe
    from quintain.models.endpoint import EndpointModel
    from quintain.models.served import ServedModel

    role, sampling, ledger, folder = opening.role, opening.sampling, opening.ledger, opening.folder
    if folder is None:
        raise ConfigError(
            f"roles.bindings.{role}: the backend 'server' is for the role student, whose folder a pipeline names; "
            "serve other models yourself and bind their address by the backend 'openai'"
        )
    server, endpoint = server_settings(role, opening.binding)
    name = served_name(server, endpoint, folder, folder_digest(folder))

    def connect(settings: EndpointSettings) -> EndpointModel:
        meter = SharedMeter(ledger, role, name, settings.budget, settings.paid_price)

        def check() -> None:
            if sampling.temperature > 0:
                tried = EndpointModel(settings, probe.probe_sampling(sampling), name=name, meter=meter, drawn=sampling)
                probe.check_draws(LedgeredModel(tried, ledger, role, stage="probe"), name)

        return EndpointModel(settings, sampling, name=name, meter=meter, check=check)

    return ServedModel(folder, name, sampling, server, endpoint, connect)


_BACKENDS: dict[str, Callable[[_Opening], LanguageModel]] = {
    "oracle": _oracle,
    "packs": _packs,
    "local": _local,
    "replay": _replay,
    "openai": _openai,
    "server": _server,
}
_OF_STUDENTS = {"local", "openai", "server"}
"""Backends that answer for the model in a given folder."""
