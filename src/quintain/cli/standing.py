"""Standing of a scorecard in its project: version, date, environment, and the distance to the champion."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

    from quintain.cli.registry_store import ProjectRegistry
    from quintain.reporting.page import Side


def standing(side: "Side", root: Path | None) -> list[str]:
    """Say where one model stands.

    Args:
        side: The model.
        root: The project; None outside of one.

    Returns:
        Sentences; none where there is no registry to ask.
    """
    from quintain.cli.registry_store import project_registry
    from quintain.errors import ConfigError, RegistryError

    if root is None:
        return []
    try:
        project = project_registry()
        version = registered_as(side, project)
    except (ConfigError, RegistryError):
        return []  # nothing is registered yet, or the registry does not answer: the numbers stand without it
    if version is None:
        return ["No registered version was scored with these verdicts."]
    return [told(version, project), *_against_champion(side, version, project)]


def told(version: "ModelVersion", project: "ProjectRegistry") -> str:
    """One sentence on a version: number, day, environment, aliases."""
    from quintain.registry.registration import ENVIRONMENT

    day = day_of(version)
    environment = version.tags.get(ENVIRONMENT, "")
    titles = project.titles().get(str(version.version), "")
    return (
        f"Version {version.version} of {project.model_name}, registered on {day}"
        f"{f' by a run in the environment {environment}' if environment else ''}{f': {titles}' if titles else ''}."
    )


def day_of(version: "ModelVersion") -> str:
    """Day on which a version was registered, in UTC."""
    return datetime.fromtimestamp(version.creation_timestamp / 1000, UTC).strftime("%Y-%m-%d")


def registered_as(side: "Side", project: "ProjectRegistry") -> "ModelVersion | None":
    """The newest version that was registered with a scorecard.

    Args:
        side: The model.
        project: The registry.

    Returns:
        The version; None where there is none.
    """
    card = side.scorecard
    for version in project.versions():
        sealed = (value for name, value in version.tags.items() if name.partition(".")[0] == "scorecard")
        if version.tags.get("model.digest") == card.model_digest and card.digest in sealed:
            return version
    return None


def _against_champion(side: "Side", version: "ModelVersion", project: "ProjectRegistry") -> list[str]:
    from quintain.benchmarks.satisfaction.comparison import compare, terms
    from quintain.errors import RecordError
    from quintain.registry.stored_evidence import read_measured
    from quintain.reporting.paired import headline

    number = project.aliases().get("champion", "")
    if number in ("", str(version.version)):
        return []
    champion = next((each for each in project.versions() if str(each.version) == number), None)
    try:
        measured = read_measured(project.client, champion) if champion else {}
    except RecordError:
        return []
    card = side.scorecard
    for each in measured.values():
        if terms(each.scorecard) == terms(card):
            name = f"{champion.tags.get('student', '?')} v{number}, the champion" if champion else ""
            return [headline([side.name, name], compare(side.judgements, each.judgements), card)]
    return [f"The champion, version {number}, was measured on other terms."]
