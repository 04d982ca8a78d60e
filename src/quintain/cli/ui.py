"""`quintain ui`: MLflow and Kedro-Viz for this project, started quietly and ended together."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from quintain.cli.browser_pages import BrowserPage

_LOOK_SECONDS = 0.3


@click.command("ui")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address that both listen on.")
@click.option("--mlflow-port", default=5000, show_default=True, type=click.IntRange(1, 65535), help="Port of MLflow.")
@click.option("--viz-port", default=4141, show_default=True, type=click.IntRange(1, 49151), help="Port of Kedro-Viz.")
@click.option("--env", "environment", help="Environment whose pipelines and data Kedro-Viz shows.")
def command(host: str, mlflow_port: int, viz_port: int, environment: str | None) -> None:
    """Start MLflow and Kedro-Viz for this project; Ctrl-C ends both.

    Neither asks any host for anything: telemetry and the look for newer versions are off. A registry that a server
    keeps has its MLflow there: its address is printed, and none is started. What the two write is kept in scratch/ui/.
    """
    from quintain.cli.browser_pages import kedro_viz, mlflow, open_on_runs
    from quintain.registry.settings import find_project, read_settings, tracking_settings
    from quintain.registry.store import shown

    root = find_project(Path.cwd())
    settings = tracking_settings(read_settings(root, "tracking"))
    uri = settings.address(root)
    served = uri.startswith(("http://", "https://"))
    pages = [] if served else [mlflow(root, uri, host, mlflow_port)]
    pages.append(kedro_viz(root, host, viz_port, environment))
    for page in pages:
        page.require_port()
    if not served:
        open_on_runs(pages[0], uri, settings.experiment)
    with _ended_by_signals(), ExitStack() as running:
        try:
            for page in pages:
                running.enter_context(page.started())
            click.echo(f"{' and '.join(page.name for page in pages)} start; that takes some seconds")
            _wait_until_ready(pages)
            if served:
                click.echo(f"MLflow     {shown(uri)}  (its own server)")
            for page in pages:
                click.echo(f"{page.name:9s}  {page.address}{page.opens}  {page.shows}")
            click.echo("Ctrl-C ends" + (" both" if len(pages) > 1 else ""))
            while True:
                time.sleep(_LOOK_SECONDS)
                for page in pages:
                    page.require_alive()
        except KeyboardInterrupt:
            pass
    click.echo("ended")


def _wait_until_ready(pages: "list[BrowserPage]") -> None:
    waiting = list(pages)
    while waiting:
        time.sleep(_LOOK_SECONDS)
        for page in pages:
            page.require_alive()
        waiting = [page for page in waiting if not page.answers()]


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and a closed terminal end both as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    former = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
