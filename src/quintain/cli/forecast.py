"""`quintain forecast`: what a pipeline will ask of its models, before anything is asked."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from quintain.usage import RoleUsage, Usage


@click.command("forecast")
@click.argument("pipeline", type=click.Choice(["synthesis"]))
@click.option("--env", help="Configuration environment, a folder of conf/; without it that of pyproject.toml.")
@click.option(
    "--response-tokens", default=400, show_default=True, type=click.IntRange(1), help="Expected length of a response."
)
def command(pipeline: str, env: str | None, response_tokens: int) -> None:
    """Forecast calls, tokens, money and hours of PIPELINE from its pages and settings.

    Prompts are rendered and counted at four characters a token. Money needs a `price` in the binding of each role
    (roles.bindings), hours its limits. Calls that the ledger already knows cost nothing and are not subtracted.
    """
    from quintain.cli.dvc_sync import project_root
    from quintain.environment import asked_environment, versioned_environment
    from quintain.usage import NOTHING

    root = project_root(Path.cwd())
    env = env or asked_environment(root) or versioned_environment(root)
    roles, forecast = forecast_synthesis(root, env, response_tokens)
    lines: list[tuple[str, ...]] = [
        ("question to", "model", "calls", "tokens read", "tokens written", "money", "hours")
    ]
    moneys, slowest = [], 0.0
    for calls in forecast:
        binding = roles["bindings"][calls.role]
        money, hours = foretell(calls, binding)
        moneys.append(money)
        slowest += hours or 0.0
        lines.append(_line(calls.role, calls.model, calls, money, hours))
    total = sum(forecast, NOTHING)
    known = [money for money in moneys if money is not None]
    lines.append(_line("all", "", total, sum(known) if len(known) == len(moneys) else None, slowest or None))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        left = [cell.ljust(width) for cell, width in zip(line[:2], widths[:2], strict=True)]
        right = [cell.rjust(width) for cell, width in zip(line[2:], widths[2:], strict=True)]
        click.echo("  ".join([*left, *right]).rstrip())


def forecast_synthesis(root: Path, env: str, response_tokens: int) -> "tuple[dict[str, Any], list[RoleUsage]]":
    """Read pages, settings and roles of a project, and walk the pages through the questions.

    Args:
        root: The Kedro project.
        env: Its environment.
        response_tokens: Expected length of a response.

    Returns:
        The JSON of `roles`, and one entry per question.

    Raises:
        ConfigError: A setting is wrong or a role is not bound.
        RecordError: There is no page.
    """
    from kedro.framework.session import KedroSession
    from kedro.framework.startup import bootstrap_project

    from quintain.errors import ConfigError
    from quintain.methods.webr import WebrParams, forecast_calls
    from quintain.pipelines.synthesis.nodes import extract_pages
    from quintain.web import IngestionParams, PageLimits

    bootstrap_project(root)
    session: Any = KedroSession.create(project_path=root, env=env)
    with session:
        context = session.load_context()
        # as written: Kedro's own view of them is typed for the nodes
        parameters = context.config_loader["parameters"]
        settings, roles = parameters["synthesis"], parameters["roles"]
        try:
            limits, params = PageLimits(**settings["extraction"]), WebrParams(**settings["method"])
            ingestion = IngestionParams(**settings["ingestion"])
        except (TypeError, ValueError) as error:
            raise ConfigError(f"conf/{env}/parameters_synthesis.yml: {error}") from None
        pages, _ = extract_pages(context.catalog.load("raw_pages"), limits, ingestion)
    models = {}
    for role in ("author", "teacher"):
        binding = roles["bindings"].get(role)
        if not binding:
            raise ConfigError(f"no model is bound to the role {role!r} (roles.bindings in parameters_roles.yml)")
        models[role] = f"{binding['backend']}:{binding.get('model') or binding.get('address') or 'almanac'}"
    return roles, forecast_calls(pages, params, models, response_tokens=response_tokens)


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
