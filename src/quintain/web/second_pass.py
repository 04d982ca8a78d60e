"""The second of two passes: the pages that filters and duplicates left are read once more, by the better extractor.

Like the first it goes shard by shard on either engine, with an output and a mark for each. The name of an output names
the pages in it too, so another threshold, or a source in which others are the first of their group, never meets it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import cast

import numpy as np

from quintain.errors import RecordError
from quintain.records import RawPage, WebPage, content_id
from quintain.web.extraction import reread
from quintain.web.groups import Groups
from quintain.web.ingestion_params import Profile
from quintain.web.page_limits import PageLimits
from quintain.web.shard_store import BATCH_PAGES, Batch, ShardStore, signed
from quintain.web.shards import Shard


@dataclass(frozen=True)
class Survivors(Shard):
    """A shard of which some pages are read once more."""

    first_name: str = ""
    """What the shard was called in the first pass."""
    stays: tuple[bool, ...] = ()
    """Of each page that the filters kept, whether it is the first of its group."""


def survivors(shards: Sequence[Shard], store: ShardStore, groups: Groups) -> list[Survivors]:
    """Find the shards with pages to read once more.

    Args:
        shards: All shards, in order.
        store: Outputs of the first pass.
        groups: The group of each page.

    Returns:
        Those with a page that stays, in order.
    """
    stays = groups.first == np.arange(len(groups.first))
    found: list[Survivors] = []
    start = 0
    for shard in shards:
        stop = start + sum(store.pages_per_group(shard.name))
        part = stays[start:stop].tolist()
        if any(part):
            renamed = vars(shard) | {"name": f"{shard.name}-{content_id(part)}"}
            found.append(Survivors(**renamed, first_name=shard.name, stays=tuple(part)))
        start = stop
    return found


@dataclass(frozen=True)
class Rereading:
    """Work of the second pass on a shard."""

    store: ShardStore
    """Where outputs and marks lie."""
    first_store: ShardStore
    """Where those of the first pass lie."""
    first_profile: Profile
    """Which profile the first pass had; its archive reader is used again."""
    profile: Profile
    """Which extractor reads the pages."""
    limits: PageLimits
    """What becomes of personal data in the better text."""

    def __call__(self, shard: Shard) -> None:
        """Stream what becomes of a shard's survivors into its output; its other pages are passed over."""
        self.store.write(shard.name, self._batches(cast("Survivors", shard)))

    def _batches(self, shard: Survivors) -> Iterator[Batch]:
        again = (reread(raw, page, self.profile, self.limits) for raw, page in self._survivors(shard))
        while (batch := signed(list(islice(again, BATCH_PAGES)))).records:
            yield batch

    def _survivors(self, shard: Survivors) -> Iterator[tuple[RawPage, WebPage]]:
        """Pages that stay, as they came and as the first pass read them."""
        stays = iter(shard.stays)
        for raw, found in zip_longest(shard.pages(self.first_profile), self.first_store.read(shard.first_name)):
            if isinstance(found, WebPage) and next(stays):
                if not isinstance(raw, RawPage) or raw.url != found.url:
                    raise RecordError(f"{shard} changed while it was ingested; run the same command again")
                yield raw, found
