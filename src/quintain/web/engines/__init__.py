"""Engines that work through the shards: processes of this machine, or a Ray cluster.

An engine is a function that calls the work on every shard and gives back those whose workers died at every try. It
decides where and when, never what comes out: the work writes its own output.
"""

from collections.abc import Callable, Sequence

from quintain.errors import RecordError
from quintain.web.shards import Shard

Work = Callable[[Shard], None]

TRIES = 3
"""How often a shard is begun before its name is reported."""


def stalled(seconds: float, shards: Sequence[Shard], hint: str) -> RecordError:
    """Say that nothing has come to an end for too long."""
    some = "; ".join(map(str, shards[:5])) + (f"; and {len(shards) - 5} more" if len(shards) > 5 else "")
    return RecordError(
        f"no shard was completed within {seconds:g} seconds (ingestion.stall_seconds); waiting for: {some}. {hint}"
    )
