"""Projects with registered students, the smallest that the registry's commands work in."""

import contextlib
import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from quintain.edit_memory import EditMemory
from quintain.methods.lte import Edit, HashedNgrams
from quintain.models.folder import folder_digest
from quintain.registry.editing import Editing
from quintain.registry.promotion import CHAMPION
from quintain.registry.registration import Candidate, Registration, register
from quintain.registry.store import open_store
from quintain.registry.weights import Weights
from tests.empty_project import MODEL_NAME, empty_project
from tests.registry.conftest_registry import candidate


def registered_project(root: Path, tables: Path, student: Path, edits: Sequence[Edit] = ()) -> str:
    """Lay out a project whose champion is a model folder, with edits in its memory; return its registry's address."""
    empty_project(root)
    shutil.copy(tables, root / "mlflow.db")
    path = "data/06_models/tiny"
    shutil.copytree(student, root / path)
    uri = f"sqlite:///{root / 'mlflow.db'}"
    with contextlib.chdir(root):  # where MLflow puts its files
        client = open_store(uri)
        digest = folder_digest(student)
        editing = _editing(edits, path, digest) if edits else None
        champion = dataclasses.replace(candidate(path=path, digest=digest), editing=editing)
        version = register(client, uri, "quintain", MODEL_NAME, champion).version
        client.set_registered_model_alias(MODEL_NAME, CHAMPION, version)
    return uri


def project_of_candidates(root: Path, tables: Path, policy: str, candidates: Sequence[Candidate]) -> list[Registration]:
    """Lay out a project with the gate's policy and a version of each candidate, none of them champion."""
    empty_project(root)
    shutil.copy(tables, root / "mlflow.db")
    (root / "conf/base/promotion.yml").write_text(policy)
    uri = f"sqlite:///{root / 'mlflow.db'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.delenv("DVC_EXP_NAME", raising=False)
        client = open_store(uri)
        return [register(client, uri, "quintain", MODEL_NAME, each) for each in candidates]


def _editing(edits: Sequence[Edit], original: str, digest: str) -> Editing:
    with EditMemory.open("data/memory", HashedNgrams()) as memory:
        memory.add(edits)
        return Editing(
            memory_path="data/memory", memory_head=memory.head, memory_edits=len(memory), embedder="hashed-ngrams",
            k=3, original=Weights(original, digest),
        )  # fmt: skip
