"""`quintain read-replies`: read what a judge said, without any benchmark at hand."""

from dataclasses import dataclass
from pathlib import Path

import click

_FILE = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True)
class JudgeReply:
    """One line of the file."""

    id: int | str
    level: int
    reply: str | None = None
    """The reply; null or missing counts as unread."""


@click.command("read-replies")
@click.argument("replies", type=_FILE)
@click.option("--language", type=click.Choice(["en", "zh"]), required=True, help="Which of the authors' parsers.")
@click.option("--rules", type=click.Choice(["upstream-parity", "tolerant"]), default="upstream-parity")
@click.option("--to", type=_FILE, required=True, help="File for what was read.")
def command(replies: Path, language: str, rules: str, to: Path) -> None:
    """Read REPLIES, a file of JSON lines with id, level and reply, into `hard` and `soft`; null where unread.

    Nothing of a reply is ever executed.
    """
    from quintain.benchmarks.judging.replies import read_reply
    from quintain.cli.json_lines import line, read_foreign_lines, write_whole
    from quintain.errors import RecordError

    read = []
    given = read_foreign_lines(replies, JudgeReply)
    for one in given:
        try:
            verdicts = read_reply(one.reply or "", one.level, language, rules)  # type: ignore[arg-type]
        except ValueError as error:
            raise RecordError(f"{replies}, id {one.id}: {error}") from None
        unread = None in verdicts
        hard = None if unread else int(all(verdicts))
        soft = None if unread else sum(map(bool, verdicts)) / len(verdicts)
        read.append({"id": one.id, "hard": hard, "soft": soft})
    write_whole(to, map(line, read))
    again = len(given) - len({(str(one.id), one.level) for one in given})
    click.echo(
        f"{len(read)} replies, {sum(one['hard'] is None for one in read)} unread"
        + (f"; {again} have the id and level of an earlier one" if again else "")
    )
