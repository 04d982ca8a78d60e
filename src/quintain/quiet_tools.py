"""Kedro, Kedro-Viz and MLflow kept silent however they are started, by entry points that they load first.

`kedro` calls `before_kedro` ahead of every command, in a project or out of one (group `kedro.init`). `import mlflow`
makes a `SilentContext` before it reads its telemetry settings (group `mlflow.run_context_provider`). Kedro-Viz has no
setting against its look for a newer version at the package index, so the function that looks is replaced, and none
against its page's look for a typeface at a host of fonts, so the page is sent without; what it opens on is replaced by
the family tree. Commands that read many files hide the progress bars of libraries themselves.
"""

import os
import re
import sys
import warnings
from typing import Any

from quintain import offline
from quintain.project_folder import enter_project

_LINK_ELSEWHERE = re.compile(r'<link\b[^>]*\bhref="https?://[^>]*>')


def before_kedro() -> None:
    """Switch telemetry off, and Kedro-Viz's look at the package index where a command of it follows.

    Runs work in the project's folder, under its logging, from a folder below too.
    """
    offline.silence_telemetry()
    enter_project(sys.argv[1:])
    if sys.argv[1:2] == ["viz"]:
        _prepare_viz()
        from kedro_viz import server

        server.run_server = run_viz_server


def run_viz_server(**settings: Any) -> None:
    """Run Kedro-Viz's server, in the process of its own that `kedro viz run` starts for it.

    Args:
        **settings: Those of Kedro-Viz's `run_server`.
    """
    offline.silence_telemetry()
    # Of Kedro-Viz's own way to reply; nobody who starts it can do anything about it.
    warnings.filterwarnings("ignore", message="ORJSONResponse is deprecated")
    _prepare_viz()
    _load_no_typeface()
    from kedro_viz.server import run_server

    run_server(**settings)


def _prepare_viz() -> None:
    _look_for_no_newer_viz()
    from quintain.viewing.kedro_viz import open_on_family_tree

    open_on_family_tree()


def _look_for_no_newer_viz() -> None:
    """Take the installed version for the newest; before any module of Kedro-Viz has taken the function by name."""
    from kedro_viz import __version__
    from kedro_viz.integrations import pypi
    from packaging.version import parse

    pypi.get_latest_version = lambda: parse(__version__)


def _load_no_typeface() -> None:
    """Send Kedro-Viz's page without its links to other hosts; browsers have typefaces of their own."""
    from fastapi.responses import HTMLResponse
    from kedro_viz.api import apps

    class OwnPage(HTMLResponse):
        """A page of this server that names no other."""

        def render(self, content: str) -> bytes:
            return bytes(super().render(_LINK_ELSEWHERE.sub("", content)))

    apps.HTMLResponse = OwnPage


def hide_progress_bars() -> None:
    """Hide the bars of libraries where standard error is no terminal: hundreds of them make no log.

    tqdm looks at the environment when it is imported, so this comes before whatever imports it.
    """
    if not sys.stderr.isatty():
        os.environ.setdefault("TQDM_DISABLE", "1")


class SilentContext:
    """A provider of run tags, as MLflow sees it; it provides none, and making it switches telemetry off."""

    def __init__(self) -> None:
        offline.silence_telemetry()

    def in_context(self) -> bool:
        """False: no run gets a tag of this provider."""
        return False

    def tags(self) -> dict[str, str]:
        """No tags."""
        return {}
