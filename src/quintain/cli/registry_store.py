"""The registry that a command works on: the one of the project it is called in."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from quintain.registry.settings import find_project, read_settings, tracking_settings

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass(frozen=True)
class ProjectRegistry:
    """Client, address and name of a project's registered model."""

    root: Path
    client: "MlflowClient"
    uri: str
    model_name: str


def project_registry() -> ProjectRegistry:
    """Open the registry of the project around the current folder.

    Returns:
        Its client, address and model name.

    Raises:
        ConfigError: The folder is in no project, or its tracking.yml is wrong.
        RegistryError: The store does not answer.
    """
    from quintain.registry.store import open_store

    root = find_project(Path.cwd())
    settings = tracking_settings(read_settings(root, "tracking"))
    uri = settings.address(root)
    return ProjectRegistry(root, open_store(uri), uri, settings.model_name)
