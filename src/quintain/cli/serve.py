"""`quintain serve`: a student behind an OpenAI-compatible address."""

from pathlib import Path

import click

from quintain.cli.served_student import student_options


@click.command("serve")
@student_options
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; there are no keys.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
def command(which: str, memory: Path | None, embedder: str, host: str, port: int) -> None:
    """Serve a registered version (default: the champion) or a model folder to OpenAI's clients.

    /v1/chat/completions honours temperature, top_p, max_tokens, n, seed, stop and stream, and refuses every other
    parameter by its name. What a client leaves out is as the version was scored. Edits in --memory count from the
    moment they are added; a response cites those it was given. SIGTERM or Ctrl-C ends when all requests in flight are
    answered.
    """
    from quintain.cli.served_student import open_student
    from quintain.serving.server import address_of, serve, take_port

    with take_port(host, port) as taken:
        student = open_student(which, memory, embedder)
        from quintain.serving.app import make_app

        def ready() -> None:
            click.echo(f"{student.name} answers at {address_of(taken)}; Ctrl-C ends")

        serve(make_app(student), taken, ready)
