"""`quintain leaderboard`: the registered students, ranked, with what tells them apart."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from quintain.benchmarks.scorecard import Scorecard
    from quintain.cli.registry_store import ProjectRegistry
    from quintain.registry.measured import Measured

_WIDE = 200
_SMOKE = "smoke"
_SMOKE_MARK = " (smoke runs, sizes for a look around: these scores mean nothing)"


@click.command("leaderboard")
def command() -> None:
    """Rank all versions by the headline benchmark, with intervals and letters; say where to browse them.

    Two versions that share a letter are not told apart on these items (paired bootstrap over groups, Holm-adjusted over
    all pairs). Every further benchmark has a column with its headline. Versions that were measured on other terms than
    the champion are listed apart, with the reason, and so are those whose scorecards cannot be read.
    """
    from rich.console import Console
    from rich.markdown import Markdown

    from quintain.cli.registry_store import project_registry
    from quintain.registry.store import shown

    project = project_registry()
    text = _board(project)
    console = Console()
    if console.is_terminal:
        console.print(Markdown(text), width=max(console.width, _WIDE))
    else:
        click.echo(text)
    click.echo(
        f"\nBrowse     quintain ui   students and scorecards (MLflow, {shown(project.uri)}),\n"
        "                         pipelines and data (Kedro-Viz)\n"
        "Reports    data/08_reporting/"
    )


def _board(project: "ProjectRegistry") -> str:
    from quintain.benchmarks.satisfaction.comparison import terms
    from quintain.reporting.table import ranking_table

    measured, unread = _read_all(project)
    parts: list[str] = []
    if measured:
        cards = {label: _headline(each).scorecard for label, each in measured.items()}
        model = cards[_champion(project, list(cards))]
        order = sorted(cards, key=lambda label: -(cards[label].estimate(model.headline).value or 0.0))
        ranked = [label for label in order if terms(cards[label]) == terms(model) and _scored(cards[label])]
        apart = [label for label in order if label not in ranked]
        others = {label: _others(each) for label, each in measured.items()}
        beside = _alike({label: others[label] for label in ranked}, _others(measured[_champion(project, list(cards))]))
        letters = _letters({label: _headline(measured[label]) for label in ranked})
        parts = [
            ranking_table({label: cards[label] for label in ranked}, letters, beside),
            f"Rates in percent{', macro over categories' if len(model.categories) > 1 else ''}; benchmark "
            f"{model.benchmark.name} `{model.benchmark.digest}`, {model.n_items} items. Versions that share a letter "
            "are not told apart on these items.",
        ]
        if apart:
            reasons = "\n".join(f"- {label}: {_reason(cards[label], model)}" for label in apart)
            parts += ["Measured on other terms:", _apart({label: cards[label] for label in apart}, others), reasons]
    if unread:
        parts += ["Not read:", "\n".join(f"- {label}: {why}" for label, why in unread.items())]
    return "\n\n".join([*parts, *_environments(project), *project.gone()])


def _environments(project: "ProjectRegistry") -> list[str]:
    """Environments that the versions are from, a line for each; scores of smoke runs mean nothing."""
    from quintain.registry.registration import ENVIRONMENT

    found: dict[str, list[str]] = {}
    for version in project.versions():
        if name := version.tags.get(ENVIRONMENT):
            found.setdefault(name, []).append(f"v{version.version}")
    lines = [
        f"- {name}: {', '.join(numbers)}{_SMOKE_MARK if name == _SMOKE else ''}" for name, numbers in found.items()
    ]
    return ["Registered by runs in the environment", "\n".join(lines)] if lines else []


def _read_all(project: "ProjectRegistry") -> "tuple[dict[str, Mapping[str, Measured]], dict[str, str]]":
    """Label of a version → what was measured, the newest first; and why some cannot be read."""
    from quintain.errors import RecordError
    from quintain.registry.registration import students_of
    from quintain.registry.stored_evidence import read_measured

    titles = project.titles()
    measured: dict[str, Mapping[str, Measured]] = {}
    unread: dict[str, str] = {}
    for version in project.versions():
        number = str(version.version)
        label = f"{' = '.join(students_of(version))} v{number}" + (f" ({titles[number]})" if number in titles else "")
        try:
            measured[label] = read_measured(project.client, version)
        except RecordError as error:
            unread[label] = str(error)
    return measured, unread


def _champion(project: "ProjectRegistry", labels: list[str]) -> str:
    """Label of the champion, or of the newest version where nobody is or it cannot be read."""
    number = project.aliases().get("champion")
    return next((label for label in labels if f"{label} ".partition(" v")[2].split()[0] == number), labels[0])


def _headline(measured: "Mapping[str, Measured]") -> "Measured":
    return next(iter(measured.values()))


def _others(measured: "Mapping[str, Measured]") -> "dict[str, Scorecard]":
    return {name: each.scorecard for name, each in list(measured.items())[1:]}


def _alike(
    others: "Mapping[str, Mapping[str, Scorecard]]", model: "Mapping[str, Scorecard]"
) -> "dict[str, dict[str, Scorecard]]":
    """Those of the further scorecards that were measured on the terms of the champion: a column holds no others."""
    from quintain.benchmarks.satisfaction.comparison import terms

    return {
        label: {name: card for name, card in each.items() if name not in model or terms(card) == terms(model[name])}
        for label, each in others.items()
    }


def _scored(card: "Scorecard") -> bool:
    return card.estimate(card.headline).value is not None


def _letters(ranked: "Mapping[str, Measured]") -> dict[str, str]:
    from quintain.benchmarks.satisfaction.ranking import differing_pairs
    from quintain.statistics.letters import compact_letters

    try:
        different = differing_pairs({label: each.judgements for label, each in ranked.items()})
    except ValueError:  # nothing that all of them were scored on
        return {}
    return compact_letters(list(ranked), different)


def _apart(cards: "Mapping[str, Scorecard]", others: "Mapping[str, Mapping[str, Scorecard]]") -> str:
    """One table for each set of measures: versions of other benchmarks have other columns."""
    from quintain.reporting.table import ranking_table

    groups: dict[Any, dict[str, Scorecard]] = {}
    for label, card in cards.items():
        groups.setdefault((tuple(card.measures), card.levels), {})[label] = card
    return "\n\n".join(ranking_table(group, {}, {label: others[label] for label in group}) for group in groups.values())


def _reason(card: "Scorecard", model: "Scorecard") -> str:
    from quintain.benchmarks.satisfaction.comparison import terms

    theirs, ours = terms(card), terms(model)
    differing = [f"{name} {theirs[name]} instead of {ours[name]}" for name in ours if theirs[name] != ours[name]]
    return "; ".join(differing) or "nothing was scored"
