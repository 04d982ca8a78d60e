"""Models that `quintain compare` is asked for: a folder, a student of the project, or a registered version."""

from dataclasses import dataclass
from pathlib import Path

from quintain.data_root import data_root
from quintain.edit_memory.own_memory import OwnMemory, own_memory
from quintain.errors import ConfigError

_MODELS = "06_models"


@dataclass(frozen=True)
class ComparedModel:
    """A model that responds to a set."""

    name: str
    """How it is called."""
    folder: Path
    """Its weights."""
    memory: OwnMemory | None
    """The memory that it is asked under; None where it has none."""


def compared_model(wanted: str, root: Path, scratch: Path, embedder: str, k: int) -> ComparedModel:
    """Find the weights of a model, and its memory.

    Args:
        wanted: A model folder, a student of the project such as `webr`, or a version or alias of its registry.
        root: The project.
        scratch: Folder for weights that have to be fetched.
        embedder: What the edits of a folder are found by; a version knows its own.
        k: Most edits of a folder's memory that a question may find; a version knows its own.

    Returns:
        The model.

    Raises:
        ConfigError: There is no such model.
        RegistryError: Its weights or its memory are not on this machine and cannot be fetched.
    """
    for folder in (Path(wanted), data_root(root) / _MODELS / wanted):
        if (folder / "config.json").is_file() or (folder / "adapter_config.json").is_file():
            return ComparedModel(folder.name, folder, own_memory(folder, embedder, k))
    if Path(wanted).is_dir() or "/" in wanted:
        raise ConfigError(f"{wanted} holds no model: it has no config.json")
    from quintain.cli.registry_store import project_registry
    from quintain.registry.kept import kept_weights
    from quintain.registry.version_memory import version_memory
    from quintain.registry.weights import Weights, find_weights

    project = project_registry()
    version = project.version(wanted)
    weights = Weights.from_tags(version.tags)
    found = find_weights(weights, project.root, scratch / "dvc", kept_weights(version, scratch / "stored"))
    memory = version_memory(version, project.root, scratch / "memory")
    return ComparedModel(f"{version.tags.get('student', 'student')} v{version.version}", found, memory)
