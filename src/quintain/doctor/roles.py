"""Models behind the roles that a run asks: bound, there, with their keys, and honest."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quintain.doctor.finding import Finding, fault, good
from quintain.doctor.plan import Plan, groups_read
from quintain.errors import QuintainError
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.folder import require_model
from quintain.models.keys import find_key
from quintain.models.reachability import why_unreachable
from quintain.models.roles import STUDENT, Binding, Roles, bind, endpoint_settings

_GROUP = "roles"
_PROBE_SECONDS = 60.0
_PROBE_ATTEMPTS = 2
# Benchmarks of this package that leave items to a judge; what others bring is known when it is asked.
_JUDGED = {"followbench", "judged"}


@dataclass(frozen=True)
class Asked:
    """A binding that some node asks."""

    group: str
    """Parameters that bind it: `roles`, or those of a student with bindings of its own."""
    binding: str
    """Its name, such as `judge/second`."""


Setting = Callable[[str], Any]
"""Value of a setting as a node reads it, by its dotted name."""


def _bridging(setting: Setting) -> tuple[str, ...]:
    if setting("preference.pairs.pairs") == "unbridged":
        return ()
    return ("bridger", "judge") if setting("preference.pairs.compared") is not False else ("bridger",)


def _labels(by: str, role: str) -> Callable[[Setting], tuple[str, ...]]:
    return lambda setting: (role,) if (setting("editing.labels.by") or "start") == by else ()


ROLES_ASKED: Mapping[str, Callable[[Setting], tuple[str, ...]]] = {
    "write_pairs": lambda _: ("author", "teacher"),
    "answer_train_pool": lambda _: ("teacher",),
    "answer_cache_pool": lambda _: (STUDENT,),
    "review_responses": lambda _: ("referee",),
    "generate_instructions": lambda _: ("generator",),
    "find_losers": lambda setting: () if setting("preference.losers.source") == "given" else (STUDENT,),
    "bridge_losers": _bridging,
    "ask_teacher": _labels("teacher", "teacher"),
    "label_rows": _labels("start", STUDENT),
    "ask_original_student": lambda _: (STUDENT,),
    "ask_aligned_student": lambda _: (STUDENT,),
    "measure_token_ratios": lambda _: (STUDENT,),
    "generate_freely": lambda _: (STUDENT,),
    "generate_responses": lambda _: (STUDENT,),
    "generate_under_edits": lambda _: (STUDENT,),
    "calibrate_judges": lambda _: (),
    "ask_judges": lambda _: ("judge",),
    "register_student": lambda _: (),
    "meet_champion": lambda _: (),
    "measure_evidence": lambda _: (),
}
"""Function of a node that reads `roles` → the roles that it asks; tests compare the names with the pipelines."""


def asked(plan: Plan) -> list[Asked]:
    """Bindings that the nodes of a run ask, each once."""
    found: dict[Asked, None] = {}
    for node in plan.pipeline.nodes:
        groups = list(groups_read(plan, node))
        bound = next((group for group in groups if group.split(".")[-1] == _GROUP), "")
        name = node.func.__name__
        if not bound or name not in ROLES_ASKED or (name == "ask_judges" and not _needs_judge(plan, node)):
            continue
        for role in ROLES_ASKED[name](_reader(plan, groups)):
            # Judges of a benchmark are asked all together, and where none is bound their items are left unscored.
            bindings = Roles(**plan.parameter(bound)).bound_to(role) if name == "ask_judges" else [role]
            found |= {Asked(bound, binding): None for binding in bindings}
    return list(found)


def _reader(plan: Plan, groups: list[str]) -> Setting:
    """Values of settings as a node reads them, those of its student's own first."""
    own = {group.split(".", 2)[2]: group for group in groups if group.startswith("students.")}

    def value(dotted: str) -> Any:
        inner = next(
            (f"{own[group]}.{dotted.removeprefix(f'{group}.')}" for group in own if dotted.startswith(group)), ""
        )
        return plan.parameter(inner or dotted)

    return value


def _needs_judge(plan: Plan, node: Any) -> bool:
    items = next(name for name in node.inputs if name.endswith(".items@benchmark"))
    entry = plan.entry(items)
    return (entry.get("benchmark") or entry.get("name")) in _JUDGED


def ready_roles(plan: Plan) -> Iterator[Finding]:
    """See that every role is bound to something that is there, with its key; no model is asked."""
    reasons: dict[str, str] = {}
    for each in asked(plan):
        roles = Roles(**plan.parameter(each.group))
        at = plan.place("parameters", *each.group.split("."), "bindings", each.binding)
        if each.binding not in roles.bound:
            yield fault(each.binding, "no model is bound to this role", "bind one under roles.bindings "
                        "(docs/how-to/endpoints.md)", at)  # fmt: skip
            continue
        binding = roles.bound[each.binding]
        try:
            backend = binding["backend"]
            yield _openai(plan, each, binding, reasons) if backend == "openai" else _READY[backend](plan, each, binding)
        except (QuintainError, ValueError) as error:
            yield fault(each.binding, str(error), "", at)


def honest_endpoints(plan: Plan) -> Iterator[Finding]:
    """Ask every endpoint for a greeting, and see that it draws and keeps to schemas; the ledger keeps what it said."""
    reasons: dict[str, str] = {}
    for each in asked(plan):
        roles = Roles(**plan.parameter(each.group))
        binding = roles.bound.get(each.binding) or {}
        if binding.get("backend") == "openai":
            settings = endpoint_settings(each.binding, binding)
            with suppress(QuintainError):  # said by `ready_roles`
                if not _why_unreachable(settings, reasons):
                    yield _greeted(plan, each, roles.ledger, binding)


def _greeted(plan: Plan, each: Asked, ledger: str, binding: Binding) -> Finding:
    from quintain.models.probe import GREET
    from quintain.prompts import request

    settings = endpoint_settings(each.binding, binding)
    patience = {
        "attempts": _PROBE_ATTEMPTS,
        "timeout_seconds": min(settings.timeout_seconds, _PROBE_SECONDS),
        "deadline_seconds": min(settings.deadline_seconds, _PROBE_SECONDS),
    }
    try:
        hasty = Roles(ledger=ledger, bindings={each.binding: binding | patience})
        with bind(each.binding, hasty, stage="probe") as model:
            greeting = model.generate([request(GREET, {"address": settings.address})])[0]
    except (QuintainError, ValueError) as error:
        return _setting_fault(plan, each, "address", str(error))
    if greeting.finish_reason == "error":
        return _setting_fault(plan, each, "address", f"{settings.where} does not answer: {greeting.text}")
    return good(each.binding, f"{settings.where} answers: {greeting.text.strip()[:60]!r}")


def _oracle(plan: Plan, each: Asked, binding: Binding) -> Finding:
    world = binding["world"]
    made = any(plan.entry(name).get("filepath") == world for name in plan.pipeline.all_outputs())
    if made or Path(world).is_file():
        return good(each.binding, f"the oracle of {world}")
    return _setting_fault(plan, each, "world", f"{world} does not exist", "run `kedro run --pipelines world` first")


def _packs(plan: Plan, each: Asked, binding: Binding) -> Finding:
    return good(each.binding, "the oracle of the packs' training items")


def _local(plan: Plan, each: Asked, binding: Binding) -> Finding:
    device = str(binding.get("device", "auto"))
    if device.startswith("cuda"):
        import torch

        if not torch.cuda.is_available():
            return _setting_fault(plan, each, "device", f"{device}, but torch sees no GPU", "set it to cpu or auto")
    if each.binding == STUDENT:
        return good(each.binding, "in this process")
    folder = Path(str(binding.get("address") or ""))
    require_model(folder)
    return good(each.binding, f"{folder} in this process")


def _replay(plan: Plan, each: Asked, binding: Binding) -> Finding:
    recording = binding["address"]
    if Path(recording).is_file():
        return good(each.binding, f"the recording {recording}")
    return _setting_fault(plan, each, "address", f"{recording} does not exist", "name the file of a ledger")


def _server(plan: Plan, each: Asked, binding: Binding) -> Finding:
    program = str(binding["command"][0])
    if shutil.which(program):
        return good(each.binding, f"a server, {program}, started for each student")
    return _setting_fault(plan, each, "command", f"the program {program} is not to be found",
                          "install it, or write its whole path")  # fmt: skip


def _openai(plan: Plan, each: Asked, binding: Binding, reasons: dict[str, str]) -> Finding:
    settings: EndpointSettings = endpoint_settings(each.binding, binding)
    try:
        reason = _why_unreachable(settings, reasons)
    except QuintainError as error:
        return _setting_fault(plan, each, "key_env", str(error))
    if reason:
        return _setting_fault(plan, each, "address", f"{settings.where} cannot be reached: {reason}",
                              "start the server, or correct the address")  # fmt: skip
    return good(each.binding, f"{settings.where} is there")


def _why_unreachable(settings: EndpointSettings, reasons: dict[str, str]) -> str:
    """Reason why an endpoint cannot be reached; each is looked up once."""
    key = find_key(settings.key_name)
    at = f"{settings.address} {settings.key_name}"
    if at not in reasons:
        reasons[at] = why_unreachable(settings, key)
    return reasons[at]


def _setting_fault(plan: Plan, each: Asked, setting: str, said: str, remedy: str = "") -> Finding:
    at = plan.place("parameters", *each.group.split("."), "bindings", each.binding, setting)
    return fault(each.binding, said, remedy, at)


_READY: Mapping[str, Callable[[Plan, Asked, Binding], Finding]] = {
    "oracle": _oracle,
    "packs": _packs,
    "local": _local,
    "replay": _replay,
    "server": _server,
}
