"""`quintain models push VERSION REPO`: a student to the Hugging Face hub, or to a hub of one's own."""

import tempfile
from pathlib import Path

import click


@click.command("push")
@click.argument("wanted", metavar="VERSION|ALIAS|FOLDER")
@click.argument("repository", metavar="OWNER/NAME")
@click.option("--public", is_flag=True, help="Let everybody see the repository; else it is private.")
@click.option("--merge/--adapter", default=True, show_default=True, help="An adapter merged, or as it is on its base.")
@click.option(
    "--dtype", type=click.Choice(("auto", "float32", "bfloat16", "float16")), default="auto", show_default=True,
    help="Number format of merged weights; auto: the base's.",
)  # fmt: skip
def command(wanted: str, repository: str, public: bool, merge: bool, dtype: str) -> None:
    """Push a registered version or a model folder to a repository, as `models export` makes it, in one commit.

    The token is that of HF_TOKEN or of `hf auth login`, the hub that of HF_ENDPOINT. A repository is made private, and
    one that is public already takes nothing without --public.
    """
    from quintain.cli.models_export import ExportOptions, export_model
    from quintain.models.exporting.hub import open_hub

    hub = open_hub(repository, public=public)  # before anything is merged for nothing
    with tempfile.TemporaryDirectory(prefix="quintain-push-") as scratch:
        folder = Path(scratch) / "model"
        for line in export_model(wanted, folder, ExportOptions(merge=merge, dtype=dtype if merge else "auto"))[1:]:
            click.echo(line)
        address = hub.push(folder, f"{wanted}, by quintain models push")
    click.echo(f"{wanted} is at {address} ({'public' if public else 'private'})")
