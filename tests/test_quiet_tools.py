"""What Kedro, Kedro-Viz and MLflow load first keeps them silent, and changes nothing else of them."""

import os
import sys
import tomllib
import warnings
from importlib import import_module
from pathlib import Path

import pytest

from quintain import offline, quiet_tools

ROOT = Path(__file__).parents[1]


@pytest.fixture
def viz(monkeypatch):
    """Kedro-Viz's server, restored with all that is replaced of it."""
    from kedro_viz import server
    from kedro_viz.integrations import pypi
    from kedro_viz.integrations.kedro import data_loader

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="ORJSONResponse is deprecated")
        from kedro_viz.api import apps
    for module, name in (
        (pypi, "get_latest_version"), (server, "run_server"), (server, "populate_data"), (data_loader, "load_data"),
        (apps, "HTMLResponse"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, getattr(module, name))
    return server


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """No switch set, and none left behind."""
    for variable in offline.TELEMETRY:
        monkeypatch.setenv(variable, "")  # so that it is restored
        monkeypatch.delenv(variable)


def test_the_package_names_both_as_entry_points():
    points = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    for group, name in (("kedro.init", "before_kedro"), ("mlflow.run_context_provider", "SilentContext")):
        module, _, found = points[group]["quintain"].partition(":")
        assert getattr(import_module(module), found) is getattr(quiet_tools, name)


def test_kedro_is_silent_before_any_command(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["kedro", "run"])
    quiet_tools.before_kedro()
    assert os.environ["KEDRO_DISABLE_TELEMETRY"] == "1"


def test_mlflow_is_silent_and_gets_no_tags():
    context = quiet_tools.SilentContext()
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert not context.in_context()
    assert context.tags() == {}


def test_kedro_viz_takes_the_installed_version_for_the_newest(monkeypatch, viz):
    from kedro_viz import __version__
    from kedro_viz.integrations import pypi

    monkeypatch.setattr(sys, "argv", ["kedro", "viz", "run"])
    quiet_tools.before_kedro()
    assert str(pypi.get_latest_version()) == __version__
    assert not pypi.is_running_outdated_version(pypi.get_latest_version(), pypi.get_latest_version())
    assert viz.run_server is quiet_tools.run_viz_server


def test_the_server_of_kedro_viz_runs_with_the_settings_it_is_given_and_opens_on_the_family_tree(monkeypatch, viz):
    from quintain.viewing import kedro_viz

    seen = {}
    monkeypatch.setattr(viz, "run_server", lambda **settings: seen.update(settings))
    quiet_tools.run_viz_server(host="127.0.0.1", port=4141)
    assert seen == {"host": "127.0.0.1", "port": 4141}
    assert viz.populate_data is kedro_viz.populate_data


@pytest.mark.filterwarnings("ignore:ORJSONResponse is deprecated")
def test_the_page_of_kedro_viz_names_no_other_host(monkeypatch, viz, tmp_path):
    from fastapi.testclient import TestClient
    from kedro_viz.api.apps import create_api_app_from_project

    def page():
        return TestClient(create_api_app_from_project(tmp_path)).get("/").text

    assert "https://" in page()  # else there is nothing left to be taken out
    monkeypatch.setattr(viz, "run_server", lambda **_: None)
    quiet_tools.run_viz_server()
    assert "https://" not in page()
    assert 'href="./assets/' in page()


@pytest.mark.parametrize(("watched", "expected"), [(False, "1"), (True, None)])
def test_bars_are_hidden_where_nobody_watches(monkeypatch, watched, expected):
    monkeypatch.setenv("TQDM_DISABLE", "")  # so that it is restored
    monkeypatch.delenv("TQDM_DISABLE")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: watched, raising=False)
    quiet_tools.hide_progress_bars()
    assert os.environ.get("TQDM_DISABLE") == expected
