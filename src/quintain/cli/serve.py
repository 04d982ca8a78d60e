"""`quintain serve`: a student behind an OpenAI-compatible address."""

from pathlib import Path

import click

from quintain.cli.served_student import student_options


@click.command("serve")
@student_options
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option(
    "--allow-host", "names", multiple=True, metavar="NAME",
    help="Further name under which clients may ask; again for each. Those of the loopback and --host are known.",
)  # fmt: skip
@click.option("--key-env", metavar="VARIABLE", help="Environment variable with the key that clients must send.")
@click.option(
    "--batch-tokens", default=32_768, show_default=True, type=click.IntRange(1),
    help="Tokens of prompts and completions that are in memory at a time.",
)  # fmt: skip
def command(
    which: str,
    memory: Path | None,
    embedder: str,
    host: str,
    port: int,
    names: tuple[str, ...],
    key_env: str | None,
    batch_tokens: int,
) -> None:
    """Serve a registered version (default: the champion) or a model folder to OpenAI's clients.

    /v1/chat/completions honours temperature, top_p, max_tokens, n, seed, stop and stream, and refuses every other
    parameter by its name. What a client leaves out is as the version was scored. Edits in --memory count from the
    moment they are added; a response cites those it was given. /metrics counts requests and tokens for Prometheus.
    SIGTERM or Ctrl-C ends when all requests in flight are answered, and within two seconds.
    """
    from quintain.cli.served_student import open_student
    from quintain.serving.access import Access, key_from
    from quintain.serving.server import address_of, serve, take_port

    access = Access((host, *names), key_from(key_env) if key_env else "")
    with take_port(host, port) as taken:
        student = open_student(which, memory, embedder)
        for model in (student.model, student.original):
            if model is not None:
                model.batch_tokens = batch_tokens
        from quintain.serving.app import make_app

        def ready() -> None:
            click.echo(f"{student.name} answers at {address_of(taken)}; Ctrl-C ends")
            if access.open_to_others(host):
                click.echo(f"everybody who reaches {host} may ask; --key-env asks for a key", err=True)

        serve(make_app(student, access=access), taken, ready)
