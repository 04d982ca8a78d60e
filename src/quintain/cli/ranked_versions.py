"""The registered versions in the order of the headline benchmark, and which of them chance could have swapped."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

    from quintain.benchmarks.scorecard import Scorecard
    from quintain.cli.registry_store import ProjectRegistry
    from quintain.registry.measured import Measured


@dataclass(frozen=True)
class Ranking:
    """All versions of a project's registered model; labels are such as `lte v6 (champion)`."""

    versions: "Mapping[str, ModelVersion]"
    """Label → version, the newest first."""
    measured: "Mapping[str, Mapping[str, Measured]]"
    """Label → benchmark → what was measured, of those whose scorecards can be read."""
    unread: Mapping[str, str]
    """Label → why its scorecards cannot be read."""
    model: "Scorecard | None"
    """Scorecard on whose terms versions are ranked: the champion's, or the newest one's; None where none can."""
    ranked: tuple[str, ...]
    """Labels of those measured on its terms, the best first."""
    apart: tuple[str, ...]
    """Labels of the others."""
    letters: Mapping[str, str]
    """Label → letters; two versions with a letter in common are not told apart."""
    beside: "Mapping[str, Mapping[str, Scorecard]]"
    """Label of a ranked version → further benchmark → scorecard, of those measured on the champion's terms."""

    def card(self, label: str) -> "Scorecard":
        """The headline scorecard of a version."""
        return next(iter(self.measured[label].values())).scorecard

    def others(self, label: str) -> "dict[str, Scorecard]":
        """Scorecards of a version on the further benchmarks."""
        return {name: each.scorecard for name, each in list(self.measured[label].items())[1:]}

    def reason(self, label: str) -> str:
        """The reason that a version stands apart."""
        from quintain.benchmarks.satisfaction.comparison import terms

        if self.model is None:
            return ""
        theirs, ours = terms(self.card(label)), terms(self.model)
        differing = [f"{name} {theirs[name]} instead of {ours[name]}" for name in ours if theirs[name] != ours[name]]
        return "; ".join(differing) or "nothing was scored"


def rank_versions(project: "ProjectRegistry") -> Ranking:
    """Read the scorecards of all versions and rank them.

    Args:
        project: The registry.

    Returns:
        The ranking.
    """
    from quintain.benchmarks.satisfaction.comparison import terms

    versions, measured, unread = _read_all(project)
    if not measured:
        return Ranking(versions, {}, unread, None, (), (), {}, {})
    cards = {label: next(iter(each.values())).scorecard for label, each in measured.items()}
    champion = _champion(project, versions, list(cards))
    model = cards[champion]
    order = sorted(cards, key=lambda label: -(cards[label].estimate(model.headline).value or 0.0))
    ranked = [
        label
        for label in order
        if terms(cards[label]) == terms(model) and cards[label].estimate(cards[label].headline).value is not None
    ]
    found = Ranking(
        versions, measured, unread, model, tuple(ranked), tuple(label for label in order if label not in ranked),
        _letters({label: next(iter(measured[label].values())) for label in ranked}), {},
    )  # fmt: skip
    standard = found.others(champion)
    beside = {
        label: {
            name: card
            for name, card in found.others(label).items()
            if name not in standard or terms(card) == terms(standard[name])
        }
        for label in ranked
    }
    return replace(found, beside=beside)


def environments(project: "ProjectRegistry") -> dict[str, list[str]]:
    """Environment → the versions that its runs registered, such as `v3`."""
    from quintain.registry.registration import ENVIRONMENT

    found: dict[str, list[str]] = {}
    for version in project.versions():
        if name := version.tags.get(ENVIRONMENT):
            found.setdefault(name, []).append(f"v{version.version}")
    return found


def _read_all(
    project: "ProjectRegistry",
) -> "tuple[dict[str, ModelVersion], dict[str, Mapping[str, Measured]], dict[str, str]]":
    from quintain.errors import RecordError
    from quintain.registry.registration import students_of
    from quintain.registry.stored_evidence import read_measured

    titles = project.titles()
    versions: dict[str, ModelVersion] = {}
    measured: dict[str, Mapping[str, Measured]] = {}
    unread: dict[str, str] = {}
    for version in project.versions():
        number = str(version.version)
        label = f"{' = '.join(students_of(version))} v{number}" + (f" ({titles[number]})" if number in titles else "")
        versions[label] = version
        try:
            measured[label] = read_measured(project.client, version)
        except RecordError as error:
            unread[label] = str(error)
    return versions, measured, unread


def _champion(project: "ProjectRegistry", versions: "Mapping[str, ModelVersion]", labels: list[str]) -> str:
    """Label of the champion, or of the newest version where nobody is or it cannot be read."""
    number = project.aliases().get("champion")
    return next((label for label in labels if str(versions[label].version) == number), labels[0])


def _letters(ranked: "Mapping[str, Measured]") -> dict[str, Any]:
    from quintain.benchmarks.satisfaction.ranking import differing_pairs
    from quintain.statistics.letters import compact_letters

    try:
        different = differing_pairs({label: each.judgements for label, each in ranked.items()})
    except ValueError:  # nothing that all of them were scored on
        return {}
    return compact_letters(list(ranked), different)
