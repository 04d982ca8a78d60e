"""`quintain serve`: a student behind an OpenAI-compatible address, or edits before one."""

from pathlib import Path

import click

from quintain.cli.served_student import student_options


@click.command("serve")
@student_options
@click.option(
    "--upstream", metavar="ADDRESS",
    help="Let another server answer, such as http://localhost:8000/v1, under the edits of --memory.",
)  # fmt: skip
@click.option(
    "--upstream-key-env", metavar="VARIABLE",
    help="Environment variable with the key of --upstream; else clients send theirs.",
)  # fmt: skip
@click.option(
    "--upstream-seconds", default=600.0, show_default=True, type=click.FloatRange(0, min_open=True),
    help="Longest time in which --upstream may say nothing.",
)  # fmt: skip
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
    upstream: str | None,
    upstream_key_env: str | None,
    upstream_seconds: float,
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

    With --upstream no model is loaded: what an edit is about goes to that server with the edit in the question, and
    everything else goes there and comes back byte for byte.
    """
    from quintain.serving.access import Access, key_from
    from quintain.serving.server import address_of, serve, take_port

    _require_fitting(upstream, memory)
    access = Access((host, *names), key_from(key_env) if key_env else "")
    with take_port(host, port) as taken:

        def ready(name: str) -> None:
            click.echo(f"{name} answers at {address_of(taken)}; Ctrl-C ends")
            if access.open_to_others(host):
                click.echo(f"everybody who reaches {host} may ask; --key-env asks for a key", err=True)

        if upstream is not None and memory is not None:
            from quintain.cli.served_upstream import upstream_app

            app = upstream_app(
                upstream, memory, embedder, access, upstream_key_env, upstream_seconds, taken, has_keys=bool(key_env)
            )
            serve(app, taken, lambda: ready(f"{upstream} under {memory}"))
            return
        from quintain.cli.served_student import open_student

        student = open_student(which, memory, embedder)
        for model in (student.model, student.original):
            if model is not None:
                model.batch_tokens = batch_tokens
        from quintain.serving.app import make_app

        serve(make_app(student, access=access), taken, lambda: ready(student.name))


def _require_fitting(upstream: str | None, memory: Path | None) -> None:
    """Refuse options that say nothing about what is served."""
    from quintain.errors import ConfigError

    context = click.get_current_context()
    of_student = {"which": "VERSION, ALIAS or FOLDER", "batch_tokens": "--batch-tokens"}
    of_upstream = {"upstream_key_env": "--upstream-key-env", "upstream_seconds": "--upstream-seconds"}
    odd = of_upstream if upstream is None else of_student
    given = [
        shown
        for name, shown in odd.items()
        if context.get_parameter_source(name) not in (None, click.core.ParameterSource.DEFAULT)
    ]
    if given:
        without = "without --upstream" if upstream is None else "with --upstream, where no model is loaded"
        raise ConfigError(f"{given[0]} has no meaning {without}; leave it out")
    if upstream is not None and memory is None:
        raise ConfigError(
            "--upstream puts edits before another server, and without --memory FOLDER there are none; name the edit "
            "memory (`quintain edit add` starts one), or ask that server itself"
        )
