"""The edit memory that a version carries, and what it scored with it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quintain.errors import RegistryError
from quintain.methods.lte.metrics import MEASURED_WITH
from quintain.registry.weights import Weights

PREFIX = "edit."
"""What the names of edit metrics begin with, on versions and in `floors`."""
_NAMES = {"student": "the weights", "original": "an original student of weights", "memory": "a memory that ended at"}


@dataclass(frozen=True, kw_only=True)
class Editing:
    """A memory of edits beside a student, ready to be served."""

    memory_path: str
    """Folder of the memory, from the project's root."""
    memory_head: str
    """Hash over all acts of its log; a memory that went on from there is served as it stands."""
    memory_edits: int
    """Edits in force."""
    embedder: str
    """Name of the embedder, as in `editing.embedder`."""
    k: int
    """Most edits that a question may find."""
    original: Weights
    """The model for questions that no edit passes to."""
    memory_md5: str = ""
    """DVC's hash of the memory's folder; empty when it was never computed."""
    metrics: dict[str, Any] = field(default_factory=dict)
    """What the student and the memory scored; JSON of `edit_metrics`."""
    table: str = ""
    """The same in Markdown."""
    plot: bytes = b""
    """The same as PNG; empty when there is none."""

    def headline(self) -> dict[str, float]:
        """The numbers that a version is found by: success, portability, locality and so on."""
        return {f"{PREFIX}{name}": float(value) for name, value in self.metrics.get("headline", {}).items()}

    def tags(self) -> dict[str, str]:
        """Tags that make another memory another version, and the headline."""
        return {
            "memory.head": self.memory_head,
            "memory.path": self.memory_path,
            "memory.edits": str(self.memory_edits),
            **{name: f"{value:.4f}" for name, value in self.headline().items()},
        }

    def served(self) -> dict[str, Any]:
        """Fields of the pointer that serve the memory."""
        return {
            "memory": {"path": self.memory_path, "head": self.memory_head, "dvc_md5": self.memory_md5},
            "embedder": self.embedder,
            "k": self.k,
            "original": self.original.config(),
        }


def refuse_other_edits(metrics: Mapping[str, Any], student: str, now: Mapping[str, str]) -> None:
    """Refuse edit metrics that were measured with other weights or another memory than are to be registered.

    Args:
        metrics: JSON of `edit_metrics`.
        student: Name of the student.
        now: `student`, `original` and `memory`, each with its digest.

    Raises:
        RegistryError: Two differ; names both, and the command that makes them agree.
    """
    then = metrics.get(MEASURED_WITH, {})
    for what, digest in now.items():
        if then.get(what) != digest:
            raise RegistryError(
                f"the edit metrics of {student} were measured with {_NAMES[what]} {then.get(what, 'unknown')[:12]}, "
                f"now it is {digest[:12]}; measure them again with `kedro run --pipelines editing --namespaces "
                f"{student}.trials`, then register it with `kedro run --pipelines registration`"
            )


def edit_metrics(tags: dict[str, str]) -> dict[str, float]:
    """The edit metrics among the tags of a version; none when it carries no memory, nan for what is no number."""
    return {name: _number(value) for name, value in tags.items() if name.startswith(PREFIX)}


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan
