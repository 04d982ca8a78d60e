"""Copy of a version's weights in the registry itself, for users who have no DVC.

It lies among the artifacts of the logged model, as `weights` (the model, and the base of an adapter) and, for a version
with a memory, as `original` (the model for questions that no edit passes to) and `memory`.
"""

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quintain.registry.memory_folder import find_memory_folder, other_memory
from quintain.registry.weights import Weights, copy_weights, find_weights

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

KEPT = "stored"
"""Tag `weights` of a version that the registry keeps the weights of."""
FOLDER = "artifacts"
"""Where they lie in the logged model."""


def keep(client: "MlflowClient", model_id: str, config: dict[str, Any], root: Path) -> None:
    """Copy everything that a version takes into the registry.

    Args:
        client: Client of the store.
        model_id: The logged model of the version.
        config: What its pointer says.
        root: The project, or a clone of it.

    Raises:
        RegistryError: Weights or memory are nowhere to be found.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder, scratch = Path(temporary) / FOLDER, Path(temporary) / "fetched"
        parts = {"weights": Weights.from_config(config)}
        if editing := config.get("editing"):
            parts["original"] = Weights.from_config(editing["original"])
        for name, weights in parts.items():
            copy_weights(weights, find_weights(weights, root, scratch / name), folder / name)
        if editing:
            sought = editing["memory"]
            memory = find_memory_folder(sought["path"], sought["dvc_md5"], other_memory(sought["head"]), root)
            shutil.copytree(memory, folder / "memory", ignore=shutil.ignore_patterns("lock"))
        client.log_model_artifacts(model_id, str(folder), FOLDER)


def keep_version(client: "MlflowClient", name: str, version: "ModelVersion", root: Path) -> bool:
    """Let the registry keep what a version takes that was registered without it.

    Args:
        client: Client of the store.
        name: Name of the registered model.
        version: The version.
        root: The project, or a clone of it.

    Returns:
        False when the registry kept it already.

    Raises:
        RegistryError: Weights or memory are nowhere to be found.
    """
    if version.tags.get("weights") == KEPT:
        return False
    from mlflow.models import get_model_info

    config = get_model_info(str(version.source)).flavors["python_function"]["config"]
    keep(client, str(version.tags["model.id"]), config, root)
    client.set_model_version_tag(name, version.version, "weights", KEPT)
    return True


def kept_weights(version: "ModelVersion", folder: Path) -> Path | None:
    """Fetch the weights that the registry keeps of a version.

    Args:
        version: The version.
        folder: Where to put them.

    Returns:
        The folder that `copy_weights` laid out; None where the registry holds none.
    """
    if version.tags.get("weights") != KEPT:
        return None
    from mlflow.artifacts import download_artifacts

    return Path(download_artifacts(str(version.source), dst_path=str(folder))) / FOLDER / "weights"
