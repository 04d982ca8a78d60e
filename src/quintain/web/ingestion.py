"""From a source of any size to its pages: shards in, one output file per shard, groups of duplicates, pages out.

`ingest_batch` is the whole computation, from pages as they came to records and signatures; the engines only decide
which process calls it. A shard that is complete is never done again, so a run that was killed goes on where it stood,
on either engine. The profile `two_pass` goes over the shards once more, see `second_pass`.
"""

import dataclasses
import functools
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np

from quintain import records
from quintain.errors import RecordError
from quintain.records import SHOWN_CHARACTERS, Dropped, RawPage, WebPage, content_id
from quintain.text.streams import Stream
from quintain.web.engines import TRIES, Work, local, ray_data
from quintain.web.extraction import extract
from quintain.web.groups import Groups, group_pages
from quintain.web.hub import HubSource
from quintain.web.ingestion_params import IngestionParams, Profile
from quintain.web.page_limits import PageLimits
from quintain.web.profiles import passes, require_libraries
from quintain.web.second_pass import Rereading, survivors
from quintain.web.shard_store import BATCH_PAGES, Batch, ShardStore, signed
from quintain.web.shards import Shard, cut
from quintain.web.sources import PageSource

T = TypeVar("T", bound=WebPage | Dropped)

_MIB = 1 << 20
_LIBRARIES = ("fastwarc", "lingua-language-detector", "lxml", "rensa", "resiliparse", "trafilatura", "warcio")


class Ingested(Stream[WebPage | Dropped]):
    """Outcomes of all pages of a source, read from the shards each time it is iterated.

    Args:
        store: Where the shards lie.
        names: Their names, in order.
        groups: The group of each page.
        again: The same of the second pass, if there was one.
    """

    def __init__(
        self, store: ShardStore, names: Sequence[str], groups: Groups, again: "Ingested | None" = None
    ) -> None:
        self._store, self._names, self._groups, self._again = store, names, groups, again

    def __iter__(self) -> Iterator[WebPage | Dropped]:
        records = without_duplicates(self._store, self._names, self._groups)
        return records if self._again is None else _replaced(records, iter(self._again))

    @property
    def pages(self) -> "OfKind[WebPage]":
        """Those that were kept."""
        return OfKind(self, WebPage)

    @property
    def dropped(self) -> "OfKind[Dropped]":
        """Those that were not, with their reasons."""
        return OfKind(self, Dropped)


class OfKind(Stream[T]):
    """The records of one class among what became of a source.

    Args:
        ingested: What became of it.
        kind: The class.
    """

    def __init__(self, ingested: Ingested, kind: type[T]) -> None:
        self._ingested, self._kind = ingested, kind

    def __iter__(self) -> Iterator[T]:
        return (record for record in self._ingested if isinstance(record, self._kind))


def ingest(source: PageSource | HubSource, limits: PageLimits, params: IngestionParams) -> Ingested:
    """Ingest pages: main text, language, filters, duplicates. Memory does not grow with the source.

    Args:
        source: Where the pages lie.
        limits: What a page must keep to.
        params: Profile, engine, workers, duplicates.

    Returns:
        One record per page that was read, in the order of the source: a page with a text of its own, or a drop. They
        stay in the shards and can be read again and again.

    Raises:
        ConfigError: The profile needs a library, or the engine Ray, that is not installed.
        RecordError: The source cannot be read, the disk refused, a shard kills its workers, or none is completed for a
            long time.
    """
    require_libraries(params.profile)
    first, second = passes(params.profile)
    store = ShardStore(Path(params.folder) / recipe(limits, first))
    shards = cut(source, max(1, int(params.shard_mib * _MIB)))
    names = [shard.name for shard in shards]
    groups = _work_and_group(shards, store, ShardWork(store, limits, first), params)
    if second is None:
        return Ingested(store, names, groups)
    # Its outputs have a folder of their own: those of the first pass are the same as in a run of that profile alone.
    again = ShardStore(Path(params.folder) / recipe(limits, params.profile))
    kept = survivors(shards, store, groups)
    later = _work_and_group(kept, again, Rereading(again, store, first, second, limits), params)
    return Ingested(store, names, groups, Ingested(again, [shard.name for shard in kept], later))


def _work_and_group(shards: Sequence[Shard], store: ShardStore, work: Work, params: IngestionParams) -> Groups:
    work_through(shards, store, work, params)
    return group_pages(store, [shard.name for shard in shards], params.duplicate_similarity)


def _replaced(records: Iterable[WebPage | Dropped], pages: Iterator[WebPage | Dropped]) -> Iterator[WebPage | Dropped]:
    """Put what the second pass made of each page in the place of the page."""
    for record in records:
        yield record if isinstance(record, Dropped) else next(pages)


def work_through(shards: Sequence[Shard], store: ShardStore, work: Work, params: IngestionParams) -> None:
    """Make the outputs of all shards that are not complete yet.

    Args:
        shards: The shards.
        store: Where outputs and marks lie.
        work: What makes the output of a shard.
        params: Engine and workers.

    Raises:
        RecordError: A shard kills its workers, or the disk refused; all other outputs stay.
    """
    open_shards = [shard for shard in shards if not store.is_complete(shard.name)]
    if not open_shards:
        return
    store.clear()
    if params.engine == "ray":
        crashed = ray_data.run(work, open_shards, params.workers, params.stall_seconds, params.address)
    else:
        crashed = local.run(work, open_shards, params.workers, params.stall_seconds)
    if crashed:
        raise RecordError(
            f"{len(crashed)} of {len(shards)} shards ended their worker {TRIES} times, by a crash or for want of "
            f"memory: {'; '.join(map(str, crashed))}. The others are complete and stay. Lower "
            "synthesis.extraction.max_bytes or ingestion.workers, or take the file out, and run the same command"
        )


@dataclass(frozen=True)
class ShardWork:
    """Work of the first pass on a shard."""

    store: ShardStore
    """Where outputs and marks lie."""
    limits: PageLimits
    """What a page must keep to."""
    profile: Profile
    """Which extractor reads it: `quality` or `bulk`."""

    def __call__(self, shard: Shard) -> None:
        """Stream a shard's pages through `ingest_batch` into its output."""
        self.store.write(shard.name, _batches(shard.pages(self.profile), self.limits, self.profile))


def _batches(pages: Iterator[RawPage | Dropped], limits: PageLimits, profile: Profile) -> Iterator[Batch]:
    while (batch := ingest_batch(islice(pages, BATCH_PAGES), limits, profile)).records:
        yield batch


def ingest_batch(raw_pages: Iterable[RawPage | Dropped], limits: PageLimits, profile: Profile = "quality") -> Batch:
    """Ingest some pages: the one function that every engine runs. It holds one raw page at a time.

    Args:
        raw_pages: Pages as they came, and what the reader could not read.
        limits: What a page must keep to.
        profile: Which extractor reads them.

    Returns:
        One record per page, and the signatures of those worth keeping.
    """
    return signed([raw if isinstance(raw, Dropped) else extract(raw, limits, profile) for raw in raw_pages])


def without_duplicates(store: ShardStore, names: Sequence[str], groups: Groups) -> Iterator[WebPage | Dropped]:
    """Read what became of all shards, with every page but the first of its group as a drop.

    Args:
        store: Where the shards lie.
        names: Names of the shards, in order.
        groups: The group of each page.

    Yields:
        Records in the order of the source.
    """
    url_of = _urls_of_firsts(store, names, groups)
    number = 0
    for name in names:
        for record in store.read(name):
            if isinstance(record, Dropped):
                yield record
                continue
            first = int(groups.first[number])
            yield record if first == number else _duplicate(record, url_of[first], equal=bool(groups.equal[number]))
            number += 1


def _urls_of_firsts(store: ShardStore, names: Sequence[str], groups: Groups) -> dict[int, str]:
    """Addresses of the pages that others repeat."""
    wanted = set(groups.first[groups.first != np.arange(len(groups.first))].tolist())
    if not wanted:
        return {}
    urls = (url for name in names for url in store.urls(name))
    return {number: url for number, url in enumerate(urls) if number in wanted}


def _duplicate(page: WebPage, first_url: str, *, equal: bool) -> Dropped:
    said = f"{'the same' if equal else 'nearly the same'} text as {first_url}: {page.text}"[:SHOWN_CHARACTERS]
    where = " ".join(filter(None, (page.url, page.origin.knobs.get("source", ""))))
    return Dropped(stage="duplicates", reason="equal-text" if equal else "near-duplicate", where=where, text=said)


@functools.cache
def recipe(limits: PageLimits, profile: Profile) -> str:
    """Hash of all that decides what becomes of a shard: limits, profile, this code, and the libraries under it.

    Args:
        limits: What a page must keep to.
        profile: Which extractor reads it.

    Returns:
        Name of the folder for shards that were made so; outputs of other code, limits or profiles are never mixed with
        them.
    """
    code = hashlib.sha256()
    for path in [*sorted(Path(__file__).parent.rglob("*.py")), Path(records.__file__)]:
        code.update(path.read_bytes())
    libraries = {name: _version(name) for name in _LIBRARIES}
    return content_id("ingestion", dataclasses.asdict(limits), profile, libraries, code.hexdigest())


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:  # some are extras
        return ""
