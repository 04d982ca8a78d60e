"""Models that `quintain compare` is asked for: a folder, a student of the project, or a registered version."""

from pathlib import Path

from quintain.data_root import data_root
from quintain.errors import ConfigError

_MODELS = "06_models"


def compared_model(wanted: str, root: Path, scratch: Path) -> tuple[str, Path]:
    """Find the weights of a model.

    Args:
        wanted: A model folder, a student of the project such as `webr`, or a version or alias of its registry.
        root: The project.
        scratch: Folder for weights that have to be fetched.

    Returns:
        What to call it, and its folder.

    Raises:
        ConfigError: There is no such model.
        RegistryError: Its weights are not on this machine and cannot be fetched.
    """
    for folder in (Path(wanted), data_root(root) / _MODELS / wanted):
        if (folder / "config.json").is_file() or (folder / "adapter_config.json").is_file():
            return folder.name, folder
    if Path(wanted).is_dir() or "/" in wanted:
        raise ConfigError(f"{wanted} holds no model: it has no config.json")
    from quintain.cli.registry_store import project_registry
    from quintain.registry.kept import kept_weights
    from quintain.registry.weights import Weights, find_weights

    project = project_registry()
    version = project.version(wanted)
    weights = Weights.from_tags(version.tags)
    found = find_weights(weights, project.root, scratch / "dvc", kept_weights(version, scratch / "stored"))
    return f"{version.tags.get('student', 'student')} v{version.version}", found
