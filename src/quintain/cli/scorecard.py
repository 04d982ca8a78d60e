"""`quintain scorecard A [B]`: one model's numbers, or two models compared, as a table and as a page."""

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from quintain.benchmarks.satisfaction.comparison import Comparison
    from quintain.reporting.page import Section, Side

_FILE = click.Path(path_type=Path, dir_okay=False)
_ANY = click.Path(path_type=Path)


@click.command("scorecard")
@click.argument("first", metavar="A")
@click.argument("second", metavar="[B]", required=False)
@click.option("--judgements", type=_FILE, multiple=True, help="Verdicts of a scorecard FILE that has none beside it.")
@click.option("--pack", type=_ANY, help="The pack's items, for their text: a .jsonl file, or a FollowBench folder.")
@click.option("--to", type=_FILE, help="The page; by default below data/08_reporting/scorecards, or here.")
def command(first: str, second: str | None, judgements: tuple[Path, ...], pack: Path | None, to: Path | None) -> None:
    """Show the scorecard of A, or compare A with B on the same items; write a page that goes down to every constraint.

    A and B are a scorecard FILE.json (with judgements.jsonl beside it, or given by --judgements, in the order of A and
    B), a student of the project such as `webr`, or a version or alias of the registered model such as `3` or
    `champion`. Where both were measured on several benchmarks, each has a section, here and on the page, the headline
    first; `webr/ifeval` or `champion/ifeval` names one.
    """
    from quintain.cli.json_lines import write_whole
    from quintain.cli.scorecard_sides import find_sides, measured_on, project_root
    from quintain.errors import ConfigError, RecordError
    from quintain.reporting.page import scorecard_page

    root = project_root()
    wanted = [first, second] if second else [first]
    sides = find_sides(wanted, judgements, root)
    measured = [measured_on(each, root) for each in wanted]
    further = [name for name in measured[0][1:] if all(name in each for each in measured[1:])]
    if further:
        click.echo(f"## {measured[0][0]}\n")
    sections = [_shown(sides, measured[0][0] if further else "", pack, root)]
    left_out: dict[str, str] = {}
    for name in further:
        click.echo(f"\n## {name}\n")
        try:
            found = find_sides([f"{each}/{name}" for each in wanted], (), root)
            same = [replace(side, name=first.name) for side, first in zip(found, sides, strict=True)]
            sections.append(_shown(same, name, None, root))
        except (ConfigError, RecordError) as error:
            # The headline stands; what is wrong with one benchmark takes no other with it.
            left_out[name] = str(error)
            click.echo(f"Not compared: {error}")
    target = to or _default_target(sides, root)
    write_whole(target, [scorecard_page(sections, left_out=left_out).encode()])
    click.echo(f"\nPage: {target}\n\nRates in percent, CSL in levels, intervals in brackets.")


def _shown(sides: "list[Side]", name: str, pack: Path | None, root: Path | None) -> "Section":
    """Show one benchmark in the terminal, and return it for the page."""
    from rich.console import Console
    from rich.markdown import Markdown

    from quintain.cli.scorecard_pack import find_items
    from quintain.cli.standing import standing
    from quintain.reporting.page import Section
    from quintain.reporting.paired import memory_notes, paired_table, scorecard_table

    comparison = compare_sides(*sides) if len(sides) == 2 else None
    items, no_items = find_items(sides[0].scorecard.benchmark, root, pack)
    told = standing(sides[0], root) if len(sides) == 1 else []
    names, cards = [side.name for side in sides], [side.scorecard for side in sides]
    table = paired_table(names, cards, comparison) if comparison else scorecard_table(names[0], cards[0])
    console = Console()
    if console.is_terminal:
        console.print(Markdown(table))
    else:
        click.echo(table)
    for sentence in (*told, *memory_notes(names, cards)):
        click.echo(f"\n{sentence}")
    return Section(sides, comparison, items, no_items, told, name)


def compare_sides(first: "Side", second: "Side") -> "Comparison":
    """Compare two models that were scored on the same terms.

    Args:
        first: One model.
        second: The other.

    Returns:
        The `Comparison`.

    Raises:
        ConfigError: Pack, rules, judge or sampling differ; names both sides.
        RecordError: Nothing that was scored in one was scored in the other.
    """
    from quintain.benchmarks.satisfaction.comparison import compare, terms
    from quintain.errors import ConfigError, RecordError

    ours, theirs = terms(first.scorecard), terms(second.scorecard)
    differing = [name for name in ours if ours[name] != theirs[name]]
    if differing:
        lines = "\n".join(
            f"  {name}: {ours[name]} for {first.name}, {theirs[name]} for {second.name}" for name in differing
        )
        raise ConfigError(
            f"{first.name} ({first.scorecard.benchmark.name}) and {second.name} ({second.scorecard.benchmark.name}) "
            f"were not measured on the same terms:\n{lines}\nEvaluate both on one pack, by the same rules, judge and "
            "sampling"
        )
    try:
        return compare(first.judgements, second.judgements)
    except ValueError as error:
        raise RecordError(f"{first.name} and {second.name} do not compare: {error}") from None


def _default_target(sides: "list[Side]", root: Path | None) -> Path:
    from quintain.data_root import reports_root

    name = "-vs-".join(re.sub(r"[^\w.]+", "-", side.name).strip("-") for side in sides)
    return (Path() if root is None else reports_root(root) / "scorecards") / f"{name}.html"
