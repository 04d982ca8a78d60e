"""Find the edit memory that a version carries: on this machine, in the registry, or in DVC."""

import shutil
from collections.abc import Callable
from pathlib import Path

from quintain.edit_memory.log import EditLog
from quintain.errors import RegistryError
from quintain.registry.scratch import scratch_folder
from quintain.registry.weights import DvcLacksError, copy_from_dvc


def other_memory(head: str) -> Callable[[Path], str]:
    """Tell a memory from others.

    Args:
        head: Hash over the registered acts; a memory that went on from there is the same.

    Returns:
        A function that says what a folder holds instead; empty when it is the memory.
    """

    def other(folder: Path) -> str:
        if not (folder / "log.sqlite").is_file():
            return "no memory"
        log = EditLog(folder / "log.sqlite")
        try:
            return "" if log.had_head(bytes.fromhex(head)) else "a memory without the registered edits"
        finally:
            log.close()

    return other


def find_memory_folder(
    path: str, dvc_md5: str, other: Callable[[Path], str], root: Path, kept: Path | None = None
) -> Path:
    """Find the folder of a memory: in the project, in the folders above, in the registry, or in DVC.

    Args:
        path: Folder from the project's root.
        dvc_md5: DVC's hash of the folder; empty when it was never computed.
        other: Says what a folder holds instead; empty when it is the wanted memory.
        root: The project, a clone of it, or a folder in one.
        kept: Folder of the memory that the registry itself keeps; None where it keeps none.

    Returns:
        A folder on this machine; a copy of what the registry keeps, since opening a memory writes into it.

    Raises:
        RegistryError: Nobody has it.
    """
    seen = ""
    for home in (root, *root.parents):
        folder = home / path
        if folder.is_dir():
            instead = other(folder)
            if not instead:
                return folder
            seen = f" ({folder} holds {instead})"
    if kept is not None and kept.is_dir():
        return Path(shutil.copytree(kept, scratch_folder("memory") / "memory"))
    why = "the registry knows no hash that DVC would have them under"
    if dvc_md5:
        fetched = scratch_folder("memory")
        try:
            copy_from_dvc(dvc_md5, root, fetched)
        except DvcLacksError as lack:
            why = f"DVC does not have {dvc_md5}: {lack}"
        else:
            if not (instead := other(fetched)):
                return fetched
            why = f"what DVC keeps as {dvc_md5} is {instead}"
    raise RegistryError(
        f"the edits of {path} are not on this machine{seen}, and {why}. Run in the project folder or set "
        "QUINTAIN_PROJECT to it; `dvc pull` fetches them when a remote is configured"
    )
