"""The memory of a version's own, for who asks its weights by hand."""

from pathlib import Path
from typing import TYPE_CHECKING

from quintain.edit_memory.own_memory import OwnMemory
from quintain.registry.kept import kept_weights
from quintain.registry.memory_folder import find_memory_folder, other_memory

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion


def version_memory(version: "ModelVersion", root: Path, scratch: Path) -> OwnMemory | None:
    """Find the memory that a version was registered with.

    Args:
        version: The version.
        root: The project, or a clone of it.
        scratch: Folder for what has to be fetched.

    Returns:
        The memory, with the embedder and the number of edits that it is served with; None where there is none.

    Raises:
        RegistryError: It is nowhere to be found.
    """
    from mlflow.models import get_model_info

    editing = get_model_info(str(version.source)).flavors["python_function"]["config"].get("editing")
    if not editing:
        return None
    sought = editing["memory"]
    weights = kept_weights(version, scratch)
    kept = weights.with_name("memory") if weights else None
    folder = find_memory_folder(sought["path"], sought["dvc_md5"], other_memory(sought["head"]), root, kept)
    return OwnMemory(folder, editing["embedder"], editing["k"])
