"""`quintain leaderboard`: every registered student with its scorecard."""

import click


@click.command("leaderboard")
def command() -> None:
    """List all versions, best macro HSR first, with their aliases; say where to browse them."""
    from rich.console import Console
    from rich.markdown import Markdown

    from quintain.cli.registry_store import project_registry
    from quintain.errors import RegistryError
    from quintain.registry.registration import read_scorecard, students_of, versions
    from quintain.reporting.table import leaderboard_table

    project = project_registry()
    found = versions(project.client, project.model_name)
    if not found:
        raise RegistryError(f"no version of {project.model_name} is registered in {project.uri}; run `kedro run` first")
    aliases: dict[str, list[str]] = {}
    for alias, number in project.client.get_registered_model(project.model_name).aliases.items():
        aliases.setdefault(str(number), []).append(alias)
    rows = []
    for version in found:
        scorecard, _ = read_scorecard(project.client, version)
        titles = ", ".join(sorted(aliases.get(str(version.version), [])))
        label = f"{' = '.join(students_of(version))} v{version.version}" + (f" ({titles})" if titles else "")
        rows.append({**scorecard, "model": label})
    rows.sort(key=lambda row: -(row["macro"]["hsr_mean"] or 0.0))
    table = leaderboard_table(rows)
    console = Console()
    if console.is_terminal:
        console.print(Markdown(table))
    else:
        click.echo(table)
    packs = sorted({f"{row['pack']['name']} ({row['n_items']} items)" for row in rows})
    click.echo(
        f"\nRates in percent, macro over categories; pack {', '.join(packs)}.\n"
        f"Registry   mlflow ui --backend-store-uri {project.uri}\n"
        "Pipelines  kedro viz run\n"
        "Reports    data/08_reporting/"
    )
