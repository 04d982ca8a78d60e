"""The edit memory that a command works on."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from quintain.edit_memory import EditMemory
    from quintain.edit_memory.candidates import Retrieval


def opened_memory(
    folder: Path, retrieval: "Retrieval" = "dense", *, start: bool = False, embedder: str = ""
) -> "EditMemory":
    """Open a memory with the embedder that `quintain edit --embedder` names.

    Args:
        folder: Its folder.
        retrieval: What finds edits.
        start: Whether it may be made here.
        embedder: Another embedder than that of the command line.

    Returns:
        The memory.

    Raises:
        EditError: There is none, or it was made by another embedder.
    """
    from quintain.edit_memory import EditMemory
    from quintain.errors import EditError
    from quintain.serving.embedders import open_embedder

    if not start and not (folder / "log.sqlite").is_file():
        raise EditError(f"{folder} holds no edit memory; `quintain edit add` or `import` starts one there")
    embed = open_embedder(embedder or click.get_current_context().obj)
    memory = EditMemory.open(folder, embed, retrieval=retrieval)
    if memory.fault:
        memory.close()
        raise EditError(memory.fault)
    return memory
