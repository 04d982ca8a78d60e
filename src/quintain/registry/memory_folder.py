"""Find the edit memory that a version carries: on this machine, or in DVC."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from quintain.errors import RegistryError
from quintain.registry.weights import DvcLacksError, copy_from_dvc


def find_memory_folder(path: str, dvc_md5: str, other: Callable[[Path], str]) -> Path:
    """Find the folder of a memory, in this project, in the folders above, or in DVC.

    Args:
        path: Folder from the project's root.
        dvc_md5: DVC's hash of the folder; empty when it was never computed.
        other: Says what a folder holds instead; empty when it is the wanted memory.

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
    why = "the registry knows no hash that DVC would have them under"
    if dvc_md5:
        fetched = Path(tempfile.mkdtemp(prefix="quintain-memory-"))
        try:
            copy_from_dvc(dvc_md5, here, fetched)
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
