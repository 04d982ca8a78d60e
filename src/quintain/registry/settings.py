"""Settings of tracking and registry: tracking.yml."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from quintain.conf_files import ConfFiles
from quintain.environment import layers
from quintain.errors import ConfigError
from quintain.fields import check, faults

_SQLITE = "sqlite:///"


@dataclass(frozen=True)
class TrackingSettings:
    """The document conf/<env>/tracking.yml.

    Raises:
        ValueError: The store is one that MLflow no longer keeps.
    """

    uri: str
    """MLflow tracking and registry address; a relative sqlite path is meant from the project's root."""
    experiment: str
    """Experiment that runs are logged to."""
    model_name: str
    """Name that every student is registered under."""
    enabled: bool = True
    """False runs pipelines without MLflow; registration then refuses."""
    with_weights: bool = False
    """Keep a copy of the weights with every version, for a registry whose users have no DVC."""

    def __post_init__(self) -> None:
        check(self)
        if "://" not in self.uri:
            raise ValueError(f"tracking.uri must be an address such as sqlite:///mlflow.db, got {self.uri!r}")

    def address(self, root: Path) -> str:
        """The address as MLflow takes it; the variable MLFLOW_TRACKING_URI wins over the file.

        A run in a copy that DVC throws away afterwards (`dvc exp run --temp`) writes into the store of the project.

        Args:
            root: The project's root.

        Returns:
            The address, absolute.

        Raises:
            ConfigError: The path of the project would be misread as part of an address.
        """
        uri = os.environ.get("MLFLOW_TRACKING_URI") or self.uri
        if uri.startswith(_SQLITE) and not uri.startswith(f"{_SQLITE}/"):
            path = str((_lasting(root) / uri.removeprefix(_SQLITE)).resolve())
            # SQLAlchemy takes no escapes in a file's name: the file would be another one, that others may share.
            if misread := sorted(set("?#%").intersection(path)):
                raise ConfigError(
                    f"the registry {path} cannot stand in a folder with {' or '.join(misread)} in its path; rename the "
                    "folder, or set MLFLOW_TRACKING_URI to a registry elsewhere"
                )
            return f"{_SQLITE}{path}"
        return uri


def _lasting(root: Path) -> Path:
    """The project itself, where the folder is one of DVC's temporary copies of it: PROJECT/.dvc/tmp/exps/..."""
    for folder in root.resolve().parents:
        if folder.parts[-3:] == (".dvc", "tmp", "exps"):
            return folder.parents[2]
    return root


def tracking_settings(document: Mapping[str, Any]) -> TrackingSettings:
    """Read the settings.

    Args:
        document: conf/<env>/tracking.yml.

    Returns:
        The settings.

    Raises:
        ConfigError: A setting is missing, unknown or wrong.
    """
    if said := [f"{'.'.join(fault.path)}: {fault.problem}" for fault in faults(TrackingSettings, document)]:
        raise ConfigError(f"conf/base/tracking.yml: {'; '.join(said)}")
    return TrackingSettings(**document)


def find_project(start: Path) -> Path:
    """Root of the Kedro project that a folder lies in.

    Args:
        start: The folder.

    Returns:
        The nearest folder upwards whose pyproject.toml is a Kedro project's.

    Raises:
        ConfigError: It lies in none.
    """
    for folder in (start, *start.parents):
        pyproject = folder / "pyproject.toml"
        if pyproject.is_file() and "[tool.kedro]" in pyproject.read_text(encoding="utf-8"):
            return folder
    raise ConfigError(f"{start} is not in a Quintain project; change into one, or make one with `quintain new FOLDER`")


def read_settings(root: Path, name: str) -> dict[str, Any]:
    """Read conf/base/<name>.yml with what a plain run merges over it, as Kedro does.

    Args:
        root: The project's folder.
        name: Name of the file, without its ending.

    Returns:
        The settings.

    Raises:
        ConfigError: The file is missing, is no YAML, or has a setting that is unknown, of another type or out of
            range; the message has a line for each.
    """
    if not (root / f"conf/base/{name}.yml").is_file():
        raise ConfigError(f"{root / f'conf/base/{name}.yml'} does not exist; `quintain new` lays one out")
    files = ConfFiles(root / "conf", layers(root), (name,))
    said = files.broken
    document: dict[str, Any] = {}
    for file in files.of(name) if not said else ():
        try:
            document = _merged(document, file.content or {})
        except (yaml.YAMLError, ValueError) as error:  # a tag that is not known, a date that is none
            said.append(f"{file.shown}: it cannot be read: {' '.join(str(error).split())}")
    if not said:
        kind, fields = _typed(name, document)
        for fault in faults(kind, fields):
            said.append(f"{files.place(name, fault.path)}: {'.'.join(fault.path) or name}: {fault.problem}")
    if said:
        raise ConfigError("\n  ".join(said))
    return document


def _typed(name: str, document: dict[str, Any]) -> tuple[type, dict[str, Any]]:
    from quintain.registry.policy import PromotionPolicy, in_todays_form

    if name == "tracking":
        return TrackingSettings, document
    try:
        return PromotionPolicy, in_todays_form(document)
    except ValueError as error:
        raise ConfigError(f"conf/base/{name}.yml: {error}") from None


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Lay one document over another, group by group, as Kedro merges both of them."""
    merged = dict(below)
    for name, value in above.items():
        former = merged.get(name)
        merged[name] = _merged(former, value) if isinstance(former, dict) and isinstance(value, dict) else value
    return merged
