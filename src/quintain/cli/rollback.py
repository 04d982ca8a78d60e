"""`quintain rollback`: give the title back."""

import click


@click.command("rollback")
def command() -> None:
    """Make the previous champion champion again; the two swap places."""
    from quintain.cli.registry_store import project_registry
    from quintain.registry.promotion import rollback

    project = project_registry()
    now, before = rollback(project.client, project.uri, project.model_name)
    click.echo(f"Version {now} is champion again; version {before} is the previous champion.")
