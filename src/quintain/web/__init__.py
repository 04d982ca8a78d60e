"""Pages in: reading WARC, HTML and JSONL, main text, quality filters, near-duplicates.

Works without Kedro, MLflow and torch; each function loads its library when it is first asked for.

>>> from quintain import web
>>> web.main_text("<html><body><p>Ten ships lay in the harbour.</p></body></html>")
'Ten ships lay in the harbour.'
>>> web.near_duplicates(["One two three.", "Four five six.", "one, two, three"])
[0, 1, 0]
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quintain.web.counts import PAGE_STAGES as PAGE_STAGES
    from quintain.web.counts import funnel as funnel
    from quintain.web.duplicates import near_duplicates as near_duplicates
    from quintain.web.extraction import extract as extract
    from quintain.web.extraction import extract_pages as extract_pages
    from quintain.web.ingestion import ingest as ingest
    from quintain.web.ingestion_params import IngestionParams as IngestionParams
    from quintain.web.profiles import main_text as main_text
    from quintain.web.quality import PageLimits as PageLimits
    from quintain.web.sources import PageSource as PageSource
    from quintain.web.sources import read_pages as read_pages
    from quintain.web.warc import write_warc as write_warc

_HOME = {
    "IngestionParams": "ingestion_params",
    "PAGE_STAGES": "counts",
    "PageLimits": "quality",
    "PageSource": "sources",
    "extract": "extraction",
    "extract_pages": "extraction",
    "funnel": "counts",
    "ingest": "ingestion",
    "main_text": "profiles",
    "near_duplicates": "duplicates",
    "read_pages": "sources",
    "write_warc": "warc",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
