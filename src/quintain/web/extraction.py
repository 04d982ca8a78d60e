"""From a page as it came to a page worth keeping, or to the reason why not."""

from collections.abc import Iterable

from quintain.records import Dropped, Origin, RawPage, WebPage
from quintain.web import markup
from quintain.web.profiles import UnreadableHtmlError, parse, text_of
from quintain.web.quality import PageLimits, fault

_SHOWN_CHARACTERS = 2000


def extract(raw: RawPage, limits: PageLimits) -> WebPage | Dropped:
    """Read one page: main text, title, language, licence, and whether it is worth keeping.

    Args:
        raw: The page as it came.
        limits: What it must keep to.

    Returns:
        The page, or why it was dropped.
    """
    where = f"{raw.url} ({raw.where})" if raw.where else raw.url
    if len(raw.html) > limits.max_bytes:
        said = f"{len(raw.html):,} bytes, the limit max_bytes is {limits.max_bytes:,}"
        return Dropped(stage="read", reason="too-large", where=where, text=said)
    try:
        tree = parse(raw.html, raw.charset)
        text = "" if tree is None else text_of(tree)
    except UnreadableHtmlError as error:
        return Dropped(stage="main-text", reason="unreadable", where=where, text=str(error))
    if tree is None or not text:
        return Dropped(stage="main-text", reason="no-text", where=where)
    page = WebPage(
        url=raw.url,
        text=text,
        title=markup.title(tree),
        language=markup.language(tree),
        licence=markup.licence(tree),
        origin=Origin(knobs={"source": raw.where} if raw.where else {}),
    )
    reason = fault(text, page.language, limits)
    if reason:
        return Dropped(stage="quality", reason=reason, where=where, text=text[:_SHOWN_CHARACTERS])
    return page


def extract_pages(raw_pages: Iterable[RawPage | Dropped], limits: PageLimits) -> tuple[list[WebPage], list[Dropped]]:
    """Read many pages; what could not be read arrives as dropped and stays so.

    Args:
        raw_pages: Pages as they came, and what the reader could not read.
        limits: What a page must keep to.

    Returns:
        Pages with distinct texts, and everything dropped with its reason; together as many as came in.
    """
    pages: dict[str, WebPage] = {}
    dropped: list[Dropped] = []
    for raw in raw_pages:
        page = raw if isinstance(raw, Dropped) else extract(raw, limits)
        if isinstance(page, Dropped):
            dropped.append(page)
        elif page.text in pages:
            dropped.append(_duplicate(page, pages[page.text]))
        else:
            pages[page.text] = page
    return list(pages.values()), dropped


def _duplicate(page: WebPage, first: WebPage) -> Dropped:
    said = f"the same text as {first.url}: {page.text}"[:_SHOWN_CHARACTERS]
    where = " ".join(filter(None, (page.url, page.origin.knobs.get("source", ""))))
    return Dropped(stage="duplicates", reason="equal-text", where=where, text=said)
