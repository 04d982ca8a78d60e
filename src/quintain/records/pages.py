"""Pages of the web: as they came, and their main text."""

from dataclasses import dataclass

from quintain.records.record import Record


@dataclass(frozen=True, kw_only=True)
class RawPage:
    """One page as it came from the web, before anything was read out of it."""

    url: str
    """Address the page was fetched from."""
    html: bytes
    """Body of the response, undecoded."""
    charset: str = ""
    """Character set named by the HTTP header, empty when it names none."""
    where: str = ""
    """File and position it was read from, for messages about broken pages."""
    is_text: bool = False
    """Whether `html` holds the main text already, such as that of a WET record or a Markdown file, and no markup."""
    title: str = ""
    """Title that stands beside the page, such as in a column; empty where there is none."""
    language: str = ""
    """ISO 639-1 code that stands beside the page."""
    licence: str = ""
    """Licence that stands beside the page."""


@dataclass(frozen=True, kw_only=True)
class WebPage(Record):
    """The main text of one web page."""

    url: str
    """Address the page was fetched from."""
    text: str
    """Main text; paragraphs separated by newlines, no navigation or footer."""
    title: str = ""
    """Title of the page, empty when it has none."""
    language: str = ""
    """ISO 639-1 code from the page's markup, empty when it gives none."""
    licence: str = ""
    """Licence named by the page or its source, empty when unknown."""
