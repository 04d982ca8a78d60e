"""Move the title of champion, and give it back."""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quintain.errors import RecordError, RegistryError
from quintain.registry.decision_note import DecisionNote
from quintain.registry.editing import edit_metrics
from quintain.registry.gate import Contender, Decision, decide
from quintain.registry.measured import NAMED
from quintain.registry.policy import PromotionPolicy
from quintain.registry.registration import CHALLENGER, versions
from quintain.registry.room import with_room
from quintain.registry.store import exclusive
from quintain.registry.stored_evidence import read_measured, read_unchecked, unlike_registered
from quintain.registry.turns import turn

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

logger = logging.getLogger(__name__)

CHAMPION = "champion"
FORMER = "previous-champion"


@dataclass(frozen=True)
class Promotion:
    """A decision about one version."""

    version: str
    champion: str
    """Version that held the title before; empty when nobody did."""
    decision: Decision
    moved: bool
    """Whether the alias was moved."""


def holder(client: "MlflowClient", name: str, alias: str) -> "ModelVersion | None":
    """The version behind an alias.

    Args:
        client: Client of the store.
        name: Name of the registered model.
        alias: The alias.

    Returns:
        The version; None where nobody has it.

    Raises:
        RegistryError: The alias names a version that is gone.
    """
    from mlflow.exceptions import MlflowException

    version = None
    try:
        version = client.get_registered_model(name).aliases.get(alias)
        return client.get_model_version(name, version) if version else None
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
    if version:
        raise RegistryError(
            f"the alias {alias} of {name} names version {version}, which is gone; give it to another version in "
            "`quintain ui`, or take it away there"
        )
    return None


@dataclass(frozen=True)
class TitleHolder:
    """The champion as a candidate meets it."""

    version: str
    """Number of its version."""
    contender: Contender
    """Its student, weights, scorecards and judgements."""


def title_holder(client: "MlflowClient", name: str) -> TitleHolder | None:
    """The present champion with what the registry keeps of it.

    Args:
        client: Client of the store.
        name: Name of the registered model.

    Returns:
        The champion, measured on nothing where its scorecards cannot be read any more; None where nobody is.

    Raises:
        RegistryError: The alias names a version that is gone.
    """
    version = holder(client, name, CHAMPION)
    return None if version is None else TitleHolder(str(version.version), _rival(client, version))


def find_version(client: "MlflowClient", name: str, version: str | None) -> "ModelVersion":
    """A version by number, or the challenger.

    Args:
        client: Client of the store.
        name: Name of the registered model.
        version: Its number, with or without a leading v; the challenger when None.

    Returns:
        The version.

    Raises:
        RegistryError: It does not exist.
    """
    if version is None:
        found = holder(client, name, CHALLENGER)
        if found is None:
            raise RegistryError(f"{name} has no challenger; register one with `kedro run --pipelines registration`")
        return found
    for one in versions(client, name):
        if str(one.version) == version.removeprefix("v"):
            return one
    known = ", ".join(str(one.version) for one in versions(client, name)) or "none"
    raise RegistryError(f"{name} has no version {version}; there are {known}")


def promote(
    client: "MlflowClient",
    uri: str,
    name: str,
    policy: PromotionPolicy,
    version: str | None = None,
    *,
    dry_run: bool = False,
    force_reason: str = "",
) -> Promotion:
    """Ask the gate about a version and move the title when it agrees.

    Args:
        client: Client of the store.
        uri: Address of the store.
        name: Name of the registered model.
        policy: The gate's conditions.
        version: Number of the candidate; the challenger when None.
        dry_run: Decide, and change nothing.
        force_reason: Move the title whatever the gate says, for this reason.

    Returns:
        The decision and whether the title moved.

    Raises:
        RegistryError: There is no such version, or the title moved in MLflow's own pages while the gate decided.
    """
    with exclusive(uri) if dry_run else turn(client, uri, name):
        candidate = find_version(client, name, version)
        champion = holder(client, name, CHAMPION)
        if champion is not None and champion.version == candidate.version:
            return Promotion(str(candidate.version), str(champion.version), Decision("promoted", ()), moved=False)
        rival = None if champion is None else _rival(client, champion)
        decision = decide(_contender(client, candidate), rival, policy)
        former = "" if champion is None else str(champion.version)
        overruled = bool(force_reason) and decision.outcome != "promoted"
        moves = (decision.outcome == "promoted" or overruled) and not dry_run
        if not dry_run:
            measured_on = tuple(candidate.tags.get(NAMED, "").split())
            reason = force_reason if overruled else ""
            _note(client, name, candidate, DecisionNote(decision, policy, former, measured_on, reason))
        if moves:
            _require_held_by(client, name, former)
            # In this order a kill in between leaves a champion, and asked again the gate moves the title.
            if former:
                client.set_registered_model_alias(name, FORMER, former)
            client.set_registered_model_alias(name, CHAMPION, candidate.version)
        return Promotion(str(candidate.version), former, decision, moves)


def rollback(client: "MlflowClient", uri: str, name: str) -> tuple[str, str]:
    """Give the title back to the previous champion, who swaps places with the present one.

    Args:
        client: Client of the store.
        uri: Address of the store.
        name: Name of the registered model.

    Returns:
        Versions of the new and of the former champion.

    Raises:
        RegistryError: There is no previous champion, or what the registry keeps of it is not what it was registered
            with.
    """
    with turn(client, uri, name):
        if not versions(client, name):
            raise RegistryError(f"no version of {name} is registered; `kedro run` registers the students")
        champion, former = holder(client, name, CHAMPION), holder(client, name, FORMER)
        if champion is None or former is None or champion.version == former.version:
            raise RegistryError(f"{name} has no {CHAMPION if champion is None else FORMER}; there is nothing to undo")
        try:
            read_measured(client, former)
        except RecordError as error:
            raise RegistryError(f"the title stays with version {champion.version}: {error}") from None
        client.set_registered_model_alias(name, CHAMPION, former.version)
        client.set_registered_model_alias(name, FORMER, champion.version)
        return str(former.version), str(champion.version)


def _require_held_by(client: "MlflowClient", name: str, former: str) -> None:
    """Refuse to move a title that somebody moved past our turns, in MLflow's pages, while the gate decided."""
    now = holder(client, name, CHAMPION)
    here = "" if now is None else str(now.version)
    if here != former:
        was, is_ = (f"version {number}" if number else "nobody" for number in (former, here))
        raise RegistryError(f"the title of {name} went from {was} to {is_} while the gate decided; ask it again")


def _contender(client: "MlflowClient", version: "ModelVersion") -> Contender:
    measured = read_unchecked(client, version)
    return Contender(
        student=version.tags.get("student", "?"),
        digest=version.tags.get("model.digest", ""),
        measured=measured,
        complaints=unlike_registered(version, measured),
        git_dirty=version.tags.get("git.dirty") == "true",
        edits=edit_metrics(version.tags),
    )


def _rival(client: "MlflowClient", champion: "ModelVersion") -> Contender:
    """The champion; one whose scorecards nobody can read any more counts as measured on nothing."""
    try:
        return _contender(client, champion)
    except RecordError as error:
        logger.warning("The champion cannot be compared with: %s", error)
        return Contender(champion.tags.get("student", "?"), champion.tags.get("model.digest", ""), measured={})


def _note(client: "MlflowClient", name: str, candidate: "ModelVersion", note: DecisionNote) -> None:
    """Leave the decision on the version: gate.json for whoever audits it, tags for searches, a note for its page."""
    client.log_dict(str(candidate.run_id), note.record(), "gate.json")
    for key, value in note.tags().items():
        client.set_model_version_tag(name, candidate.version, key, value)
    client.update_model_version(name, candidate.version, with_room(note.described(candidate.description or "")))
