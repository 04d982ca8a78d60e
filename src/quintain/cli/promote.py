"""`quintain promote [VERSION]`: move the champion through the gate."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from quintain.cli.registry_store import ProjectRegistry


@click.command("promote")
@click.argument("version", required=False)
@click.option("--dry-run", is_flag=True, help="Decide and print, change nothing.")
@click.option("--force", is_flag=True, help="Move the title whatever the gate says; needs --reason.")
@click.option("--reason", default="", help="Why the gate is overruled; kept with the version.")
@click.option("--with-weights", is_flag=True, help="Keep its weights in the registry too, for users without DVC.")
@click.option(
    "--markdown", type=click.Path(path_type=Path, dir_okay=False),
    help="Also write outcome, tables and links to this file, for the comment of a pull request.",
)  # fmt: skip
def command(
    version: str | None, dry_run: bool, force: bool, reason: str, with_weights: bool, markdown: Path | None
) -> None:
    """Ask the gate about VERSION (default: the challenger) and make it champion when it agrees.

    VERSION is a number, an alias, or a student that this project has registered, such as `webr`. Exits with 3 and says
    why, in numbers, when it refuses. A champion can be named again to have its weights kept.
    """
    from quintain.cli.registry_store import project_registry
    from quintain.errors import ConfigError, PromotionRefused
    from quintain.registry.policy import promotion_policy
    from quintain.registry.promotion import promote
    from quintain.registry.settings import read_settings

    if force and not reason:
        raise ConfigError("--force needs --reason TEXT; the reason is kept with the version")
    project = project_registry()
    promotion = promote(
        project.client,
        project.uri,
        project.model_name,
        promotion_policy(read_settings(project.root, "promotion")),
        version and project.number_of(version),
        dry_run=dry_run,
        force_reason=reason if force else "",
    )
    if markdown:
        from quintain.cli.json_lines import write_whole
        from quintain.cli.promotion_comment import promotion_comment

        write_whole(markdown, [promotion_comment(project, promotion).encode()])
    decision = promotion.decision
    over = f" over version {promotion.champion}" if promotion.champion else ", the first champion"
    if promotion.version == promotion.champion:
        click.echo(f"Version {promotion.version} is the champion already.")
        if with_weights and not dry_run:
            _keep(project, promotion.version)
        return
    text = "\n".join((f"Version {promotion.version}{over}: {decision.outcome}", *decision.lines()))
    if decision.outcome != "promoted" and not promotion.moved:
        raise PromotionRefused(text)
    click.echo(text)
    if dry_run:
        click.echo("Nothing was changed (--dry-run).")
    elif decision.outcome != "promoted":
        click.echo(f"The title was moved by force: {reason}")
    if with_weights and promotion.moved:
        _keep(project, promotion.version)


def _keep(project: "ProjectRegistry", version: str) -> None:
    from quintain.registry.kept import keep_version

    held = keep_version(project.client, project.model_name, project.version(version), project.root)
    click.echo(
        f"The registry keeps its weights{'' if held else ' already'}: it loads without DVC and without a project."
    )
