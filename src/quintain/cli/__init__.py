"""The console script `quintain`: every verb that is not Kedro's, DVC's or MLflow's.

A command is a module of this package with a click command named `command`; it is imported when it is asked for, so
`quintain --help` starts in the time of click alone. Kedro finds the group under the name `cli` and offers it too.
"""

import importlib
import sys

import click

from quintain import __version__, offline

# name → (module, one line for --help); written out so that help needs no import of the commands
COMMANDS = {
    "new": ("quintain.cli.new", "Lay out a project folder: configuration, data layers, git and DVC."),
    "students": ("quintain.cli.students", "Draw the family tree of an environment and what `kedro run` runs."),
    "data": ("quintain.cli.data", "Import training data as people have it, and write it back."),
    "ledger": ("quintain.cli.ledger", "Look through the ledger of paid answers, repair it, say what was spent."),
    "doctor": (
        "quintain.cli.doctor",
        "Check a run before it starts: data, models, endpoints, memory, time; exit 2 if it fails.",
    ),
    "forecast": ("quintain.cli.forecast", "Foretell calls, tokens, money and hours before anything is asked."),
    "preview": ("quintain.cli.preview", "Make some rows and show every step of each, side by side as a page."),
    "leaderboard": (
        "quintain.cli.leaderboard",
        "Rank the registered students, with intervals and letters.",
    ),
    "ui": ("quintain.cli.ui", "Open MLflow and Kedro-Viz for this project, quietly; Ctrl-C ends both."),
    "models": ("quintain.cli.models", "List, show and fetch registered students; import and export models."),
    "lineage": ("quintain.cli.lineage", "Follow a row of data: what it was made from, who was trained on it."),
    "scorecard": ("quintain.cli.scorecard", "Compare two models on the same items, or look at one; writes a page."),
    "compare": (
        "quintain.cli.compare",
        "Compare two models, item by item by their scorecards, or by a judge on a set.",
    ),
    "promote": ("quintain.cli.promote", "Move the champion through the gate; exit 3 when it refuses."),
    "rollback": ("quintain.cli.rollback", "Give the title back to the previous champion."),
    "serve": ("quintain.cli.serve", "Serve a student, or edits before another server, to OpenAI's clients."),
    "chat": ("quintain.cli.chat", "Talk to a student in the terminal, edits included."),
    "score": ("quintain.cli.score", "Score outputs made elsewhere against any benchmark."),
    "score-ifeval": ("quintain.cli.score_ifeval", "Score outputs made elsewhere against IFEval."),
    "packs": ("quintain.cli.packs", "Write an exact pack's items, rows to train on, or edits to learn."),
    "edit": ("quintain.cli.edit", "Keep edits in a memory, ask under them, take them back."),
    "read-replies": ("quintain.cli.read_replies", "Read a judge's replies into verdicts."),
    "dvc-sync": ("quintain.cli.dvc_sync", "Write dvc.yaml from the Kedro pipelines, or check it."),
}


class LazyGroup(click.Group):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of a project's life."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        return importlib.import_module(COMMANDS[cmd_name][0]).command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, name="quintain", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="quintain")
def cli() -> None:
    """Quintain: a model lifecycle for LLM alignment.

    Pipelines are run by Kedro (`kedro run`), versioned by DVC (`dvc repro`), browsed with `quintain ui`
    (MLflow and Kedro-Viz). Everything else is here.
    """


def main() -> None:
    """Run the console script; an error that a user can act on is one screen, without a traceback."""
    offline.silence()
    from quintain.errors import PromotionRefused, QuintainError
    from quintain.hooks import brief_errors

    try:
        cli()
    except PromotionRefused as refusal:
        click.echo(str(refusal), err=True)
        sys.exit(3)
    except (QuintainError, OSError) as error:
        if not brief_errors.is_expected(error):
            raise
        brief_errors.show(error)
        sys.exit(1)
