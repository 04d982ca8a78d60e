"""`quintain models list | show | pull | card | import | export | push`: what the registry holds, models in and out."""

from pathlib import Path

import click

from quintain.cli import models_export, models_import, models_push

_WANTED = click.argument("wanted", metavar="VERSION|ALIAS")
_WIDE = 400
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group("models")
def command() -> None:
    """List, show and fetch registered students; write their model cards; import and export models."""


command.add_command(models_import.command, "import")
command.add_command(models_export.command, "export")
command.add_command(models_push.command, "push")


@command.command("list")
def list_versions() -> None:
    """List all versions, the newest first."""
    from datetime import UTC, datetime

    from quintain.cli.registry_store import project_registry
    from quintain.registry.measured import headlines
    from quintain.registry.registration import ENVIRONMENT, students_of
    from quintain.reporting.table import markdown_table

    project = project_registry()
    titles = project.titles()
    scores = {version.version: headlines(version.tags) for version in project.versions()}
    benchmarks = list(dict.fromkeys(name for each in scores.values() for name in each))
    rows = [
        (
            str(version.version),
            titles.get(str(version.version), ""),
            " = ".join(students_of(version)),
            version.tags.get("model.digest", "–")[:12],
            *(f"{100 * scores[version.version][name]:.1f}" if name in scores[version.version] else "–"
              for name in benchmarks),
            version.tags.get(ENVIRONMENT, "–"),
            datetime.fromtimestamp(version.creation_timestamp / 1000, UTC).strftime("%Y-%m-%d %H:%M"),
        )
        for version in project.versions()
    ]  # fmt: skip
    click.echo(
        markdown_table(
            ("version", "aliases", "student", "digest", *benchmarks, "environment", "registered (UTC)"), rows
        )
    )
    for line in project.gone():
        click.echo(f"\n{line}")


@command.command("show")
@click.argument("wanted", metavar="VERSION|ALIAS|FOLDER")
@click.option("--lineage", is_flag=True, help="Everything that it goes back to, as a tree.")
@click.option("--picture", type=click.Path(path_type=Path, dir_okay=False), help="The same as a picture, FILE.svg.")
def show(wanted: str, lineage: bool, picture: Path | None) -> None:
    """Show a version: its scores, its lineage, how to load it. For the folder of an imported model, its report."""
    if models_import.is_folder(wanted):
        models_import.show_report(Path(wanted), plain=not (lineage or picture))
        return
    from rich.console import Console
    from rich.markdown import Markdown

    from quintain.cli.json_lines import write_whole
    from quintain.cli.lineage_graph import lineage_graph
    from quintain.cli.lineage_tree import lineage_tree
    from quintain.cli.registry_store import project_registry
    from quintain.registry.ancestry import ancestry
    from quintain.registry.room import without_room
    from quintain.reporting.lineage_picture import lineage_picture

    project = project_registry()
    version = project.version(wanted)
    console = Console()
    if lineage or picture:
        line = ancestry(project.client, project.model_name, version)
        if lineage:
            wide = console if console.is_terminal else Console(width=_WIDE)
            wide.print(lineage_tree(line, project.titles()))
        if picture:
            write_whole(picture, [lineage_picture(*lineage_graph(line)).encode()])
            click.echo(f"Picture: {picture}")
        return
    text = (
        f"# {project.model_name} version {version.version}"
        f"{' (' + titles + ')' if (titles := project.titles().get(str(version.version))) else ''}\n\n"
        f"{without_room(version.description or '')}\n\n"
        f'Load it with `mlflow.pyfunc.load_model("models:/{project.model_name}/{version.version}")`, '
        f"or take the folder with `quintain models pull {version.version} --to FOLDER`.\n"
    )
    if console.is_terminal:
        console.print(Markdown(text))
    else:
        click.echo(text)


@command.command("pull")
@_WANTED
@click.option("--to", type=_FOLDER, help="Lay it below this folder, under its own name; else in its place here.")
def pull(wanted: str, to: Path | None) -> None:
    """Bring a version's weights to this machine: from the project, the registry or DVC, by their digest.

    An adapter brings its base model along.
    """
    import tempfile

    from quintain.cli.registry_store import project_registry
    from quintain.registry.kept import kept_weights
    from quintain.registry.weights import Weights, copy_weights, find_weights

    project = project_registry()
    version = project.version(wanted)
    weights = Weights.from_tags(version.tags)
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        found = find_weights(weights, project.root, scratch / "dvc", kept_weights(version, scratch / "stored"))
        place = project.root / weights.path
        if to is None and found == place:
            click.echo(f"Version {version.version} is here: {place}")
            return
        home = place.parents[len(Path(weights.names()[0]).parts) - 1] if to is None else to
        click.echo(f"Version {version.version} is in {copy_weights(weights, found, home)}")


@command.command("card")
@_WANTED
@click.option("--to", type=_FOLDER, help="Make a folder that can be pushed to a hub: card, weights, figures, scores.")
def card(wanted: str, to: Path | None) -> None:
    """Print a version's model card; with --to make a folder around it, as `export --merge` does."""
    from quintain.cli.model_export import card_of
    from quintain.cli.registry_store import project_registry

    if to is None:
        project = project_registry()
        click.echo(card_of(project, project.version(wanted)))
        return
    models_export.export_model(wanted, to, models_export.ExportOptions(merge=True))
    click.echo(f"Version {wanted} is in {to}; `quintain models push {wanted} OWNER/NAME` publishes it")
