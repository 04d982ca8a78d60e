"""Costs of an edit: the time to put it in, the room it takes, the time to look it up."""

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from quintain.edit_memory.memory import EditMemory
from quintain.methods.lte.edits import Edit


def measure_costs(edits: Sequence[Edit], fresh: Callable[[], EditMemory], k: int = 3) -> dict[str, float]:
    """Put edits in one by one and ask each one's prompt, embedding included, model excluded.

    Args:
        edits: The edits; at least one.
        fresh: Opens an empty memory.
        k: Most edits that a question may find.

    Returns:
        Medians of `add_ms` and `search_ms` in milliseconds, and `bytes_per_edit` on disk.

    Raises:
        ValueError: There are no edits.
    """
    if not edits:
        raise ValueError("costs are measured on at least one edit")
    with fresh() as memory:
        empty = _bytes(memory.folder)
        added = [_seconds(partial(memory.add, [edit])) for edit in edits]
        searched = [_seconds(partial(memory.search, edit.prompt, k)) for edit in edits]
        grown = _bytes(memory.folder) - empty
    return {
        "add_ms": round(1000 * statistics.median(added), 3),
        "search_ms": round(1000 * statistics.median(searched), 3),
        "bytes_per_edit": round(grown / len(edits), 1),
    }


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _bytes(folder: Path) -> int:
    # Blocks, not sizes: files of vectors have holes that take no room.
    return sum(path.stat().st_blocks * 512 for path in folder.iterdir())
