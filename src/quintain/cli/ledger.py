"""`quintain ledger`: look through the ledger, repair it, and say what was spent."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quintain.models.roles import Roles

_MOST_SHOWN = 50
_file = click.argument("ledger", required=False, type=click.Path(path_type=Path, dir_okay=False))
_env = click.option("--env", help="Environment whose ledger it is, a folder of conf/; without it that of the project.")


@click.group("ledger")
def command() -> None:
    """Look through the ledger of paid answers, repair it, and say what was spent.

    LEDGER is the file; inside a project it may be left out: `roles.ledger` names it.
    """


@command.command("check")
@_file
@_env
def check(ledger: Path | None, env: str | None) -> None:
    """Read all of LEDGER and name every fault; exit 1 when there is any. Nothing is changed."""
    from quintain.models.ledger_salvage import faults_of

    path = _existing(ledger, env)
    left, faults = faults_of(path)
    for fault in faults[:_MOST_SHOWN]:
        click.echo(fault)
    if len(faults) > _MOST_SHOWN:
        click.echo(f"... and {len(faults) - _MOST_SHOWN} more")
    click.echo(f"{path}: {len(left.calls):,} answers can be read, {len(faults):,} faults")
    if faults:
        click.echo(f"`quintain ledger repair {path}` keeps all that can be read")
        raise click.exceptions.Exit(1)


@command.command("repair")
@_file
@_env
def repair(ledger: Path | None, env: str | None) -> None:
    """Put all that can be read of LEDGER into a new file in its place; the old one is kept beside it.

    End the runs that use it first.
    """
    from quintain.models.ledger_repair import needs_repair
    from quintain.models.ledger_repair import repair as repair_ledger

    path = _existing(ledger, env)
    if not needs_repair(path):
        click.echo(f"{path} has no faults; nothing was changed")
        return
    done = repair_ledger(path)
    click.echo(f"{path} holds {done.calls:,} answers; {done.lost:,} could not be read and will be asked again")
    click.echo(f"The file as it was: {done.kept}")


@command.command("spent")
@_file
@_env
def spent(ledger: Path | None, env: str | None) -> None:
    """Print calls, tokens and money by model, role and stage, and what is left of the budgets.

    Money and budgets are those of the project (roles.bindings: `price`, `budget`). What a budget counts may be more
    than the answers took: calls that broke off, or whose process was killed, may have been paid.
    """
    from quintain.models.ledger import Ledger
    from quintain.models.roles import prices

    path = _existing(ledger, env)
    roles = _roles(env)
    opened = Ledger(path)
    price_of = prices(roles) if roles else {}
    lines: list[tuple[str, ...]] = [
        ("model", "role", "stage", "calls", "from the ledger", "tokens read", "tokens written", "money")
    ]
    for account in sorted(opened.accounts(), key=lambda one: (one.model, one.role, one.stage)):
        money = account.money(price_of)
        lines.append(
            (account.model, account.role, account.stage, f"{account.calls:,}", f"{account.cached:,}",
             f"{account.prompt_tokens:,}", f"{account.completion_tokens:,}", "" if money is None else f"{money:.4f}")
        )  # fmt: skip
    _print_table(lines, 3)
    if budgets := _budget_lines(opened, roles):
        click.echo()
        _print_table(budgets, 2)


def _budget_lines(opened: Any, roles: "Roles | None") -> list[tuple[str, ...]]:
    from quintain.models.roles import endpoint_settings

    lines: list[tuple[str, ...]] = []
    for role, binding in roles.bound.items() if roles else ():
        if binding.get("backend") != "openai":
            continue
        settings = endpoint_settings(role, binding)
        usage = opened.spent(role, settings.name)
        money = f"{settings.price.of(usage):.4f}" if settings.price else ""
        lines.append((settings.name, role, str(settings.budget), f"{usage.calls:,}", f"{usage.tokens:,}", money))
    return [("model", "role", "budget", "calls spent", "tokens spent", "money spent"), *lines] if lines else []


def _print_table(lines: "Sequence[tuple[str, ...]]", left: int) -> None:
    """Print columns; the first ones begin at the left, the numbers end at the right."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        cells = zip(line, widths, strict=True)
        click.echo("  ".join(c.ljust(w) if at < left else c.rjust(w) for at, (c, w) in enumerate(cells)).rstrip())


def _existing(ledger: Path | None, env: str | None) -> Path:
    from quintain.errors import LedgerError

    if ledger is None and (roles := _roles(env)) is not None:
        ledger = Path(roles.ledger)
    if ledger is None:
        raise click.UsageError("name the LEDGER, or call this in a project")
    if not ledger.is_file():
        raise LedgerError(f"there is no ledger {ledger}; roles.ledger names the one of a project")
    return ledger


def _roles(env: str | None) -> "Roles | None":
    """Roles of the project that this is called in; None outside of one."""
    from quintain.errors import ConfigError
    from quintain.registry.settings import find_project

    try:
        root = find_project(Path.cwd())
    except ConfigError:
        return None
    from kedro.framework.session import KedroSession
    from kedro.framework.startup import bootstrap_project

    from quintain.environment import versioned_environment
    from quintain.models.roles import Roles

    bootstrap_project(root)
    session: Any = KedroSession.create(project_path=root, env=env or versioned_environment(root))
    with session:
        settings = session.load_context().config_loader["parameters"]["roles"]
    try:
        roles = Roles(**settings)
    except (TypeError, ValueError) as error:
        raise ConfigError(str(error)) from None
    return Roles(ledger=str(root / roles.ledger), bindings=roles.bindings)
