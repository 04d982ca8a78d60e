"""Pages in: reading WARC, HTML, text and tables, main text, quality filters, near-duplicates.

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
    from quintain.text.web_archive import write_warc as write_warc
    from quintain.web.columns import Columns as Columns
    from quintain.web.counts import PAGE_STAGES as PAGE_STAGES
    from quintain.web.counts import funnel as funnel
    from quintain.web.duplicates import near_duplicates as near_duplicates
    from quintain.web.extraction import extract as extract
    from quintain.web.extraction import extract_pages as extract_pages
    from quintain.web.hub import HubSource as HubSource
    from quintain.web.hub import read_hub as read_hub
    from quintain.web.ingestion import ingest as ingest
    from quintain.web.ingestion_params import IngestionParams as IngestionParams
    from quintain.web.page_limits import PageLimits as PageLimits
    from quintain.web.profiles import main_text as main_text
    from quintain.web.sources import PageSource as PageSource
    from quintain.web.sources import read_pages as read_pages

_HOME = {
    "Columns": "quintain.web.columns",
    "HubSource": "quintain.web.hub",
    "IngestionParams": "quintain.web.ingestion_params",
    "PAGE_STAGES": "quintain.web.counts",
    "PageLimits": "quintain.web.page_limits",
    "PageSource": "quintain.web.sources",
    "extract": "quintain.web.extraction",
    "extract_pages": "quintain.web.extraction",
    "funnel": "quintain.web.counts",
    "ingest": "quintain.web.ingestion",
    "main_text": "quintain.web.profiles",
    "near_duplicates": "quintain.web.duplicates",
    "read_hub": "quintain.web.hub",
    "read_pages": "quintain.web.sources",
    "write_warc": "quintain.text.web_archive",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
