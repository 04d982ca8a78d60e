"""`quintain edit`: put facts into a memory, take them out, ask under them; works without a project."""

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quintain.cli.edit_ask import ask
from quintain.cli.opened_memory import opened_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from quintain.methods.lte import Edit

_CHUNK_LINES = 5000
_EDIT_FIELDS = ("subject", "relation", "prompt", "target_new", "ground_truth", "aliases", "paraphrases")
_SAID_BY = ("author", "source", "edit_set")

_folder = click.option(
    "--memory",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    envvar="QUINTAIN_MEMORY",
    help="Folder of the memory, made by the first edit; or set QUINTAIN_MEMORY.",
)


@dataclass(frozen=True, kw_only=True)
class EditLine:
    """One line of an import or export; further keys, such as `at`, are ignored."""

    subject: str
    prompt: str
    target_new: str
    relation: str = ""
    ground_truth: str | list[str] | None = None
    aliases: list[str] | None = None
    paraphrases: list[str] | None = None
    id: str = ""
    author: str = ""
    source: str = ""
    edit_set: str = ""


def _fields(*, required: bool) -> "Callable[[Any], Any]":
    options = [
        click.option("--subject", required=required, help="What the fact is about."),
        click.option("--relation", help="Which of its properties; read from the prompt when left out."),
        click.option("--prompt", required=required, help="Question, or beginning of a sentence."),
        click.option("--target", "target_new", required=required, help="What to answer from now on."),
        click.option("--former", "ground_truth", multiple=True, help="Former answer; may be given again."),
        click.option("--alias", "aliases", multiple=True, help="Other name of the subject; may be given again."),
        click.option("--paraphrase", "paraphrases", multiple=True, help="Other way to ask; may be given again."),
        click.option("--author", default="", help="Who says so."),
        click.option("--source", default="", help="Where it stands."),
    ]

    def decorate(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


@click.group("edit")
@click.option(
    "--embedder",
    default="hashed-ngrams",
    show_default=True,
    envvar="QUINTAIN_EMBEDDER",
    help="What finds edits: hashed-ngrams, a folder of sentence-transformers or an id; or set QUINTAIN_EMBEDDER.",
)
@click.pass_context
def command(context: click.Context, embedder: str) -> None:
    """Keep edits in a memory and ask under them."""
    context.obj = embedder


command.add_command(ask)


@command.command("add")
@_folder
@_fields(required=True)
@click.option("--set", "edit_set", default="", help="Name of the set that the edit belongs to.")
def add(folder: Path, author: str, source: str, edit_set: str, **fields: Any) -> None:
    """Put one edit in force; prints its id."""
    with opened_memory(folder, start=True) as memory:
        (edit_id,) = memory.add([_edit(fields)], author=author, source=source, edit_set=edit_set)
    click.echo(edit_id)


@command.command("revise")
@_folder
@click.argument("edit_id", metavar="ID")
@_fields(required=False)
def revise(folder: Path, edit_id: str, author: str, source: str, **fields: Any) -> None:
    """Change some fields of the edit ID; what is not given stays."""
    from dataclasses import replace

    from quintain.errors import EditError

    with opened_memory(folder) as memory:
        former = next((kept.edit for kept in memory.kept() if kept.id == edit_id), None)
        if former is None:
            raise EditError(f"no edit in force has the id {edit_id!r}; `quintain edit list` shows those that are")
        memory.revise(
            edit_id,
            replace(former, **{name: value for name, value in fields.items() if value}),
            author=author,
            source=source,
        )
    click.echo(edit_id)


@command.command("revoke")
@_folder
@click.argument("ids", metavar="ID...", nargs=-1)
@click.option("--set", "edit_set", help="All edits of one set.")
@click.option("--author", default="", help="Who revokes them.")
@click.option("--source", default="", help="Why.")
def revoke(folder: Path, ids: tuple[str, ...], edit_set: str | None, author: str, source: str) -> None:
    """Take edits out of force; answers are then as if they had never been there."""
    if bool(ids) == (edit_set is not None):
        raise click.UsageError("name either ids or a --set")
    with opened_memory(folder) as memory:
        wanted = list(ids) or [kept.id for kept in memory.kept(edit_set=edit_set)]
        memory.revoke(wanted, author=author, source=source)
    click.echo(f"{len(set(wanted))} revoked")


@command.command("list")
@_folder
@click.option("--set", "edit_set", help="Only one set.")
@click.option("--conflicts", is_flag=True, help="Only slots that several edits set to different targets.")
def show(folder: Path, edit_set: str | None, conflicts: bool) -> None:
    """List the edits in force, oldest first: id, fact, set, author, source."""
    with opened_memory(folder) as memory:
        if conflicts:
            for conflict in memory.conflicts():
                click.echo(
                    f"{conflict.slot}: {' → '.join(conflict.targets)}  ({' '.join(conflict.ids)}; the last counts)"
                )
            return
        for kept in memory.kept(edit_set=edit_set):
            click.echo("  ".join(filter(None, (kept.id, kept.edit.fact, kept.edit_set, kept.author, kept.source))))


@command.command("import")
@_folder
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def import_lines(folder: Path, file: Path) -> None:
    """Put the edits of FILE in force, a file of JSON lines, or a table (.csv, .tsv).

    A table has the columns subject, prompt and target. A line has subject, prompt, target_new; relation, ground_truth,
    aliases, paraphrases, id, author, source, edit_set where it likes. A line that is in force already is left as it is,
    so an import that was cut off can be repeated.
    """
    from quintain.cli.json_lines import read_lines
    from quintain.errors import RecordError
    from quintain.methods.lte.edits import fault_of

    lines = _table(file) if file.suffix in (".csv", ".tsv") else read_lines(file, EditLine)
    edits = [_edit({name: getattr(one, name) for name in _EDIT_FIELDS}) for one in lines]
    for number, edit in enumerate(edits, start=1):
        if fault := fault_of(edit):
            raise RecordError(f"{file}, edit {number} ({edit.subject[:80]!r}): {fault}; nothing was imported")
    ids = [one.id for one in lines if one.id]
    doubled, times = next(iter(Counter(ids).most_common(1)), ("", 0))
    if times > 1:
        raise RecordError(f"{file}: the id {doubled!r} stands on several lines; nothing was imported")
    with opened_memory(folder, start=True) as memory:
        before = len(memory)
        for start, end in _runs(lines):
            said = {name: getattr(lines[start], name) for name in _SAID_BY}
            memory.add(edits[start:end], ids=[one.id for one in lines[start:end]], **said)
        click.echo(f"{len(lines)} lines, {len(memory) - before} new edits in force")


@command.command("export")
@_folder
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File of JSON lines.")
@click.option("--set", "edit_set", help="Only one set.")
def export(folder: Path, to: Path, edit_set: str | None) -> None:
    """Write the edits in force as JSON lines, oldest first, with ids, times and where they come from."""
    from quintain.cli.json_lines import line, write_whole

    lines, left_out = [], []
    with opened_memory(folder) as memory:
        for kept in memory.kept(edit_set=edit_set):
            said = {**asdict(kept.edit), **{name: value for name, value in asdict(kept).items() if name != "edit"}}
            try:
                lines.append(line(said))
            except UnicodeEncodeError:  # kept by a former version, which took halves of characters
                left_out.append(ascii(kept.id)[1:-1])
    write_whole(to, lines)
    click.echo(f"{len(lines)} edits")
    if left_out:
        click.echo(f"left out, since they hold half a character: {' '.join(left_out)}; revise or revoke them", err=True)


@command.command("verify")
@_folder
def verify(folder: Path) -> None:
    """Check the log and the index; an index that does not match is made again, for many edits a quick one is built.

    A log with faults is left as it is: every fault is told, and `quintain edit repair` keeps what is sound.
    """
    from quintain.edit_memory.inspection import faults_of_index, inspect
    from quintain.errors import EditError

    _require_memory(folder)
    looked_at = inspect(folder)
    if looked_at.faults:
        for fault in (*looked_at.faults, *faults_of_index(folder)):
            click.echo(f"fault: {fault}")
        raise EditError(
            f"{folder} has {len(looked_at.faults)} faults in its log, {len(looked_at.acts)} acts can be read; bring it "
            f"back from where it is versioned, or keep what is sound with `quintain edit repair --memory {folder}`"
        )
    with opened_memory(folder) as memory:
        found = memory.verify()
        built = memory.build_approximate()
    click.echo(f"{found.edits} edits in force, {found.events} acts in the log, {found.keys} keys in the index")
    for repair in found.repairs:
        click.echo(f"repaired: {repair}")
    if found.conflicts:
        click.echo(f"{len(found.conflicts)} slots have several targets: `quintain edit list --conflicts`")
    if built:
        click.echo("built the index for many edits")


@command.command("repair")
@_folder
def repair_memory(folder: Path) -> None:
    """Keep what is sound of a damaged memory: acts that are what was written, their vectors made again.

    The former log stays in the folder, under another name.
    """
    from quintain.edit_memory.inspection import repair

    _require_memory(folder)
    done = repair(folder)
    for one in done:
        click.echo(one)
    with opened_memory(folder) as memory:
        found = memory.verify()
    for one in found.repairs:
        click.echo(f"repaired: {one}")
    click.echo(f"{found.edits} edits in force" + ("" if done or found.repairs else "; nothing needed repair"))


def _table(file: Path) -> list[EditLine]:
    from quintain.given.edit_table import read_edit_table

    rows = read_edit_table(file)
    for row in rows:
        if asked := row.pop("rephrase_prompt", ""):
            row["paraphrases"] = [*row.get("paraphrases", []), asked]
    return [EditLine(**row) for row in rows]


def _require_memory(folder: Path) -> None:
    from quintain.errors import EditError

    if not any((folder / name).exists() for name in ("log.sqlite", "head", "serial")):
        raise EditError(f"{folder} holds no edit memory; `quintain edit add` or `import` starts one there")


def _runs(lines: list[EditLine]) -> "Iterator[tuple[int, int]]":
    """Stretches of lines, in order, that one source gave: each goes in with one act."""
    start = 0
    for at in range(1, len(lines) + 1):
        whole = at - start == _CHUNK_LINES or at == len(lines)
        if whole or any(getattr(lines[at], name) != getattr(lines[start], name) for name in _SAID_BY):
            yield start, at
            start = at


def _edit(fields: dict[str, Any]) -> "Edit":
    from quintain.methods.lte import Edit

    return Edit(**{name: value for name, value in fields.items() if value is not None})
