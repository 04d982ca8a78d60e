"""The memory of a model's own: the folder beside its weights that has their name with `_memory` behind."""

from dataclasses import dataclass
from pathlib import Path

from quintain.edit_memory.memory import EditMemory

_BEHIND = "_memory"
"""As the catalog lays out `<student>.edit_memory` beside `<student>.model`."""


@dataclass(frozen=True)
class OwnMemory:
    """Edits of a model: where they are, and how they are found."""

    folder: Path
    """Folder of the memory."""
    embedder: str = "hashed-ngrams"
    """What edits are found by."""
    k: int = 3
    """Most edits that a question may find."""


def own_memory(model: Path | str, embedder: str = "hashed-ngrams", k: int = 3) -> OwnMemory | None:
    """Find the memory of a model folder, under which the model is asked.

    Args:
        model: Folder of the weights.
        embedder: What edits are found by.
        k: Most edits that a question may find.

    Returns:
        The memory; None where the model has none.
    """
    weights = Path(model).resolve()
    folder = weights.with_name(f"{weights.name}{_BEHIND}")
    return OwnMemory(folder, embedder, k) if (folder / "log.sqlite").is_file() else None


def said_of(name: str, memory: EditMemory) -> str:
    """One line on a model that is asked under its memory.

    Args:
        name: How the model is called.
        memory: Its memory.

    Returns:
        The line.
    """
    return f"{name} is asked under its edit memory {memory.folder} ({len(memory):,} in force)"
