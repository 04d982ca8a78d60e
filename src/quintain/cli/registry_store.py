"""The registry that a command works on: the one of the project it is called in."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from quintain.data_root import reports_root
from quintain.environment import environments
from quintain.errors import RegistryError
from quintain.registry.settings import find_project, read_settings, tracking_settings

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

_SQLITE = "sqlite:///"


@dataclass(frozen=True)
class ProjectRegistry:
    """Client, address and name of a project's registered model."""

    root: Path
    client: "MlflowClient"
    uri: str
    model_name: str

    def versions(self) -> "list[ModelVersion]":
        """All versions, newest first.

        Returns:
            At least one.

        Raises:
            RegistryError: There is none.
        """
        from quintain.registry.registration import versions
        from quintain.registry.store import answering

        with answering(self.uri):
            found = versions(self.client, self.model_name)
        if not found:
            raise RegistryError(
                f"no version of {self.model_name} is registered in {self.uri}; run `kedro run` first, or name another "
                "registry in conf/local/tracking.yml or MLFLOW_TRACKING_URI"
            )
        return found

    def version(self, wanted: str) -> "ModelVersion":
        """One version.

        Args:
            wanted: Its number, with or without a leading v, or an alias.

        Returns:
            The version.

        Raises:
            RegistryError: There is none of that name; says which there are.
        """
        from quintain.registry.promotion import find_version, holder
        from quintain.registry.store import answering

        self.versions()
        with answering(self.uri):
            if re.fullmatch(r"v?\d+", wanted):
                return find_version(self.client, self.model_name, wanted)
            found = holder(self.client, self.model_name, wanted)
        if found is None:
            aliases = ", ".join(sorted(self.aliases())) or "none"
            numbers = ", ".join(str(each.version) for each in self.versions())
            raise RegistryError(
                f"{self.model_name} has no alias {wanted!r}; there are the aliases {aliases} and the versions {numbers}"
                f"{self.environment_hint(wanted)}"
            )
        return found

    def environment_hint(self, wanted: str) -> str:
        """Hint for a message: the environment with a student of this name; empty where none has one."""
        for environment in environments(self.root):
            if wanted in {folder.name for folder in reports_root(self.root, environment).glob("*/")}:
                return (
                    f"; {wanted} is a student of the environment {environment}: name its version, or set "
                    f"KEDRO_ENV={environment} for commands that take students"
                )
        return ""

    def number_of(self, wanted: str) -> str:
        """Number of a version that is named as people do it.

        Args:
            wanted: A number, an alias, or a student that this project has registered.

        Returns:
            The number.

        Raises:
            RegistryError: There is none of that name, or the student was registered in another registry.
        """
        file = reports_root(self.root) / wanted / "registration.json"
        if not file.is_file():
            return str(self.version(wanted).version)
        from quintain.text.json_lines import read_json

        registered = read_json(file)
        number, digest = str(registered["version"]), registered["digest"]
        found = next((each for each in self.versions() if str(each.version) == number), None)
        if found is None or found.tags.get("model.digest") != digest:
            raise RegistryError(
                f"{file} says that {wanted} is version {number} with weights {digest[:12]}, which this registry does "
                "not have; register it here with `kedro run --pipelines registration`"
            )
        return number

    def aliases(self) -> dict[str, str]:
        """Alias → number of its version; none where nobody is registered."""
        from mlflow.exceptions import MlflowException

        from quintain.registry.store import answering

        with answering(self.uri):
            try:
                found = self.client.get_registered_model(self.model_name).aliases
            except MlflowException as error:
                if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                    return {}
                raise
        return {alias: str(number) for alias, number in found.items()}

    def titles(self) -> dict[str, str]:
        """Number of a version → its aliases, in one line."""
        titles: dict[str, list[str]] = {}
        for alias, number in sorted(self.aliases().items()):
            titles.setdefault(number, []).append(alias)
        return {number: ", ".join(names) for number, names in titles.items()}

    def gone(self) -> list[str]:
        """One line for each alias whose version is gone."""
        known = {str(version.version) for version in self.versions()}
        return [
            f"The alias {alias} names version {number}, which is gone; give it to another version in `quintain ui`, or "
            "take it away there."
            for alias, number in sorted(self.aliases().items())
            if number not in known
        ]


def project_registry() -> ProjectRegistry:
    """Open the registry of the project around the current folder.

    Returns:
        Its client, address and model name.

    Raises:
        ConfigError: The folder is in no project, or its tracking.yml is wrong.
        RegistryError: There is no store, or it does not answer.
    """
    from quintain.registry.store import open_store

    root = find_project(Path.cwd())
    settings = tracking_settings(read_settings(root, "tracking"))
    uri = settings.address(root)
    if uri.startswith(_SQLITE) and not Path(uri.removeprefix(_SQLITE)).is_file():
        # Opening it would make an empty one.
        raise RegistryError(
            f"there is no registry at {uri}; `kedro run` makes it, or name another one in conf/local/tracking.yml or "
            "MLFLOW_TRACKING_URI"
        )
    return ProjectRegistry(root, open_store(uri), uri, settings.model_name)
