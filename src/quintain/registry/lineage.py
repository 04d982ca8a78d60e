"""What a model was made from: code, data, prompts, parameters, parents."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import yaml


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
    """DVC's hash of that folder; empty while no `dvc repro` made it."""
    prompts: tuple[str, ...] = ()
    """Fingerprints of all prompts of the code."""
    parents: tuple[str, ...] = ()
    """Versions it was trained from, nearest first."""
    parameters: dict[str, str] = field(default_factory=dict)
    """Parameters of the training, flat."""

    def tags(self) -> dict[str, str]:
        """As tags of a model version; what is empty is left out."""
        tags = {
            "git.commit": self.git_commit,
            "git.dirty": str(self.git_dirty).lower() if self.git_commit else "",
            "dvc.path": self.dvc_path,
            "dvc.md5": self.dvc_md5,
            "prompts": " ".join(self.prompts),
            "parents": " ".join(self.parents),
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


def dvc_md5(root: Path, path: str) -> str:
    """DVC's hash of an output, from dvc.lock; empty when DVC did not make it."""
    lock = root / "dvc.lock"
    if not lock.is_file():
        return ""
    stages = (yaml.safe_load(lock.read_text(encoding="utf-8")) or {}).get("stages", {})
    for stage in stages.values():
        for out in stage.get("outs", []):
            if out.get("path") == path:
                return str(out.get("md5", ""))
    return ""
