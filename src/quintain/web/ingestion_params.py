"""The settings of ingestion; apart from it, so that reading a configuration loads no library."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from quintain.fields import Natural, Positive, check

Profile = Literal["quality", "bulk", "two_pass"]
"""How main text is read; `quintain.web.profiles` says what each is."""


@dataclass(frozen=True, kw_only=True)
class IngestionParams:
    """Settings of ingestion; only `profile` and `duplicate_similarity` change what comes out.

    Raises:
        ValueError: A setting is out of range.
    """

    profile: Profile = "quality"
    """What reads main text: trafilatura, or resiliparse (`bulk`), or trafilatura for what resiliparse's text lets pass
    (`two_pass`)."""
    engine: Literal["local", "ray"] = "local"
    """Processes of this machine, or a Ray cluster."""
    workers: Natural = 0
    """Most shards at once; 0 for one per core."""
    address: str = ""
    """Address of the Ray cluster; empty for one on this machine."""
    shard_mib: Positive = 64.0
    """Size of a shard, in MiB of the files as they lie on disk."""
    duplicate_similarity: Annotated[float, Meta(gt=0, le=1)] = 0.7
    """Least Jaccard similarity of near-duplicates, of which the first stays; at 1 only equal texts count."""
    stall_seconds: Positive = 900.0
    """Longest wait for a shard before the run gives up."""
    folder: str = "scratch/ingestion"
    """Where the outputs of shards lie; on a cluster, a path that all machines share."""

    def __post_init__(self) -> None:
        check(self)
        if self.address and self.engine != "ray":
            raise ValueError(f"address is {self.address!r}, but engine is {self.engine}; an address needs engine: ray")
