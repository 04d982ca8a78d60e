"""What a user looks for in a browser: all pipelines and their data in Kedro-Viz, models and scorecards in MLflow."""

import dataclasses
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "registry"))
from conftest_registry import candidate, good, half

from quintain.cli.new import lay_out
from quintain.pipeline_registry import PIPELINES
from quintain.registry.description import Origin, describe
from quintain.registry.policy import BenchmarkPolicy, PromotionPolicy
from quintain.registry.promotion import promote
from quintain.registry.registration import register
from quintain.registry.store import open_store
from quintain.reporting.table import leaderboard_table
from tests.house.conftest import ListeningProxy

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; `apt-get install chromium`"),
    pytest.mark.timeout(600),
]
PATIENCE_MS = 120_000
BIN = Path(sys.executable).parent


def described(one):
    """A candidate with the page that the pipeline writes."""
    cards = {name: each.scorecard for name, each in one.measured.items()}
    tables = {name: leaderboard_table({one.student: card}) for name, card in cards.items()}
    origin = Origin(one.lineage, "quintain-student")
    return dataclasses.replace(one, description=describe(one.student, cards, tables, origin))


@pytest.fixture(scope="module")
def project(tmp_path_factory, newcomer_env):
    """A project with the data of the smallest world, and two registered students of which the first is champion."""
    project = tmp_path_factory.mktemp("browsed") / "project"
    lay_out(project, environment="smoke")
    run = ["kedro", "run", "--env", "smoke", "--pipelines", "world", "--to-nodes", "draw_seeds"]
    subprocess.run([BIN / run[0], *run[1:]], cwd=project, env=newcomer_env, check=True, capture_output=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        uri = f"sqlite:///{project / 'mlflow.db'}"
        client = open_store(uri)
        register(client, uri, "quintain", "quintain-student", described(candidate(passes=good)))
        worse = candidate(student="worse", digest="b" * 64, passes=half)
        register(client, uri, "quintain", "quintain-student", described(worse))
        promote(
            client,
            uri,
            "quintain-student",
            PromotionPolicy(benchmarks={"default": BenchmarkPolicy(margin=0.05)}, most_unread=0.01),
            "1",
        )
    return project


@pytest.fixture(scope="module")
def tab():
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1600, "height": 1000})
        tab.set_default_timeout(PATIENCE_MS)
        hosts = set()
        tab.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
        yield tab
        browser.close()
    assert hosts - {None} == {"127.0.0.1"}  # None: what a page makes itself, such as a picture written out in it


@contextmanager
def served(project, *command):
    """A server of the project on a free port, ended with all its workers; it asks no host for anything meanwhile."""
    proxy = ListeningProxy()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {
        **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), proxy.address),
        **dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost"),
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    server = subprocess.Popen(
        [BIN / command[0], *command[1:], "--port", str(port)],
        cwd=project,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + PATIENCE_MS / 1000
        while True:
            try:
                urllib.request.urlopen(address, timeout=5).close()
                break
            except OSError:
                assert time.monotonic() < end
                assert server.poll() is None
                time.sleep(0.5)
        yield address
    finally:
        os.killpg(server.pid, 15)
        server.wait(30)
        proxy.close()
    assert proxy.requests == []


def test_kedro_viz_opens_on_the_family_tree_and_shows_every_pipeline_in_layers_with_previews(project, tab):
    from playwright.sync_api import expect

    with served(project, "kedro", "viz", "run", "--no-browser") as address:
        tab.goto(address)
        expect(tab.locator(".pipeline-node").first).to_be_attached()
        drawn = set(tab.locator(".pipeline-node").all_text_contents())
        assert drawn == {"world", "synthesis", "base", "webr", "lion", "bmc", "lte"}
        tab.goto(f"{address}/?pid=world")
        expect(tab.locator(".pipeline-layer-name").first).to_be_attached()
        layers = set(tab.locator(".pipeline-layer-name").all_text_contents())
        assert {"raw", "models", "reporting"} <= layers
        tab.locator(".pipeline-list .dropdown__label").click()
        offered = set(tab.locator(".pipeline-list .menu-option").all_text_contents())
        assert {"__default__", *PIPELINES} <= offered
        tab.keyboard.press("Escape")
        row = tab.locator(".row-text--label, .node-list-row, .pipeline-nodelist__row")
        expect(row.filter(has_text="gate_pack").first).to_be_visible()
        row.filter(has_text="seed_instructions").first.click()
        expect(tab.locator(".preview-table").first).to_contain_text("difficulty")


def test_the_registry_page_shows_scorecard_and_aliases(project, tab):
    from playwright.sync_api import expect

    store = ["--backend-store-uri", f"sqlite:///{project / 'mlflow.db'}", "--workers", "1"]
    with served(project, "mlflow", "server", *store) as address:
        tab.goto(f"{address}/#/models/quintain-student")
        expect(tab.get_by_text("champion").first).to_be_visible()
        expect(tab.get_by_text("Version 2").first).to_be_visible()
        tab.goto(f"{address}/#/models/quintain-student/versions/1")
        expect(tab.get_by_text("champion").first).to_be_visible()
        table = tab.locator("table", has_text="HSR L1").first
        expect(table).to_be_visible()
        assert "CSL" in table.inner_text()
        expect(tab.get_by_text("register base").first).to_be_visible()  # the run that it comes from
