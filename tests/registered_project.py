"""A project with one registered student, the smallest that the registry's commands work in."""

import contextlib
import shutil
from pathlib import Path

from quintain.digests import folder_digest
from quintain.registry.promotion import CHAMPION
from quintain.registry.registration import register
from quintain.registry.store import open_store
from tests.registry.conftest_registry import candidate

NAME = "quintain-student"


def registered_project(root: Path, student: Path) -> str:
    """Lay out a project whose champion is a model folder, and return its registry's address."""
    (root / "pyproject.toml").write_text("[tool.kedro]\n")
    (root / "conf/base").mkdir(parents=True)
    (root / "conf/base/tracking.yml").write_text(
        f"uri: sqlite:///mlflow.db\nexperiment: quintain\nmodel_name: {NAME}\n"
    )
    path = "data/06_models/tiny"
    shutil.copytree(student, root / path)
    uri = f"sqlite:///{root / 'mlflow.db'}"
    with contextlib.chdir(root):  # where MLflow puts its files
        client = open_store(uri)
        version = register(client, uri, "quintain", NAME, candidate(path=path, digest=folder_digest(student))).version
        client.set_registered_model_alias(NAME, CHAMPION, version)
    return uri
