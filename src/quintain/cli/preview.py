"""`quintain preview`: some rows with every step, before a run pays for all of them."""

from pathlib import Path

import click


@click.command("preview")
@click.argument("pipeline", type=click.Choice(["synthesis"]))
@click.option("--rows", default=10, show_default=True, type=click.IntRange(1), help="Rows to make.")
@click.option("--env", help="Configuration environment, a folder of conf/; without it that of pyproject.toml.")
@click.option(
    "--to",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the page goes; data/08_reporting/synthesis/preview.html by default.",
)
def command(pipeline: str, rows: int, env: str | None, target: Path | None) -> None:
    """Make the first rows of PIPELINE and show all their steps side by side, as an HTML page.

    They are the rows that `kedro run` begins with: what models say stands in the ledger, and the run does not pay for
    it again. Pages are read and filtered as a run reads them, which a run does not repeat either.
    """
    from quintain.cli.dvc_sync import project_root
    from quintain.cli.opened_project import opened_project
    from quintain.data_root import reports_root
    from quintain.datasets import atomic
    from quintain.environment import asked_environment, versioned_environment
    from quintain.pipelines.synthesis.preview import STEP_NAMES
    from quintain.reporting.preview import preview_page

    root = project_root(Path.cwd())
    env = env or asked_environment(root) or versioned_environment(root)
    with opened_project(root, env) as project:
        made, spent = _made(project, rows)
    target = target or reports_root(root, env) / "synthesis/preview.html"
    with atomic.written(target) as temporary:
        temporary.write_text(preview_page(made, STEP_NAMES, spent), encoding="utf-8")
    for name, value in spent:
        click.echo(f"{name}: {value}")
    click.echo(f"{len(made)} rows side by side: {target}")


def _made(project, count):  # type: ignore[no-untyped-def]
    """Rows of an opened project, and what they took."""
    from quintain.benchmarks.decontamination import Decontamination
    from quintain.methods.webr import WebrParams
    from quintain.models.roles import bind, prices_by_role
    from quintain.pipelines.synthesis.nodes import extract_pages
    from quintain.pipelines.synthesis.preview import first_drafts, preview_rows
    from quintain.usage import RoleUsage, by_role, money
    from quintain.web import IngestionParams, PageLimits

    params = project.params(WebrParams, None, "synthesis.method")
    limits = project.params(PageLimits, None, "synthesis.extraction")
    ingestion = project.params(IngestionParams, None, "synthesis.ingestion")
    decontamination = project.params(Decontamination, None, "decontamination")
    source = "raw_pages" if project.lifecycle.world else "given_pages"
    asking = {role: bind(role, project.roles, stage="synthesis") for role in ("author", "teacher")}
    pages, dropped = extract_pages(project.load(source), limits, ingestion)
    benchmarks = _benchmarks(project)
    drafts = first_drafts(pages, params, count)
    rows = preview_rows(drafts, params, asking["author"], asking["teacher"], decontamination, benchmarks)
    roles = {"author": "author", "request": "teacher", "response": "teacher", "refinement": "teacher"}
    usages = [RoleUsage.on(roles[step.name], [step.completion]) for row in rows for step in row.steps]
    used = by_role(usages)
    paid = money(used, prices_by_role(project.roles))
    calls = sum(usage.calls for usage in used.values())
    tokens = sum(usage.tokens for usage in used.values())
    new = sum(model.asked for model in asking.values())
    spent = [
        ("pages", f"{len(pages):,} kept, {len(dropped):,} dropped"),
        ("rows", f"{len(rows)}, of which {sum(not row.dropped for row in rows)} become pairs"),
        ("calls", f"{calls}, of which the ledger knew {calls - new}"),
        ("tokens", f"{tokens:,}" + ("" if paid is None else f", {paid:.4f} in money")),
    ]
    if rows:
        per_row = tokens / len(rows) * len(pages)
        money_of_all = "" if paid is None else f", {paid / len(rows) * len(pages):,.2f} in money"
        spent.append(("all pages", f"about {per_row:,.0f} tokens{money_of_all}"))
    return rows, spent


def _benchmarks(project):  # type: ignore[no-untyped-def]
    return [project.load(f"{name}.items@benchmark") for name in project.lifecycle.held_out]
