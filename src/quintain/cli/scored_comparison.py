"""Comparison of two models by their scorecards: item by item, on every benchmark that both have or can be asked."""

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quintain.cli.scored_models import Model, find_model, score_model
from quintain.data_root import reports_root
from quintain.errors import ConfigError, RecordError

if TYPE_CHECKING:
    from quintain.cli.forecast_project import Project
    from quintain.reporting.page import Section


def compare_scored(first: str, second: str, env: str | None, to: Path | None, *, yes: bool) -> None:
    """Compare two models, score what is weights alone, print one table and write a page with a section per benchmark.

    Args:
        first: A model folder, a student of the project, or a version or alias of its registry.
        second: Another one.
        env: Environment whose settings score folders; None for that of the project.
        to: The page; None for a place in the project.
        yes: Whether judges behind an address are asked without asking back.

    Raises:
        ConfigError: A model does not exist, the two share no benchmark, or were measured on other terms.
        RecordError: A file is missing or broken.
    """
    from quintain.cli.json_lines import write_whole
    from quintain.cli.scorecard_sides import project_root
    from quintain.reporting.page import scorecard_page

    root = project_root()
    if root is None:
        raise ConfigError(
            f"models are scored with the settings of a project, and {Path.cwd()} is in none: `quintain new FOLDER "
            f"--recipe evaluate --student {first}`, then `cd FOLDER` and compare there"
        )
    models = [find_model(each, root) for each in (first, second)]
    if models[0].name == models[1].name:
        models = [
            Model(f"{model.name} ({place})", model.sides, model.folder)
            for model, place in zip(models, "AB", strict=True)
        ]
    target = (to or _page(models, root)).resolve()
    with ExitStack() as stack:
        project = stack.enter_context(_opened(root, env)) if any(model.folder for model in models) else None
        benchmarks = _shared(models, project)
        sections, left_out = _sections(models, benchmarks, project, root, yes=yes)
    write_whole(target, [scorecard_page(sections, left_out=left_out).encode()])
    _show(sections, target)


def _opened(root: Path, env: str | None) -> AbstractContextManager["Project"]:
    from quintain.cli.opened_project import opened_project
    from quintain.environment import asked_environment, versioned_environment

    return opened_project(root, env or asked_environment(root) or versioned_environment(root))


def _shared(models: Sequence[Model], project: "Project | None") -> list[str]:
    """Benchmarks that both are compared on, the headline first; says what only one of them was measured on."""
    measured = [model for model in models if model.folder is None]
    if not measured:
        return list(project.lifecycle.benchmarks) if project else []
    shared = [name for name in measured[0].sides if all(name in model.sides for model in measured)]
    for model in measured:
        if alone := [name for name in model.sides if name not in shared]:
            click.echo(f"only {model.name} was measured on {', '.join(alone)}", err=True)
    if not shared:
        told = "; ".join(f"{model.name} on {', '.join(model.sides)}" for model in measured)
        raise ConfigError(
            f"no benchmark is shared: {told}; `kedro run --pipelines evaluation --namespaces STUDENT.BENCHMARK` "
            "measures a student on another one of lifecycle.yml"
        )
    return shared


def _sections(
    models: Sequence[Model], benchmarks: Sequence[str], project: "Project | None", root: Path, *, yes: bool
) -> "tuple[list[Section], dict[str, str]]":
    """One benchmark after another; what is wrong with one takes no other with it."""
    from quintain.cli.scorecard import compare_sides
    from quintain.cli.scorecard_pack import find_items
    from quintain.reporting.page import Section

    sections: list[Section] = []
    faults: dict[str, ConfigError | RecordError] = {}
    for name in benchmarks:
        try:
            sides = [
                score_model(project, model, name, yes=yes)
                if project and model.folder
                else replace(model.sides[name], name=model.name)
                for model in models
            ]
            comparison = compare_sides(*sides)
            items, no_items = find_items(sides[0].scorecard.benchmark, root, None)
        except (ConfigError, RecordError) as error:
            faults[name] = error
            continue
        sections.append(Section(sides, comparison, items, no_items, name=name))
    if not sections:
        raise next(iter(faults.values()))
    for fault in faults.values():
        click.echo(f"not compared: {fault}", err=True)
    return sections, {name: str(fault) for name, fault in faults.items()}


def _page(models: Sequence[Model], root: Path) -> Path:
    name = "-vs-".join(re.sub(r"[^\w.]+", "-", model.name).strip("-") for model in models)
    return reports_root(root) / "scorecards" / f"{name}.html"


def _show(sections: "Sequence[Section]", page: Path) -> None:
    from quintain.reporting.paired import headline, measures_table, memory_notes, power_note

    names = [side.name for side in sections[0].sides]
    rows = []
    for section in sections:
        if section.comparison is None:
            continue
        cards = [side.scorecard for side in section.sides]
        sentences = [headline(names, section.comparison, cards[0]), power_note(section.comparison)]
        click.echo(f"{section.name}: {' '.join([*sentences, *memory_notes(names, cards)])}\n")
        rows.append((section.name, cards, section.comparison))
    click.echo(measures_table(names, rows))
    click.echo("\nRates in percent, CSL in levels, 95 % intervals in brackets.")
    click.echo(f"Page, down to every response: {page}")
