"""A fresh registry for every test."""

import shutil
import sys
from pathlib import Path

import pytest

# the builders are imported by name, from here and from processes that tests start
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def store(tmp_path, monkeypatch, mlflow_tables):
    from quintain.registry.store import open_store

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_EXP_NAME", raising=False)
    shutil.copy(mlflow_tables, tmp_path / "mlflow.db")
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    return open_store(uri), uri
