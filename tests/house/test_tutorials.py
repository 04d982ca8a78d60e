"""Every command of the tutorials is one that the script takes, those too that a test of a page does not run."""

import re
import shlex
from pathlib import Path

import click
import pytest

from quintain.cli import cli

PAGES = sorted((Path(__file__).parents[2] / "docs/tutorials").glob("*.md"))
_BLOCK = re.compile(r"^```(?:bash|sh|yaml).*?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^(?:\s*run: )?(quintain .*)$", re.MULTILINE)


def commands(page: Path) -> list[str]:
    found = [line for block in _BLOCK.findall(page.read_text()) for line in _COMMAND.findall(block)]
    # What a shell would put in their place.
    return [re.sub(r"\$\(.*\)", "1", line).replace("$ONLY_ASK", "--dry-run") for line in found]


def parse(line: str) -> None:
    """Read a command as the script would, and do nothing."""
    command: click.Command = cli
    words = shlex.split(re.split(r" (?:\|\|?|&&) ", line)[0], comments=True)[1:]
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None, line
        command = found
    command.make_context(command.name, words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_a_tutorial_is_one(page):
    assert len([parse(line) for line in commands(page)]) > 1


def test_an_option_that_is_none_would_be_found():
    with pytest.raises(click.UsageError, match="No such option"):
        parse("quintain promote --comment comment.md")
