"""`quintain edit ask`: what a question finds, what passes the gate, and what a model answers."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quintain.cli.opened_memory import opened_memory

if TYPE_CHECKING:
    from quintain.methods.lte.candidates import Retrieval


@click.command("ask")
@click.option(
    "--memory", "folder", type=click.Path(path_type=Path, file_okay=False), envvar="QUINTAIN_MEMORY",
    help="Folder of the memory; a registered --model brings its own.",
)  # fmt: skip
@click.argument("question")
@click.option("-k", default=3, show_default=True, type=click.IntRange(1), help="Most edits to look at.")
@click.option("--as-of", help="ISO time: ask what the memory said then.")
@click.option(
    "--retrieval", default="dense", show_default=True, type=click.Choice(["dense", "lexical", "fused"]),
    help="What finds edits.",
)  # fmt: skip
@click.option("--model", help="Who answers: a model folder, or an alias or version of this project's registry.")
def ask(
    folder: Path | None, question: str, k: int, as_of: str | None, retrieval: "Retrieval", model: str | None
) -> None:
    """Show which edits QUESTION finds, which of them pass the gate, and what the model is asked.

    With --model it answers too. It should have been aligned to use such a prompt, as the student lte is.
    """
    from quintain.methods.lte.compose import compose

    served = _registered(model) if model and not Path(model).is_dir() else {}
    embedder = ""
    if folder is None and "editing" in served:
        folder, embedder = _memory_of(served), served["editing"]["embedder"]
    if folder is None:
        raise click.UsageError("name a --memory, or a --model of the registry that carries one")
    with opened_memory(folder, retrieval, embedder=embedder) as memory:
        hits = memory.search(question, k, as_of)
    for hit in hits:
        match = f"subject {hit.match.subject:.2f}, relation {hit.match.relation:.2f}" if hit.match else ""
        ruled_out = ", target ruled out" if hit.match and hit.match.excludes else ""
        click.echo(f"{'passes ' if hit.passed else 'refused'}  {hit.score:.3f}  {hit.edit.fact}  ({match}{ruled_out})")
        if hit.overrides:
            click.echo(f"         overrides {', '.join(hit.overrides)}")
    untouched = not any(hit.passed for hit in hits)
    if untouched:
        click.echo("no edit passes: the question goes to the model untouched")
    request = compose(question, hits)
    click.echo("\n" + "\n".join(message.content for message in request.messages))
    if model:
        from quintain.models.language_model import Sampling
        from quintain.models.local import LocalModel

        weights = _weights_of(served, untouched=untouched) if served else Path(model)
        sampling = Sampling(**served["sampling"]) if served else Sampling()
        (completion,) = LocalModel(weights, sampling).generate([request])
        click.echo(f"\n{completion.text}")


def _registered(name: str) -> dict[str, Any]:
    """What a version of the project's registry points to."""
    from quintain.cli.registry_store import project_registry
    from quintain.registry.promotion import find_version, holder
    from quintain.registry.registration import served_config

    project = project_registry()
    version = holder(project.client, project.model_name, name)
    return served_config(version or find_version(project.client, project.model_name, name), project.uri)


def _weights_of(served: dict[str, Any], *, untouched: bool) -> Path:
    from quintain.registry.pointer import weights_folder

    return weights_folder(served["editing"]["original"] if untouched and "editing" in served else served)


def _memory_of(served: dict[str, Any]) -> Path:
    from quintain.registry.memory_folder import find_memory_folder

    memory = served["editing"]["memory"]

    def other(folder: Path) -> str:
        return "" if (folder / "log.sqlite").is_file() else "no memory"

    return find_memory_folder(memory["path"], memory["dvc_md5"], other)
