"""Find what a version points to: on this machine, or in DVC at the recorded commit."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from quintain.digests import folder_digest
from quintain.errors import ModelError, RegistryError


def find_weights(path: str, digest: str, git_commit: str) -> Path:
    """Find the folder with exactly these weights.

    Args:
        path: Folder from the project's root.
        digest: SHA-256 of the folder.
        git_commit: Commit whose dvc.lock names them.

    Returns:
        A folder on this machine.

    Raises:
        RegistryError: Neither a project folder nor DVC has them.
    """

    def other(folder: Path) -> str:
        try:
            found = folder_digest(folder)
        except ModelError:
            return "no model"
        return "" if found == digest else f"other weights, digest {found[:12]}"

    return find_folder(path, git_commit, other, f"the weights {path} with digest {digest[:12]}")


def find_folder(path: str, git_commit: str, other: Callable[[Path], str], what: str) -> Path:
    """Find a folder of the project, in this one, in those above, or in DVC.

    Args:
        path: Folder from the project's root.
        git_commit: Commit whose dvc.lock names it.
        other: Says what a folder holds instead; empty when it is the wanted one.
        what: How messages call it.

    Returns:
        A folder on this machine.

    Raises:
        RegistryError: Neither a project folder nor DVC has it.
    """
    here = Path(os.environ.get("QUINTAIN_PROJECT", Path.cwd())).resolve()
    seen = ""
    for root in (here, *here.parents):
        folder = root / path
        if folder.is_dir():
            instead = other(folder)
            if not instead:
                return folder
            seen = f" ({folder} holds {instead})"
    fetched = _from_dvc(here, path, git_commit)
    if fetched is not None and not other(fetched):
        return fetched
    raise RegistryError(
        f"{what} are not on this machine{seen}, and DVC has none at commit "
        f"{git_commit[:12] or '(none recorded)'}. Run in the project folder or set QUINTAIN_PROJECT to it; "
        "`dvc pull` fetches them when a remote is configured"
    )


def _from_dvc(root: Path, path: str, commit: str) -> Path | None:
    if not commit:
        return None
    from dvc.api import DVCFileSystem
    from dvc.exceptions import DvcException
    from scmrepo.exceptions import SCMError

    target = Path(tempfile.mkdtemp(prefix="quintain-weights-"))
    try:
        DVCFileSystem(str(root), rev=commit).get(path, str(target), recursive=True)
    except (DvcException, SCMError, OSError):
        return None
    return target
