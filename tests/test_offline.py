"""Telemetry switches: a user's own value stays, and `.env` holds the same ones."""

import os
from pathlib import Path

import pytest

from quintain import offline

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """No switch set, and none left behind."""
    for variable in offline.TELEMETRY:
        monkeypatch.setenv(variable, "")  # so that it is restored
        monkeypatch.delenv(variable)


def test_every_switch_is_set_and_what_a_user_chose_stays(monkeypatch):
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "false")
    offline.silence_telemetry()
    assert os.environ["KEDRO_DISABLE_TELEMETRY"] == "1"
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "false"
    assert set(offline.TELEMETRY) <= set(os.environ)


def test_the_file_for_a_shell_holds_the_same_switches():
    lines = [line for line in (ROOT / ".env").read_text().splitlines() if line and not line.startswith("#")]
    assert dict(line.split("=", 1) for line in lines) == offline.TELEMETRY
