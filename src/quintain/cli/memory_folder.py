"""The edit memory in a folder that a command was given."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quintain.methods.lte import EditMemory
    from quintain.methods.lte.candidates import Retrieval


def open_memory(folder: Path, retrieval: "Retrieval" = "dense", *, start: bool = False) -> "EditMemory":
    """Open an edit memory.

    Args:
        folder: Its folder.
        retrieval: What finds edits.
        start: Start one where there is none.

    Returns:
        The memory.

    Raises:
        EditError: There is none, or it cannot be used.
    """
    from quintain.errors import EditError
    from quintain.methods.lte import EditMemory, HashedNgrams

    if not start and not (folder / "log.sqlite").is_file():
        raise EditError(f"{folder} holds no edit memory; `quintain edit add` or `import` starts one there")
    return EditMemory.open(folder, HashedNgrams(), retrieval=retrieval)
