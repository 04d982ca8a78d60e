"""Bring the weights of a version to this machine.

Found in this order: a project folder whose digest matches; the version's own files, where it was registered with its
weights; what DVC keeps under the recorded hash, in its cache or its remote. Git need not know the hash: a model is
registered while `dvc repro` runs, before anybody can commit the dvc.lock that names it.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from quintain.digests import folder_digest, holds_model
from quintain.errors import RegistryError


@dataclass(frozen=True)
class Weights:
    """Where a model lies and what it is."""

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
        """Read what a version's tags say."""
        base = cls(tags["base.path"], tags["base.digest"], tags.get("base.md5", "")) if "base.path" in tags else None
        return cls(tags["dvc.path"], tags["model.digest"], tags.get("dvc.md5", ""), base)

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
        common = os.path.commonpath([Path(self.path).parent, Path(self.base.path).parent])
        return (os.path.relpath(self.path, common), os.path.relpath(self.base.path, common))


def project_root() -> Path:
    """The folder that paths of weights start from: QUINTAIN_PROJECT, or the current one."""
    return Path(os.environ.get("QUINTAIN_PROJECT", Path.cwd())).resolve()


def find_weights(weights: Weights, stored: Path | None = None) -> Path:
    """Find a folder with exactly these weights; an adapter's base lies where the adapter expects it.

    Args:
        weights: What is looked for.
        stored: Folder of weights that the registry itself holds, laid out by `store_weights`; None where it holds none.

    Returns:
        A folder on this machine.

    Raises:
        RegistryError: Nobody has them; names what was tried, and DVC's remote.
    """
    here = project_root()
    for root in (here, *here.parents):
        if _holds(root / weights.path, weights) and (
            weights.base is None or _holds(root / weights.base.path, weights.base)
        ):
            return root / weights.path
    if stored is not None and _holds(stored / weights.names()[0], weights):
        return stored / weights.names()[0]
    return fetch_weights(weights, here, Path(tempfile.mkdtemp(prefix="quintain-weights-")))


def store_weights(weights: Weights, root: Path, target: Path) -> None:
    """Copy weights from their project folders, an adapter's base as far from it as there.

    Args:
        weights: What is copied.
        root: The project.
        target: A folder that is made.
    """
    for name, path in zip(weights.names(), _paths(weights), strict=True):
        shutil.copytree(root / path, target / name)


def fetch_weights(weights: Weights, root: Path, target: Path) -> Path:
    """Take weights out of DVC, by their hash.

    Args:
        weights: What is fetched.
        root: A clone of the project.
        target: Where they are laid, under their own names.

    Returns:
        The model's folder below the target.

    Raises:
        RegistryError: DVC does not have them; names its remote.
    """
    parts = (weights, *((weights.base,) if weights.base else ()))
    for part, name in zip(parts, weights.names(), strict=True):
        _from_dvc(part, root, target / name)
        if not _holds(target / name, part):
            raise RegistryError(
                f"what DVC keeps as {part.dvc_md5} is not the model {part.path} with digest {part.digest[:12]}; its "
                "cache or remote is damaged, `dvc gc` and `dvc fetch` mend the first"
            )
    return target / weights.names()[0]


def _paths(weights: Weights) -> tuple[str, ...]:
    return (weights.path, *((weights.base.path,) if weights.base else ()))


def _holds(folder: Path, weights: Weights) -> bool:
    return holds_model(folder) and folder_digest(folder) == weights.digest


def _from_dvc(weights: Weights, root: Path, target: Path) -> None:
    from dvc.exceptions import DvcException
    from dvc.repo import Repo
    from dvc_data.hashfile import load
    from dvc_data.hashfile.hash_info import HashInfo
    from dvc_data.hashfile.tree import Tree
    from dvc_objects.errors import ObjectFormatError

    nobody = f"the weights {weights.path} with digest {weights.digest[:12]} are not on this machine{_other(weights)}"
    if not weights.dvc_md5:
        raise RegistryError(f"{nobody}, and the registry knows no hash that DVC would have them under; register again")
    wanted = HashInfo("md5", weights.dvc_md5)
    try:
        with Repo(str(root)) as repo:
            remote = _remote(repo.config)
            try:
                if remote:
                    repo.cloud.pull([wanted])  # the list of the folder's files, without the files
                tree = load(repo.cache.local, wanted)
                if remote and isinstance(tree, Tree):
                    repo.cloud.pull([part for _, (_, part) in tree.iteritems()])
            except (FileNotFoundError, ObjectFormatError):
                where = f"the remote {remote} does not hold it" if remote else "no DVC remote is configured"
                raise RegistryError(
                    f"{nobody}, and DVC does not have {weights.dvc_md5}: {where}. `dvc push` where the model was made "
                    "brings it there; `dvc remote list` shows the remotes of this clone"
                ) from None
            if not isinstance(tree, Tree):
                raise RegistryError(f"{nobody}: {weights.dvc_md5} is one file in DVC, not the folder of a model")
            for key, (_, part) in tree.iteritems():
                kept = Path(repo.cache.local.oid_to_path(part.value))
                if not kept.is_file():
                    raise RegistryError(f"{nobody}: DVC lacks the file {'/'.join(key)} of {weights.dvc_md5}; {remote}")
                (target / Path(*key)).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(kept, target / Path(*key))
    except DvcException as error:
        raise RegistryError(
            f"{nobody}, and DVC could not be asked in {root}: {error}. Run in a clone of the project or set "
            "QUINTAIN_PROJECT to one"
        ) from None


def _remote(config: Mapping[str, object]) -> str:
    """Name and address of the default remote; empty when there is none."""
    core, remotes = config.get("core"), config.get("remote")
    name = core.get("remote") if isinstance(core, Mapping) else None
    settings = remotes.get(name) if isinstance(remotes, Mapping) and name else None
    return f"{name} ({settings.get('url')})" if isinstance(settings, Mapping) else ""


def _other(weights: Weights) -> str:
    folder = project_root() / weights.path
    if not holds_model(folder):
        return ""
    return f" ({folder} holds other weights, digest {folder_digest(folder)[:12]})"
