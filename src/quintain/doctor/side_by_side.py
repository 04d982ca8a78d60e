"""Memory and cores for nodes side by side: what one process takes, and how many of them there is room for."""

from collections.abc import Iterator

from quintain.available_memory import available_memory
from quintain.doctor.finding import Finding, good, warning
from quintain.doctor.sizes import gib
from quintain.processors import ONE_BY_ONE, usable_cores


def processes_that_fit(process_bytes: int) -> Iterator[Finding]:
    """Say how many processes of a run there is room for.

    Args:
        process_bytes: Memory of the largest training, the libraries included; nothing is said of 0.

    Yields:
        Finding: A warning where memory has room for fewer than there are cores.
    """
    if not process_bytes:
        return
    left, cores = available_memory(), usable_cores()
    fitting = left.room_for(process_bytes, cores)
    said = (
        f"{gib(process_bytes)} each, by the largest training; {gib(left.size_bytes)} of memory left "
        f"({left.limited_by}): room for {fitting} on {cores} core{'s' * (cores != 1)}"
    )
    if fitting == cores:
        yield good("processes", f"{said}; {ONE_BY_ONE}" if cores == 1 else said)
        return
    slower = f"{ONE_BY_ONE}; " if fitting == 1 else ""
    size = f"--runner-params process_gib={process_bytes / (1 << 30):.1f}"
    yield warning("processes", said, f"{slower}BranchRunner starts no more than that with {size}")
