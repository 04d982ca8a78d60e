"""`quintain chat`: talk to a student in the terminal."""

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quintain.cli.served_student import student_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quintain.records import Completion, Message
    from quintain.serving.student import Student

_HELP = """\
/new                          start a new chat
/edit SUBJECT | PROMPT | TARGET   put an edit in force in --memory, such as
                              /edit Veldmark | The mayor of Veldmark is | Ada Brook
/quit                         end, as Ctrl-D does"""


@click.command("chat")
@student_options
def command(which: str, memory: Path | None, embedder: str) -> None:
    """Talk to a registered version (default: the champion) or a model folder.

    One line is one turn; the turns before it are part of the chat until /new. Edits that a response was given are shown
    under it. Reads from a pipe as well.
    """
    from quintain.cli.served_student import open_student

    student = open_student(which, memory, embedder)
    chat: list[Message] = []
    click.echo(f"{student.name}; /help lists commands", err=True)
    for line in _lines():
        if line == "/quit":
            break
        if line == "/new":
            chat.clear()
        elif line.startswith("/edit "):
            click.echo(_edit(line.removeprefix("/edit "), student, has_memory=memory is not None))
        elif line.startswith("/"):
            click.echo(_HELP)
        elif line:
            _turn(student, chat, line)


class _Terminal:
    """Writes a completion as it grows."""

    gone = False

    def hear(self, text: str) -> None:
        click.echo(text, nl=False)

    def end(self, completion: "Completion") -> None:
        if completion.finish_reason == "length":
            click.echo(" …", nl=False)
        click.echo()


def _lines() -> "Iterator[str]":
    """Lines of the terminal or the pipe; Ctrl-C and Ctrl-D end them."""
    try:
        if not sys.stdin.isatty():
            if isinstance(sys.stdin, io.TextIOWrapper):
                sys.stdin.reconfigure(
                    errors="replace"
                )  # a byte that is no UTF-8 is one odd character, no end of the chat
            for line in sys.stdin:
                yield line.strip()
            return
        import readline  # noqa: F401 - gives input() its history and keys

        while True:
            yield input("> ").strip()
    except (EOFError, KeyboardInterrupt):
        click.echo(err=True)


def _turn(student: "Student", chat: "list[Message]", text: str) -> None:
    from quintain.models.calls import Call
    from quintain.records import Message
    from quintain.text.surrogates import without_surrogates

    asked = Message(role="user", content=text)
    question = student.question([*chat, asked])
    call = Call(request=question.request, sampling=student.model.sampling, listener=_Terminal())
    (completion,) = question.model.answer([call])
    if completion.finish_reason == "error":
        click.echo(f"{completion.text} (/new starts a new chat)", err=True)
        return
    chat += [asked, Message(role="assistant", content=completion.response)]
    for hit in question.edits:
        click.echo(without_surrogates(f"  [edit {hit.id}: {hit.edit.fact}]"))


def _edit(fields: str, student: "Student", *, has_memory: bool) -> str:
    from quintain.errors import EditError
    from quintain.methods.lte import Edit

    parts = [part.strip() for part in fields.split("|")]
    if not has_memory:
        return "there is no memory to keep it in; start with --memory FOLDER"
    if len(parts) != 3:
        return "an edit is SUBJECT | PROMPT | TARGET"
    subject, prompt, target = parts
    try:
        (edit_id,) = student.memories[0].add([Edit(subject=subject, prompt=prompt, target_new=target)])
    except EditError as error:
        return str(error)
    return f"  [edit {edit_id} is in force]"
