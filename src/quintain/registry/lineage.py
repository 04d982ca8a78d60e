"""Lineage of a model: code, data, prompts, parameters, parents."""

import dataclasses
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quintain.records import content_id
from quintain.registry.dvc_stages import StageRecord
from quintain.registry.weights import Weights

_ELSEWHERE = "elsewhere"
LINEAGE = "lineage/lineage.json"
"""Where the run of a registration keeps it."""
LINEAGE_SEAL = "lineage"
"""Tag of a version with the digest of that file; versions of former releases have none."""


@dataclass(frozen=True)
class Lineage:
    """Everything needed to find the way back from a version."""

    git_commit: str = ""
    """Commit of the code; empty outside git."""
    git_dirty: bool = False
    """Whether tracked code or configuration differed from that commit."""
    dvc_path: str = ""
    """Folder of the model, from the project's root."""
    dvc_md5: str = ""
    """DVC's hash of that folder."""
    base: Weights | None = None
    """The model under an adapter; None for a whole model."""
    run_id: str = ""
    """MLflow run that trained it; empty when none is known."""
    prompts: tuple[str, ...] = ()
    """Fingerprints of all prompts of the code."""
    parents: tuple[str, ...] = ()
    """Versions it was trained from, nearest first."""
    parameters: dict[str, str] = field(default_factory=dict)
    """Parameters of the training, flat."""
    stages: tuple[StageRecord, ...] = ()
    """Stages that it goes back to, each after those whose outputs it reads."""
    calls: tuple[dict[str, Any], ...] = ()
    """What the ledger holds of those stages, by stage, role, model and prompt."""

    @property
    def start(self) -> str:
        """Start of a model without a parent, for a sentence: a model that somebody else made, or scratch."""
        if source := self.parameters.get("source"):
            revision, licence = self.parameters.get("revision"), self.parameters.get("licence")
            # Versions of former releases say nothing of a licence.
            terms = "" if licence is None else f", licence {licence or 'not stated'}"
            return (f"from {source}@{revision}" if revision else f"from {source}") + terms
        if started := self.parameters.get("start"):
            return f"from {'a model made elsewhere' if started == _ELSEWHERE else started}"
        return "from scratch"

    def weights(self, digest: str) -> Weights:
        """Place of the weights with this digest."""
        return Weights(self.dvc_path, digest, self.dvc_md5, self.base)

    def document(self) -> dict[str, Any]:
        """All of it, for the file lineage.json."""
        return dataclasses.asdict(self)

    @property
    def digest(self) -> str:
        """Hash of all of it, the tag `lineage` of a version; what was read from a file has that of what was written."""
        return content_id(self.document())

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Lineage":
        """Read lineage.json."""
        return cls(
            **{
                **document,
                "base": Weights(**document["base"]) if document["base"] else None,
                "stages": tuple(StageRecord(**stage) for stage in document["stages"]),
                **{name: tuple(document[name]) for name in ("prompts", "parents", "calls")},
            }
        )

    @classmethod
    def from_tags(cls, tags: Mapping[str, str]) -> "Lineage":
        """Read the little that the tags of a version say, where its run keeps no more."""
        return cls(
            git_commit=tags.get("git.commit", ""),
            git_dirty=tags.get("git.dirty") == "true",
            dvc_path=tags.get("dvc.path", ""),
            dvc_md5=tags.get("dvc.md5", ""),
            prompts=tuple(tags.get("prompts", "").split()),
            parents=tuple(tags.get("parents", "").split()),
            parameters={"source": tags["start"].removeprefix("from ")} if "start" in tags else {},
        )

    def tags(self) -> dict[str, str]:
        """As tags of a model version; what is empty is left out."""
        tags = {
            "git.commit": self.git_commit,
            "git.dirty": str(self.git_dirty).lower() if self.git_commit else "",
            "dvc.path": self.dvc_path,
            "dvc.md5": self.dvc_md5,
            "base.path": self.base.path if self.base else "",
            "base.digest": self.base.digest if self.base else "",
            "base.md5": self.base.dvc_md5 if self.base else "",
            "run.id": self.run_id,
            "prompts": " ".join(self.prompts),
            "parents": " ".join(self.parents),
            "start": "" if self.parents else self.start.removeprefix("from scratch"),
        }
        return {name: value for name, value in tags.items() if value}


def _git(root: Path, *arguments: str) -> str:
    process = subprocess.run(  # noqa: S603 - fixed program, no shell
        ["git", *arguments],  # noqa: S607
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    return process.stdout.strip() if process.returncode == 0 else ""


def git_state(root: Path) -> tuple[str, bool]:
    """Commit and whether the tracked tree differs from it.

    What a run itself writes (data, dvc.lock) does not count, so that a clean checkout stays clean while it works, nor
    does what makes no model: tests, pages, and the modes of files.
    """
    commit = _git(root, "rev-parse", "HEAD")
    apart = [f":!{path}" for path in ("data", "dvc.lock", "tests", "docs", "benchmarks", "*.md")]
    changed = _git(
        root, "-c", "core.fileMode=false", "status", "--porcelain", "--untracked-files=no", "--", ".", *apart
    )
    return commit, bool(changed)
