"""`quintain forecast`: what a pipeline will ask of its models, before anything is asked."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from quintain.cli.forecasts import Asked
    from quintain.usage import RoleUsage, Usage


PIPELINES = ("synthesis", "distillation", "preference", "editing", "judging", "benchmarks")


@click.command("forecast")
@click.argument("pipeline", type=click.Choice(PIPELINES))
@click.option("--env", help="Configuration environment, a folder of conf/; without it that of pyproject.toml.")
@click.option(
    "--response-tokens", default=400, show_default=True, type=click.IntRange(1), help="Expected length of a response."
)
def command(pipeline: str, env: str | None, response_tokens: int) -> None:
    """Forecast calls, tokens, money and hours of PIPELINE from its data and settings.

    `judging` is what judges are asked in the evaluation, `benchmarks` what students are. Prompts are rendered and
    counted at four characters a token. Money needs a `price` in the binding of each role (roles.bindings), hours its
    limits. Calls that the ledger already knows cost nothing and are not subtracted.
    """
    from quintain.cli.dvc_sync import project_root
    from quintain.environment import asked_environment, versioned_environment
    from quintain.usage import NOTHING

    root = project_root(Path.cwd())
    env = env or asked_environment(root) or versioned_environment(root)
    bindings, asked = forecast_pipeline(pipeline, root, env, response_tokens)
    lines: list[tuple[str, ...]] = [
        ("question to", "model", "calls", "tokens read", "tokens written", "money", "hours")
    ]
    moneys, slowest = [], 0.0
    for calls in asked.calls:
        money, hours = foretell(calls, bindings[calls.role])
        moneys.append(money)
        slowest += hours or 0.0
        lines.append(_line(calls.role, calls.model, calls, money, hours))
    total = sum(asked.calls, NOTHING)
    known = [money for money in moneys if money is not None]
    lines.append(_line("all", "", total, sum(known) if len(known) == len(moneys) else None, slowest or None))
    for note in asked.notes:
        click.echo(f"- {note}")
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        left = [cell.ljust(width) for cell, width in zip(line[:2], widths[:2], strict=True)]
        right = [cell.rjust(width) for cell, width in zip(line[2:], widths[2:], strict=True)]
        click.echo("  ".join([*left, *right]).rstrip())


def forecast_pipeline(pipeline: str, root: Path, env: str, response_tokens: int) -> "tuple[dict[str, Any], Asked]":
    """Read data, settings and roles of a project, and count what a pipeline will ask.

    Args:
        pipeline: One of PIPELINES.
        root: The Kedro project.
        env: Its environment.
        response_tokens: Expected length of a response.

    Returns:
        Role → its binding, and what will be asked.

    Raises:
        ConfigError: A setting is wrong, a role is not bound, or no student is made by this pipeline.
        RecordError: The data that it starts from are missing.
    """
    from quintain.cli.forecasts import FORECASTS
    from quintain.cli.opened_project import opened_project

    with opened_project(root, env, response_tokens) as project:
        return project.roles.bound, FORECASTS[pipeline](project)


def foretell(calls: "RoleUsage", binding: dict[str, Any]) -> "tuple[float | None, float | None]":
    """Foretell what calls cost and take.

    Args:
        calls: The calls, with the tokens of all of them.
        binding: The role's binding.

    Returns:
        Money by its price and hours by its limits; None where it has no price, answers on this machine, or in batches.
    """
    from quintain.models.forecast import Pace, forecast
    from quintain.models.roles import endpoint_settings

    if binding.get("backend") != "openai":
        return None, None
    settings = endpoint_settings(calls.role, binding)
    pace = Pace(
        concurrency=settings.concurrency,
        requests_per_minute=settings.requests_per_minute,
        tokens_per_minute=settings.tokens_per_minute,
    )
    told = forecast(calls, pace, settings.paid_price)
    return told.money, None if settings.mode == "batch" else told.hours


def _line(role: str, model: str, calls: "Usage", money: float | None, hours: float | None) -> tuple[str, ...]:
    return (
        role,
        model,
        f"{calls.calls:,}",
        f"{calls.prompt_tokens:,}",
        f"{calls.completion_tokens:,}",
        "–" if money is None else f"{money:,.2f}",
        "–" if hours is None else f"{hours:,.2f}",
    )
