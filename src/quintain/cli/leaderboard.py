"""`quintain leaderboard`: the registered students, ranked, with what tells them apart."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from quintain.benchmarks.scorecard import Scorecard
    from quintain.cli.ranked_versions import Ranking
    from quintain.cli.registry_store import ProjectRegistry

_WIDE = 200
_SMOKE = "smoke"
_SMOKE_MARK = " (smoke runs, sizes for a look around: these scores mean nothing)"
_USUAL = "-"


@click.command("leaderboard")
@click.option(
    "--html",
    "page",
    is_flag=False,
    flag_value=_USUAL,
    metavar="[FILE]",
    help="Write the table as a page too, with links to scorecards; to leaderboard.html beside the reports, or FILE.",
)
def command(page: str | None) -> None:
    """Rank all versions by the headline benchmark, with intervals and letters; say where to browse them.

    Two versions that share a letter are not told apart on these items (paired bootstrap over groups, Holm-adjusted over
    all pairs). Every further benchmark has a column with its headline. Versions that were measured on other terms than
    the champion are listed apart, with the reason, and so are those whose scorecards cannot be read.
    """
    from rich.console import Console
    from rich.markdown import Markdown

    from quintain.cli.leaderboard_page import write_leaderboard
    from quintain.cli.ranked_versions import rank_versions
    from quintain.cli.registry_store import project_registry
    from quintain.data_root import reports_root
    from quintain.registry.store import shown

    project = project_registry()
    ranking = rank_versions(project)
    text = "\n\n".join([*_tables(ranking), *_unread(ranking), *_environments(project), *project.gone()])
    console = Console()
    if console.is_terminal:
        console.print(Markdown(text), width=max(console.width, _WIDE))
    else:
        click.echo(text)
    if page:
        target = reports_root(project.root) / "leaderboard.html" if page == _USUAL else Path(page)
        write_leaderboard(target, project, ranking)
        click.echo(f"\nPage: {target}")
    click.echo(
        f"\nBrowse     quintain ui   students and scorecards (MLflow, {shown(project.uri)}),\n"
        "                         pipelines and data (Kedro-Viz)\n"
        f"Reports    {os.path.relpath(reports_root(project.root) / 'index.html')}"
    )


def _tables(ranking: "Ranking") -> list[str]:
    from quintain.reporting.table import ranking_table

    model = ranking.model
    if model is None:
        return []
    parts = [
        ranking_table({label: ranking.card(label) for label in ranking.ranked}, ranking.letters, ranking.beside),
        f"Rates in percent{', macro over categories' if len(model.categories) > 1 else ''}; benchmark "
        f"{model.benchmark.name} `{model.benchmark.digest}`, {model.n_items} items. Versions that share a letter "
        "are not told apart on these items.",
    ]
    if ranking.apart:
        reasons = "\n".join(f"- {label}: {ranking.reason(label)}" for label in ranking.apart)
        parts += ["Measured on other terms:", _apart(ranking, ranking.apart), reasons]
    return parts


def _apart(ranking: "Ranking", labels: Sequence[str]) -> str:
    """One table for each set of measures: versions of other benchmarks have other columns."""
    from quintain.reporting.table import ranking_table

    groups: dict[Any, dict[str, Scorecard]] = {}
    for label in labels:
        card = ranking.card(label)
        groups.setdefault((tuple(card.measures), card.levels), {})[label] = card
    return "\n\n".join(
        ranking_table(group, {}, {label: ranking.others(label) for label in group}) for group in groups.values()
    )


def _unread(ranking: "Ranking") -> list[str]:
    return ["Not read:", "\n".join(f"- {label}: {why}" for label, why in ranking.unread.items())] * bool(ranking.unread)


def _environments(project: "ProjectRegistry") -> list[str]:
    """Environments that the versions are from, a line for each; scores of smoke runs mean nothing."""
    from quintain.cli.ranked_versions import environments

    lines = [
        f"- {name}: {', '.join(numbers)}{_SMOKE_MARK if name == _SMOKE else ''}"
        for name, numbers in environments(project).items()
    ]
    return ["Registered by runs in the environment", "\n".join(lines)] * bool(lines)
