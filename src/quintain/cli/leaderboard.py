"""`quintain leaderboard`: the registered students, ranked, with what tells them apart."""

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from quintain.cli.registry_store import ProjectRegistry

_WIDE = 200


@click.command("leaderboard")
def command() -> None:
    """Rank all versions by macro HSR, with intervals and letters; say where to browse them.

    Two versions that share a letter are not told apart on these items (paired bootstrap over groups, Holm-adjusted over
    all pairs). Versions that were measured on other terms than the champion are listed apart, with the reason.
    """
    from rich.console import Console
    from rich.markdown import Markdown

    from quintain.cli.registry_store import project_registry

    project = project_registry()
    text = _board(project)
    console = Console()
    if console.is_terminal:
        console.print(Markdown(text), width=max(console.width, _WIDE))
    else:
        click.echo(text)
    click.echo(
        f"\nRegistry   mlflow ui --backend-store-uri {project.uri}\n"
        "Pipelines  kedro viz run\n"
        "Reports    data/08_reporting/"
    )


def _board(project: "ProjectRegistry") -> str:
    from quintain.benchmarks.satisfaction.comparison import terms
    from quintain.benchmarks.satisfaction.ranking import differing_pairs
    from quintain.registry.registration import read_scorecard, students_of
    from quintain.reporting.table import ranking_table
    from quintain.statistics.letters import compact_letters

    titles, aliases = project.titles(), project.aliases()
    cards: list[dict[str, Any]] = []
    judgements = {}
    measured = None
    for version in project.versions():
        number = str(version.version)
        scorecard, judged = read_scorecard(project.client, version)
        label = f"{' = '.join(students_of(version))} v{number}" + (f" ({titles[number]})" if number in titles else "")
        cards.append({**scorecard, "model": label})
        judgements[label] = judged
        if aliases.get("champion", number) == number:
            measured = measured or scorecard  # the champion, or the newest where nobody is
    measured = measured or cards[0]
    cards.sort(key=lambda card: -(card["macro"]["hsr_mean"] or 0.0))
    ranked = [card for card in cards if terms(card) == terms(measured) and card["macro"]["hsr_mean"] is not None]
    apart = [card for card in cards if card not in ranked]
    names = [card["model"] for card in ranked]
    letters = compact_letters(names, differing_pairs({name: judgements[name] for name in names}))
    pack = measured["pack"]
    parts = [
        ranking_table(ranked, letters),
        f"Rates in percent, macro over categories; pack {pack['name']} `{pack['digest']}`, {measured['n_items']} "
        "items. Versions that share a letter are not told apart on these items.",
    ]
    if apart:
        reasons = "\n".join(f"- {card['model']}: {_reason(terms(card), terms(measured))}" for card in apart)
        parts += ["Measured on other terms:", ranking_table(apart, {}), reasons]
    return "\n\n".join(parts)


def _reason(theirs: dict[str, Any], ours: dict[str, Any]) -> str:
    differing = [f"{name} {theirs[name]} instead of {ours[name]}" for name in ours if theirs[name] != ours[name]]
    return "; ".join(differing) or "nothing was scored"
