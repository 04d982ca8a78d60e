"""Bring the weights of a version to this machine.

Found in this order: a project folder whose digest matches; the version's own files, where it was registered with its
weights; what DVC keeps under the recorded hash, in its cache or its remote. Git need not know the hash: a model is
registered while `dvc repro` runs, before anybody can commit the dvc.lock that names it.
"""

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from quintain.errors import RegistryError
from quintain.models.folder import folder_digest, holds_model


@dataclass(frozen=True)
class Weights:
    """Path and identity of a model's weights."""

    path: str
    """Folder from the project's root."""
    digest: str
    """SHA-256 of the folder."""
    dvc_md5: str = ""
    """DVC's hash of the folder; empty when it was never computed."""
    base: "Weights | None" = None
    """The model under an adapter; None for a whole model."""

    @classmethod
    def from_tags(cls, tags: Mapping[str, str]) -> "Weights":
        """Read what a version's tags say; a RegistryError names the tag that it lacks."""
        try:
            base = (
                cls(tags["base.path"], tags["base.digest"], tags.get("base.md5", "")) if "base.path" in tags else None
            )
            return cls(tags["dvc.path"], tags["model.digest"], tags.get("dvc.md5", ""), base)
        except KeyError as error:
            raise RegistryError(
                f"the version has no tag {error}, so nobody knows its weights; register its student again with `kedro "
                "run --pipelines registration`"
            ) from None

    @classmethod
    def from_config(cls, config: Mapping[str, object]) -> "Weights":
        """Read what a version's pointer says."""
        base = config.get("base")
        return cls(
            str(config["path"]),
            str(config["digest"]),
            str(config.get("dvc_md5", "")),
            cls.from_config(base) if isinstance(base, Mapping) else None,
        )

    def config(self) -> dict[str, object]:
        """For the pointer; the other way round from `from_config`."""
        base = {"base": self.base.config()} if self.base else {}
        return {"path": self.path, "digest": self.digest, "dvc_md5": self.dvc_md5, **base}

    def names(self) -> tuple[str, ...]:
        """Folder of the model, then that of its base, from the nearest folder that holds both.

        >>> Weights("data/06_models/lte", "…", base=Weights("data/06_models/bmc", "…")).names()
        ('lte', 'bmc')
        """
        if self.base is None:
            return (Path(self.path).name,)
        paths = [Path(self.path), Path(self.base.path)]
        if any(path.is_absolute() or ".." in path.parts for path in paths):
            raise RegistryError(
                f"the adapter {self.path} and its base {self.base.path} do not both lie in the project, so they cannot "
                "be moved together; put the base below data/06_models and train the adapter on that"
            )
        common = os.path.commonpath([path.parent for path in paths]) or "."
        return tuple(Path(os.path.relpath(path, common)).as_posix() for path in paths)


def find_weights(weights: Weights, root: Path, scratch: Path, stored: Path | None = None) -> Path:
    """Find a folder with exactly these weights; an adapter's base lies where the adapter expects it.

    Args:
        weights: What is looked for.
        root: The project, a clone of it, or a folder in one.
        scratch: An empty folder for what has to be fetched.
        stored: Folder of weights that the registry itself holds, laid out by `copy_weights`; None where it holds none.

    Returns:
        A folder on this machine.

    Raises:
        RegistryError: Nobody has them; names what was tried, and DVC's remote.
    """
    wanted = (weights, *((weights.base,) if weights.base else ()))
    for folder in (root, *root.parents):
        if all(_holds(folder / part.path, part) for part in wanted):
            return folder / weights.path
    parts = dict(zip(weights.names(), wanted, strict=True))
    model = weights.names()[0]
    if stored is not None and all(_holds(stored / name, part) for name, part in parts.items()):
        return stored / model
    for name, part in parts.items():
        _fetch(part, root, scratch / name)
    return scratch / model


def copy_weights(weights: Weights, found: Path, target: Path) -> Path:
    """Copy weights that were found, an adapter's base as far from it as there.

    Args:
        weights: What is copied.
        found: The model's folder.
        target: Where they are laid, under their own names.

    Returns:
        The model's folder below the target.

    Raises:
        RegistryError: Something stands there already.
    """
    model, *_ = names = weights.names()
    home = found.parents[len(Path(model).parts) - 1]
    for name in names:
        if (target / name).exists():
            raise RegistryError(f"{target / name} exists; name another folder with --to, or move that one away")
    for name in names:
        # Under another name until it is whole.
        aside = (target / name).with_name(f".{Path(name).name}.{os.getpid()}.tmp")
        shutil.copytree(home / name, aside)
        aside.rename(target / name)
    return target / model


def _holds(folder: Path, weights: Weights) -> bool:
    return holds_model(folder) and folder_digest(folder) == weights.digest


def _fetch(weights: Weights, root: Path, target: Path) -> None:
    """Take one folder out of DVC, by its hash."""
    here = root / weights.path
    other = f" ({here} holds other weights, digest {folder_digest(here)[:12]})" if holds_model(here) else ""
    nobody = f"the weights {weights.path} with digest {weights.digest[:12]} are not on this machine{other}"
    if not weights.dvc_md5:
        raise RegistryError(f"{nobody}, and the registry knows no hash that DVC would have them under; register again")
    try:
        remote = copy_from_dvc(weights.dvc_md5, root, target)
    except DvcLacksError as lack:
        raise RegistryError(
            f"{nobody}, and DVC does not have {weights.dvc_md5}: {lack}. `dvc push` where the model was made brings it "
            "to a remote, `dvc remote list` shows those of this clone; `promote --with-weights` there needs none"
        ) from None
    if not _holds(target, weights):
        raise RegistryError(
            f"{nobody}: what DVC keeps as {weights.dvc_md5} is another model; its cache or {remote} is damaged, "
            "`dvc fetch --force` mends the cache"
        )


class DvcLacksError(Exception):
    """Neither DVC's cache nor its remote has the object; says why."""


def copy_from_dvc(md5: str, root: Path, target: Path) -> str:
    """Copy a folder out of DVC's cache or remote, by its hash.

    Args:
        md5: DVC's hash of the folder.
        root: The project, or a clone of it.
        target: Where it is laid.

    Returns:
        Name and address of the remote; empty when there is none.

    Raises:
        DvcLacksError: Neither has it.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo
    from dvc_data.hashfile import load
    from dvc_data.hashfile.hash_info import HashInfo
    from dvc_data.hashfile.tree import Tree
    from dvc_objects.errors import ObjectFormatError

    wanted = HashInfo("md5", md5)
    remote = ""
    try:
        with Repo(str(root)) as repo:
            remote = _remote(repo.config)
            if remote:
                repo.cloud.pull([wanted])  # the list of the folder's files, without the files
            tree = load(repo.cache.local, wanted)
            if not isinstance(tree, Tree):
                raise DvcLacksError("under that hash it has a file, not the folder of a model")
            if remote:
                repo.cloud.pull([part for _, (_, part) in tree.iteritems()])
            for key, (_, part) in tree.iteritems():
                (target / Path(*key)).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(repo.cache.local.oid_to_path(part.value), target / Path(*key))
    except (FileNotFoundError, ObjectFormatError):
        raise DvcLacksError(
            f"the remote {remote} does not hold it" if remote else "no DVC remote is configured"
        ) from None
    except DvcException as error:
        raise DvcLacksError(f"it could not be asked in {root}: {error}") from None
    return remote


def _remote(config: Mapping[str, object]) -> str:
    """Name and address of the default remote; empty when there is none."""
    core, remotes = config.get("core"), config.get("remote")
    name = core.get("remote") if isinstance(core, Mapping) else None
    settings = remotes.get(name) if isinstance(remotes, Mapping) and name else None
    if not isinstance(settings, Mapping):
        return ""
    address = re.sub(r"(://[^/:@]*):[^/@]*@", r"\1:…@", str(settings.get("url")))  # without the password
    return f"{name} ({address})"
