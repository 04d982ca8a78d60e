"""Memory that this process may still take: what the machine has left, within the limits of its control groups."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_UNLIMITED = 1 << 60
"""Version 1 of control groups writes a number near 2**63 where there is no limit."""


@dataclass(frozen=True)
class AvailableMemory:
    """Memory that is left."""

    size_bytes: int
    """Bytes."""
    limited_by: str
    """Who sets the limit: `this machine`, or a control group by its folder."""

    def room_for(self, process_bytes: float, most: int) -> int:
        """Processes of some size that it has room for: one at least, and no more than `most`."""
        return max(1, min(most, int(self.size_bytes / process_bytes)))


@dataclass(frozen=True)
class _Files:
    """Names of the files of a control group, by version."""

    limit: str
    used: str
    reclaimable: str


_VERSION_2 = _Files("memory.max", "memory.current", "inactive_file")
_VERSION_1 = _Files("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


def available_memory(proc: Path = Path("/proc"), control_groups: Path = Path("/sys/fs/cgroup")) -> AvailableMemory:
    """Find how much memory is left; swap does not count, since a training in swap never ends.

    Args:
        proc: Where Linux tells of the machine and of this process.
        control_groups: Where it tells of control groups, of either version.

    Returns:
        The least of what the machine and each control group around this process have left. Where none of them says,
        all memory that the machine has.
    """
    found = [AvailableMemory(left, "this machine") for left in _of_machine(proc)]
    for folder, files in _groups(proc, control_groups):
        found += [AvailableMemory(left, f"the control group {folder}") for left in _of_group(folder, files)]
    return min(found, key=lambda each: each.size_bytes)


def _of_machine(proc: Path) -> Iterator[int]:
    try:
        lines = (proc / "meminfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:  # no Linux
        lines = []
    told = [int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:")]
    yield from told or [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]


def _groups(proc: Path, control_groups: Path) -> Iterator[tuple[Path, _Files]]:
    """Folders of the groups around this process; in a container its own path may not be there, but the root is."""
    try:
        lines = (proc / "self/cgroup").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        inner = Path(path.lstrip("/"))
        if not controllers:
            root, files = control_groups, _VERSION_2
        elif "memory" in controllers.split(","):
            root, files = control_groups / "memory", _VERSION_1
        else:
            continue
        for part in dict.fromkeys((inner, *inner.parents, Path())):
            yield root / part, files


def _of_group(folder: Path, files: _Files) -> Iterator[int]:
    limit, used = _number(folder / files.limit), _number(folder / files.used)
    if limit is None or used is None or limit >= _UNLIMITED:
        return
    try:
        stated = (folder / "memory.stat").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        stated = []
    # Pages of files are given back when somebody asks for memory.
    reclaimable = sum(int(line.split()[1]) for line in stated if line.split()[:1] == [files.reclaimable])
    yield max(0, limit - used + reclaimable)


def _number(file: Path) -> int | None:
    """The number in a file; None where there is no file, or it says `max`."""
    try:
        text = file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
