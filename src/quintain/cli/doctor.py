"""`quintain doctor`: what a run will need and do, before anything is spent."""

import contextlib
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quintain.errors import ConfigError, QuintainError

if TYPE_CHECKING:
    from quintain.doctor.finding import Finding

_CANNOT_WORK = 2
_PAGE = "08_reporting/doctor.html"
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("doctor")
@click.option("--env", help="Environment, such as hub; the one that a run without --env takes by default.")
@click.option("--student", type=click.Path(path_type=Path), help="Without a project: folder of the model to train.")
@click.option("--pairs", type=_FILE, help="Without a project: JSON lines to train it on.")
@click.option("--max-length", type=click.IntRange(1), help="With --pairs: longest row in tokens; the model's context.")
@click.option("--json", "as_json", is_flag=True, help="With --pairs: one line of JSON for each line of the file.")
@click.option("--html", type=_FILE, help="Write the report as a page too; of a project, instead of the usual place.")
def command(
    env: str | None, student: Path | None, pairs: Path | None, max_length: int | None, as_json: bool, html: Path | None
) -> None:
    """Check a run before it starts: exit 0 when it can work, 2 when it cannot, with all faults and their remedies.

    In a project: files, models and their reports, roles and keys, extras, disk; the rows of each training with what is
    learned marked, their lengths, what is dropped and why; memory by formula, and the time of three real steps.

    With --student and --pairs, in any folder: what becomes of each row. A row has `instruction` and `response`, and may
    have `context` (turns before); or it has `messages`.
    """
    if (student is None) != (pairs is None):
        raise click.UsageError("--student and --pairs go together")
    if pairs is None and (as_json or max_length):
        raise click.UsageError("--json and --max-length go with --student and --pairs")
    if pairs is not None and env:
        raise click.UsageError("--env is for a project, --student and --pairs for a folder and a file")
    try:
        with _quiet_log():
            if student is not None and pairs is not None:
                works = _inspect_pairs(student, pairs, max_length, as_json=as_json, html=html)
            else:
                works = _inspect_project(env or "", html)
    except QuintainError as error:
        click.echo(f"quintain doctor: {error}", err=True)
        works = False
    if not works:
        raise click.exceptions.Exit(_CANNOT_WORK)


def _inspect_project(env: str, html: Path | None) -> bool:
    from quintain.cli.dvc_sync import project_root
    from quintain.data_root import DEFAULT, data_root
    from quintain.doctor.checks import CHECKS
    from quintain.doctor.finding import fault
    from quintain.doctor.plan import read_plan
    from quintain.doctor.text_report import section, verdict

    root = project_root(Path.cwd())
    page = html.resolve() if html else None
    home, sections = root / DEFAULT, list[tuple[str, "list[Finding]"]]()
    with contextlib.chdir(root):  # paths of the configuration are seen from there
        try:
            plan = read_plan(root, env)
            home = data_root(root, env)
            title = f"{root.name}, environment {plan.environment}"
            click.echo(f"Doctor: {title}")
            for check in CHECKS:
                if sys.stderr.isatty():
                    click.echo(f"{check.title} …", err=True)
                sections.append((check.title, list(check.look(plan))))
                _say(section(*sections[-1]))
        except ConfigError as error:  # of the configuration: every other error is a finding
            title = f"{root.name}, environment {env}" if env else root.name
            first, *more = str(error).split("\n  ")
            sections.append(("Configuration", [fault("settings", said) for said in more or [first]]))
            _say(section(*sections[-1]))
    found = [each for _, some in sections for each in some]
    _say(verdict(found))
    _write_page(page or home / _PAGE, title, sections)
    return all(each.grade != "fault" for each in found)


def _inspect_pairs(student: Path, pairs: Path, max_length: int | None, *, as_json: bool, html: Path | None) -> bool:
    from quintain.doctor.finding import fault, good
    from quintain.doctor.pairs_file import inspected_lines
    from quintain.doctor.row_survey import RowSurvey, learned_of_pairs
    from quintain.doctor.text_report import section, verdict
    from quintain.models.open_folder import open_tokenizer
    from quintain.training.row_rendering import encoder_of_folder

    encoder = encoder_of_folder(student)
    limit = max_length or _context(student)
    survey = RowSurvey(limit, open_tokenizer(student), learned_of_pairs)
    for each in inspected_lines(pairs, encoder, limit):
        each.count_in(survey)
        if as_json:
            click.echo(each.as_json())
    none = fault(str(pairs), f"none of {survey.seen:,} lines can be learned from ({survey.reasons})",
                 "see the reasons of the lines" if survey.seen else "the file is empty")  # fmt: skip
    if as_json and html is None:
        if not survey.kept:
            click.echo(f"quintain doctor: {none.line}", err=True)
        return survey.kept > 0
    found = [good(str(pairs), f"as {student} learns from it", facts=survey.facts(), rows=survey.marked_rows())]
    found += [] if survey.kept else [none]
    if not as_json:
        _say(section("Pairs", found))
        _say(verdict(found))
    if html:
        _write_page(html, f"{student.name} on {pairs.name}", [("Pairs", found)], say=not as_json)
    return survey.kept > 0


def _context(student: Path) -> int | None:
    """Context of a model, in tokens; None where it states none."""
    import json

    try:
        config = json.loads((student / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    text = config.get("text_config") or config if isinstance(config, dict) else {}
    stated = text.get("max_position_embeddings") or text.get("n_positions")
    return stated if isinstance(stated, int) and stated > 0 else None


def _write_page(file: Path, title: str, sections: "list[tuple[str, list[Finding]]]", *, say: bool = True) -> None:
    from quintain.datasets import atomic
    from quintain.doctor.page import doctor_page

    with atomic.written(file) as temporary:
        # Halves of surrogate pairs, which a broken row may hold, are no UTF-8.
        temporary.write_text(doctor_page(title, sections), encoding="utf-8", errors="replace")
    if say:
        click.echo(f"\nThe report as a page: {file}")


def _say(lines: Iterator[str]) -> None:
    for line in lines:
        click.echo(line)


@contextlib.contextmanager
def _quiet_log() -> Iterator[None]:
    """Keep the log of libraries out of the report, and of the lines of JSON."""
    former = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(former)
