"""Most memory that a process has held."""

import resource
import sys


def peak_mib() -> float:
    """Most memory that this process has held so far, in MiB; pages shared with others count in full."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
