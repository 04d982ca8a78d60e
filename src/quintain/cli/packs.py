"""`quintain packs`: write the items of an exact pack, rows to train on, or edits to learn."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

_PACKS = ("starter", "core", "extended")
_LAYOUTS: dict[str, Callable[[str, str], dict[str, Any]]] = {
    "plain": lambda instruction, response: {"instruction": instruction, "response": response},
    # A conversation, so that TRL's trainers put it into the model's chat template.
    "trl": lambda instruction, response: {
        "prompt": [{"role": "user", "content": instruction}],
        "completion": [{"role": "assistant", "content": response}],
    },
}
_SEED = click.IntRange(0, 2**32 - 1)
_SIZE = click.IntRange(1, 10_000_000)
_TO = click.Path(path_type=Path, dir_okay=False)


@click.group("packs")
def command() -> None:
    """Write what the exact packs are made of: items to be measured on, rows to train on, edits to learn."""


@command.command("build")
@click.argument("name", type=click.Choice(_PACKS))
@click.option("--to", required=True, type=_TO, help="File of JSON lines to write; it is replaced when all is there.")
@click.option("--train", is_flag=True, help="Rows to train on of the kind of the pack, in place of its items.")
@click.option("--seed", type=_SEED, default=0, show_default=True, help="Seed of the items or rows.")
@click.option("--size", type=_SIZE, help="Number of rows; with --train only.")
@click.option(
    "--format",
    "layout",
    type=click.Choice([*_LAYOUTS]),
    help="Columns of a row: instruction and response (plain, the default), or a conversation in TRL's prompt and "
    "completion; with --train.",
)
def build(name: str, to: Path, train: bool, seed: int, size: int | None, layout: str | None) -> None:
    """Write the pack NAME, or rows to train on that share no topic, value and wording with any pack.

    A line of the items holds instruction, category, level, rules and target: what a checker needs. A line of the rows
    holds instruction and response; the response passes all checks of its instruction. The same seed gives the same
    bytes, and the rows of a smaller size are the first ones of a larger.
    """
    from quintain.cli.json_lines import write_whole

    if train and size is None:
        raise click.UsageError("--train needs --size, the number of rows")
    if not train and (size is not None or layout is not None):
        raise click.UsageError("--size and --format belong to --train; a pack has a size and a form of its own")
    lines = _rows(name, seed, size, layout or "plain") if train and size else _items(name, seed)
    counted = _Counted(lines)
    write_whole(to, counted)
    click.echo(f"{counted.count:,} {'rows' if train else 'items'} of {name}, seed {seed} → {to}")


@command.command("build-edits")
@click.option("--to", required=True, type=_TO, help="JSON file with KnowEdit's fields; replaced when all is there.")
@click.option("--seed", type=_SEED, default=0, show_default=True, help="Seed of the edits.")
@click.option("--size", type=_SIZE, required=True, help="Number of edits, each of a subject of its own.")
def build_edits(to: Path, seed: int, size: int) -> None:
    """Write edits of invented people, companies, places and devices, with every kind of probe.

    Each has a prompt, paraphrases and an alias, and asks two hops away, turned round, about the same subject and far
    away; all answers follow from what the file tells. The same seed gives the same bytes.
    """
    import msgspec

    from quintain.cli.json_lines import write_whole
    from quintain.errors import ConfigError
    from quintain.packs.edits import draw_edits

    try:
        rows = draw_edits(seed, size)
    except ValueError as error:
        raise ConfigError(f"--size {size}: {error}") from None
    write_whole(to, (msgspec.json.format(msgspec.json.encode(rows), indent=1), b"\n"))
    click.echo(f"{len(rows):,} edits, seed {seed} → {to}")


class _Counted:
    """Lines that are counted while somebody takes them."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self.count += 1
            yield line


def _items(name: str, seed: int) -> Iterator[bytes]:
    import msgspec

    from quintain.packs.build import build_pack

    for item in build_pack(name, seed):
        yield msgspec.json.encode(item) + b"\n"


def _rows(name: str, seed: int, size: int, layout: str) -> Iterator[bytes]:
    from quintain.cli.json_lines import line
    from quintain.errors import ConfigError
    from quintain.packs.training import training_rows

    try:
        for instruction, response in training_rows(name, seed, size):
            yield line(_LAYOUTS[layout](instruction, response))
    except ValueError as error:
        raise ConfigError(f"--size {size}: {error}") from None
