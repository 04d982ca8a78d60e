"""`quintain students`: the family tree of an environment."""

from pathlib import Path

import click

from quintain.cli.dvc_sync import project_root


@click.command("students")
@click.option("--env", help="Environment, such as hub; the one that the project versions by default.")
def command(env: str | None) -> None:
    """Draw the family tree that lifecycle.yml declares, its benchmarks, and the pipelines that `kedro run` runs."""
    root = project_root(Path.cwd())
    from kedro.framework.project import settings
    from kedro.framework.startup import bootstrap_project

    from quintain.configuration import check_configuration
    from quintain.lifecycle.drawing import draw

    bootstrap_project(root)
    loader = settings.CONFIG_LOADER_CLASS(
        conf_source=str(root / settings.CONF_SOURCE), env=env, **settings.CONFIG_LOADER_ARGS
    )
    click.echo("\n".join(draw(check_configuration(loader))))
