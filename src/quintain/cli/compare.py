"""`quintain compare A B`: by their scorecards, item by item; with `--set FILE` a judge compares their responses."""

import contextlib
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from quintain.benchmarks.judged.instruction_set import InstructionSet
    from quintain.models.roles import Roles
    from quintain.records import Response

_FILE = click.Path(path_type=Path, dir_okay=False)
_OF_A_SET = ("judge", "limit", "max_new_tokens", "response_tokens")
"""Options that mean nothing without --set."""


@click.command("compare")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option("--set", "given", type=_FILE, help="Instructions for a judge: JSON lines or a JSON list.")
@click.option("--env", help="Configuration environment whose settings are taken; without it that of pyproject.toml.")
@click.option("--judge", default="judge", show_default=True, help="Of --set: who compares, such as judge/second.")
@click.option("--limit", type=click.IntRange(0), default=0, help="Of --set: the first N instructions; 0 for all.")
@click.option(
    "--max-new-tokens", type=click.IntRange(1), default=512, show_default=True, help="Of --set: longest response."
)
@click.option(
    "--response-tokens",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    help="Of --set: expected length, for forecasts.",
)
@click.option("--yes", is_flag=True, help="Ask a judge behind an address without asking back.")
@click.option("--to", type=_FILE, help="FILE.html, with --set FILE.json; by default below data/08_reporting.")
@click.pass_context
def command(
    context: click.Context,
    first: str,
    second: str,
    given: Path | None,
    env: str | None,
    judge: str,
    limit: int,
    max_new_tokens: int,
    response_tokens: int,
    yes: bool,
    to: Path | None,
) -> None:
    """Compare A and B on the benchmarks that both were measured on, item by item, with intervals.

    A and B are model folders, students of the project such as `webr`, or versions or aliases of its registry. A folder
    is scored first, with the settings of the project: on what the other one was measured on, or for two folders on the
    benchmarks of lifecycle.yml. What the ledger knows is not asked again. One table is printed, and
    a page with a section per benchmark goes down to every response.

    A folder, a student or a version with an edit memory is asked under it, as it is when it is served, and the outcome
    says so.

    With --set a judge compares their responses to a set of instructions instead. Both respond through the role
    `student`; the model bound to `judge` is tried on comparisons whose outcome is known, then it sees each response
    first once. Shown are the win rate as judged and at equal length, with the coefficients of the regression on length
    and intervals over clusters of instructions. What the judge will cost is said first.
    """
    if given is None:
        from quintain.cli.scored_comparison import compare_scored

        for name in _OF_A_SET:
            if context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT:
                raise click.UsageError(f"--{name.replace('_', '-')} goes with --set; without it no set is asked")
        compare_scored(first, second, env, to, yes=yes)
        return
    _compare_on_set(first, second, given, env, judge, limit, max_new_tokens, response_tokens, to, yes=yes)


def _compare_on_set(
    first: str,
    second: str,
    given: Path,
    env: str | None,
    judge: str,
    limit: int,
    max_new_tokens: int,
    response_tokens: int,
    to: Path | None,
    *,
    yes: bool,
) -> None:
    """Let a judge compare the responses to a set."""
    from quintain.benchmarks.judged.instruction_set import read_instruction_set
    from quintain.benchmarks.judged.win_rate import win_rate
    from quintain.cli.compared_model import compared_model
    from quintain.cli.dvc_sync import project_root
    from quintain.cli.json_lines import write_whole
    from quintain.cli.judged_comparison import judge_responses, respond
    from quintain.data_root import reports_root
    from quintain.edit_memory.own_memory import said_of
    from quintain.errors import ConfigError, RecordError
    from quintain.methods.lion import LionParams
    from quintain.models.folder import folder_digest
    from quintain.models.language_model import Sampling
    from quintain.models.roles import bind, prices
    from quintain.pipelines.evaluation.under_edits import UnderEdits, asked_student
    from quintain.reporting.judged import judged_report
    from quintain.statistics.resampling import Resampling

    root = project_root(Path.cwd())
    asked = read_instruction_set(given, limit)
    (roles, retrieval), params = _settings(root, env), LionParams()
    if judge not in roles.bound:
        raise ConfigError(
            f"no model is bound to {judge!r} (roles.bindings in parameters_roles.yml), and somebody has to compare"
        )
    wanted = [str(Path(each).resolve()) if Path(each).is_dir() else each for each in (first, second)]
    target = to.resolve() if to else None
    # Bindings name their files from the project's root.
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(root):
        sides = [
            compared_model(each, root, Path(scratch) / f"side-{number}", *retrieval)
            for number, each in enumerate(wanted)
        ]
        names = _apart([side.name for side in sides])
        digests = [folder_digest(side.folder) for side in sides]
        _say_cost(asked, roles, judge, response_tokens, yes=yes)
        referee = bind(judge, roles, stage="comparison")
        for name, digest in zip(names, digests, strict=True):
            if digest[:12] in referee.name:
                click.echo(f"{judge} is {name}: it judges itself", err=True)
        sampling = Sampling(max_new_tokens=max_new_tokens)
        responses: list[dict[str, Response]] = []
        heads: list[str] = []
        for name, side in zip(names, sides, strict=True):
            with asked_student(side.folder, roles, sampling, side.memory, stage="comparison") as student:
                if isinstance(student, UnderEdits):
                    click.echo(said_of(name, student.memory), err=True)
                    heads.append(student.memory.head)
                else:
                    heads.append("")
                responses.append(respond(asked, student))
        judged = judge_responses(asked, responses[0], responses[1], referee, params)
    try:
        found = win_rate(judged.outcomes, Resampling())
    except ValueError as error:
        raise RecordError(f"{error}; see the replies of {referee.name} in the ledger") from None
    price = prices(roles).get(referee.name)
    spent: dict[str, Any] = {
        "calls": judged.usage.calls,
        "prompt_tokens": judged.usage.prompt_tokens,
        "completion_tokens": judged.usage.completion_tokens,
        "money": price.of(judged.usage) if price else None,
    }
    report = judged_report(names[0], names[1], referee.name, found, judged.trial, spent)
    if judged.unanswered:
        report += f" {judged.unanswered:,} instructions were left out: one of the two could not respond."
    for name, head in zip(names, heads, strict=True):
        report += f" {name} was asked under its edit memory {head[:12]}." if head else ""
    home = reports_root(root, env or "") / "comparisons"
    place = target or home / f"{_file_name(names[0], names[1], asked.name)}.json"
    sides_told = [
        {"name": name, "digest": digest, "memory": head}
        for name, digest, head in zip(names, digests, heads, strict=True)
    ]
    document = _document(sides_told, asked, referee.name, max_new_tokens, found.as_dict(), judged, spent)
    write_whole(place, [document])
    write_whole(place.with_suffix(".md"), [f"{report}\n".encode()])
    click.echo(report)
    click.echo(f"\nAll outcomes: {place}")


def _settings(root: Path, env: str | None) -> "tuple[Roles, tuple[str, int]]":
    """Bindings of the project, and how the edits of its folders are found: embedder, and most edits a question."""
    from kedro.framework.session import KedroSession
    from kedro.framework.startup import bootstrap_project

    from quintain.environment import asked_environment, versioned_environment
    from quintain.errors import ConfigError
    from quintain.models.roles import Roles

    env = env or asked_environment(root) or versioned_environment(root)
    bootstrap_project(root)
    session: Any = KedroSession.create(project_path=root, env=env)
    with session:
        parameters = session.load_context().config_loader["parameters"]
        settings, editing = parameters["roles"], parameters["editing"]
    try:
        roles = Roles(**settings)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"conf/{env}/parameters_roles.yml: {error}") from None
    retrieval = editing["embedder"], editing["evaluation"]["trials"]["k"]
    return Roles(ledger=str(root / roles.ledger), bindings=roles.bindings), retrieval


def _say_cost(asked: "InstructionSet", roles: "Roles", judge: str, response_tokens: int, *, yes: bool) -> None:
    from quintain.cli.forecast import foretell
    from quintain.cli.judged_comparison import forecast_judging
    from quintain.errors import ConfigError
    from quintain.methods.lion import LionParams

    binding = roles.bound[judge]
    usage = forecast_judging(asked, response_tokens, LionParams())
    money, hours = foretell(usage, binding)
    repeated = f" ({asked.repeated:,} more stand in the file a second time)" if asked.repeated else ""
    click.echo(
        f"{len(asked.instructions):,} instructions of {asked.name}{repeated}: {usage.calls:,} questions to {judge}, "
        f"about {usage.prompt_tokens:,} tokens read and {usage.completion_tokens:,} written"
        + (f", {money:,.2f} in its price's currency" if money is not None else "")
        + (f", {hours:.2f} hours" if hours is not None else ""),
        err=True,
    )
    if binding.get("backend") != "openai" or yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError(f"{judge} stands behind an address and may cost money; say --yes to ask it")
    click.confirm("Ask it?", abort=True, err=True)


def _document(
    sides: list[dict[str, str]],
    asked: "InstructionSet",
    judge: str,
    max_new_tokens: int,
    found: dict[str, Any],
    judged: Any,
    spent: dict[str, Any],
) -> bytes:
    import dataclasses
    import json

    return json.dumps(
        {
            "sides": sides,
            "set": {"name": asked.name, "digest": asked.digest, "instructions": len(asked.instructions)},
            "judge": judge,
            "max_new_tokens": max_new_tokens,
            "win_rate": found,
            "trial": dataclasses.asdict(judged.trial),
            "spent": spent,
            "unanswered": judged.unanswered,
            "outcomes": [dataclasses.asdict(each) for each in judged.outcomes],
        },
        indent=1,
    ).encode()


def _apart(names: list[str]) -> list[str]:
    return names if len(set(names)) > 1 else [f"{name} ({place})" for name, place in zip(names, "AB", strict=True)]


def _file_name(first: str, second: str, asked: str) -> str:
    return "-".join(re.sub(r"[^\w.]+", "-", each).strip("-") for each in (f"{first}-vs-{second}", asked))
