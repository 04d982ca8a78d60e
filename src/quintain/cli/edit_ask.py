"""`quintain edit ask`: what a question finds, what passes the gate, and what a model answers."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quintain.cli.opened_memory import opened_memory

if TYPE_CHECKING:
    from quintain.edit_memory.candidates import Retrieval


@click.command("ask")
@click.option(
    "--memory", "folder", type=click.Path(path_type=Path, file_okay=False), envvar="QUINTAIN_MEMORY",
    help="Folder of the memory; a --model that has one brings its own.",
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
    from quintain.cli.served_student import open_student
    from quintain.methods.lte import compose
    from quintain.records import Message
    from quintain.serving.student import find_edits
    from quintain.text.surrogates import without_surrogates

    student = open_student(model, embedder=click.get_current_context().obj) if model else None
    memories = student.memories if student else ()
    if folder is not None:
        memories = (opened_memory(folder, retrieval),)
    if not memories:
        raise click.UsageError("name a --memory, or a --model that has one")
    if student:
        asked = replace(student, memories=memories).question([Message(role="user", content=question)], k=k, as_of=as_of)
        hits, request = asked.hits, asked.request
    else:
        hits = find_edits(memories, question, k, as_of)
        request = compose(question, hits)
    for hit in hits:
        match = f"subject {hit.match.subject:.2f}, relation {hit.match.relation:.2f}" if hit.match else ""
        ruled_out = ", target ruled out" if hit.match and hit.match.excludes else ""
        verdict = "passes " if hit.passed else "refused"
        click.echo(f"{verdict}  {hit.score:.3f}  {without_surrogates(hit.edit.fact)}  ({match}{ruled_out})")
        if hit.overrides:
            click.echo(f"         overrides {', '.join(hit.overrides)}")
    if not any(hit.passed for hit in hits):
        click.echo("no edit passes: the question goes to the model untouched")
    click.echo("\n" + without_surrogates("\n".join(message.content for message in request.messages)))
    if student:
        (completion,) = asked.model.generate([request])
        click.echo(f"\n{completion.response}")
