"""Datasets of the registry: saving a student's entry registers it, saving a claim asks the gate for the title."""

import dataclasses
import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from kedro.io import AbstractDataset

from quintain.errors import RegistryError
from quintain.registry.entry import Entry, enter
from quintain.registry.policy import promotion_policy
from quintain.registry.promotion import TitleHolder, promote, title_holder
from quintain.registry.settings import find_project, read_settings, tracking_settings
from quintain.registry.store import open_store

logger = logging.getLogger(__name__)

Found = TypeVar("Found")


@dataclass(frozen=True)
class Claim:
    """A version that asks for the title."""

    registration: dict[str, Any]
    """JSON of its `Registration`."""
    policy: dict[str, Any]
    """The document conf/<env>/promotion.yml."""


class _OnlyRead(AbstractDataset[Any, Found]):
    """Dataset behind a file of conf/base, which other hands than a run's write.

    Args:
        filepath: The file of conf/base.
        metadata: Read by Kedro-Viz and dvc-sync, not by the dataset.
    """

    _refusal: ClassVar[str]

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def save(self, data: Any) -> None:
        """Refuse, and say who writes it.

        Args:
            data: Ignored.

        Raises:
            RegistryError: Always.
        """
        raise RegistryError(self._refusal.format(filepath=self._filepath))

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}


class PolicyDataset(_OnlyRead[dict[str, Any]]):
    """The gate's policy: promotion.yml of conf/base with what the environment of the run merges over it.

    Example:
        ```yaml
        promotion_policy:
          type: quintain.registry.datasets.PolicyDataset
          filepath: conf/base/promotion.yml
        ```

    Args:
        filepath: The file of conf/base.
        metadata: Read by Kedro-Viz and dvc-sync, not by the dataset.
    """

    _refusal = "{filepath} is only read; it is written by hand"

    def load(self) -> dict[str, Any]:
        """Read the merged document."""
        return read_settings(find_project(self._filepath.resolve().parent), self._filepath.stem)


class TitleHolderDataset(_OnlyRead[TitleHolder | None]):
    """The present champion of the project's registry, with the judgements behind its scorecards.

    Example:
        ```yaml
        title_holder:
          type: quintain.registry.datasets.TitleHolderDataset
          filepath: conf/base/tracking.yml
        ```

    Args:
        filepath: The file of conf/base that says where the registry is.
        metadata: Read by Kedro-Viz and dvc-sync, not by the dataset.
    """

    _refusal = "the champion is only read here; the gate moves the title (`quintain promote`)"

    def load(self) -> TitleHolder | None:
        """Ask the registry.

        Returns:
            The champion as it is now; None where nobody holds the title.

        Raises:
            RegistryError: The store failed.
        """
        root = find_project(self._filepath.resolve().parent)
        settings = tracking_settings(read_settings(root, "tracking"))
        return title_holder(open_store(settings.address(root)), settings.model_name)


class VersionDataset(AbstractDataset[Entry, dict[str, Any]]):
    """A student's version in the registry of the project that the file lies in; the file keeps its registration.

    Example:
        ```yaml
        "{student}.registration":
          type: quintain.registry.datasets.VersionDataset
          student: "{student}"
          filepath: data/08_reporting/{student}/registration.json
        ```

    Args:
        student: Name of the student.
        filepath: JSON file for the registration.
        metadata: Read by Kedro-Viz, dvc-sync and the tracking hook, not by the dataset.
    """

    def __init__(self, *, student: str, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._student = student
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> dict[str, Any]:
        """Read the registration that the last save left; JSON of `Registration`."""
        return _read(self._filepath)

    def save(self, data: Entry) -> None:
        """Register the student, once for the same weights, scorecards and memory.

        Args:
            data: What is known of it.

        Raises:
            RegistryError: A scorecard is of other weights, or the store failed.
        """
        registered = enter(find_project(self._filepath.resolve().parent), self._student, data)
        _write(self._filepath, dataclasses.asdict(registered))

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"student": self._student, "filepath": str(self._filepath)}


class TitleDataset(AbstractDataset[Claim, dict[str, Any]]):
    """The gate's decision on a student's version; saving a claim asks the gate, which moves the title when it agrees.

    Example:
        ```yaml
        "{student}.gate":
          type: quintain.registry.datasets.TitleDataset
          filepath: data/08_reporting/{student}/gate.json
        ```

    Args:
        filepath: JSON file for the decision.
        metadata: Read by Kedro-Viz, dvc-sync and the tracking hook, not by the dataset.
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> dict[str, Any]:
        """Read the last decision; JSON of `Promotion`."""
        return _read(self._filepath)

    def save(self, data: Claim) -> None:
        """Hold the version against the champion; go on when the gate refuses.

        Args:
            data: Version and policy.

        Raises:
            ConfigError: The policy is wrong.
            RegistryError: The store failed.
        """
        root = find_project(self._filepath.resolve().parent)
        uri = tracking_settings(read_settings(root, "tracking")).address(root)
        policy = promotion_policy(data.policy)
        promotion = promote(
            open_store(uri),
            uri,
            data.registration["name"],
            policy,
            str(data.registration["version"]),
            # An experiment of DVC is compared, but never takes the title.
            dry_run=bool(os.environ.get("DVC_EXP_NAME")) or not policy.automatic,
        )
        decision = promotion.decision
        told = "\n".join([f"The gate on version {promotion.version}: {decision.outcome}", *decision.lines()])
        logger.info("%s", told)
        _write(self._filepath, dataclasses.asdict(promotion))

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _write(path: Path, document: dict[str, Any]) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    aside.write_text(json.dumps(document, indent=2), encoding="utf-8")
    aside.replace(path)
