"""From a page as it came to a page worth keeping, or to the reason why not."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from quintain.records import SHOWN_CHARACTERS, Dropped, Origin, RawPage, WebPage
from quintain.text.licences import is_allowed
from quintain.text.personal_data import find_personal, masked
from quintain.web.ingestion_params import Profile
from quintain.web.language import language_of
from quintain.web.markup import About
from quintain.web.page_limits import PageLimits
from quintain.web.plain_text import read_text
from quintain.web.profiles import PageReading, UnreadableHtmlError, passes, read_page
from quintain.web.quality import fault

MASKED = "masked"
"""Knob of a page's origin: which personal data was masked, and how often, as `card: 1, mail: 2`."""


def extract(raw: RawPage, limits: PageLimits, profile: Profile = "quality") -> WebPage | Dropped:
    """Read one page: main text, title, language, licence, and whether it is worth keeping.

    Args:
        raw: The page as it came.
        limits: What it must keep to.
        profile: Which extractor reads it; `two_pass` judges the bulk text and gives the quality text.

    Returns:
        The page, or why it was dropped.

    Raises:
        ConfigError: The profile needs a library that is not installed.
        ValueError: There is no such profile.
    """
    first, second = passes(profile)
    page = _judge(raw, limits, first)
    return page if second is None or isinstance(page, Dropped) else reread(raw, page, second, limits)


def reread(
    raw: RawPage, page: WebPage, profile: Profile = "quality", limits: PageLimits | None = None
) -> WebPage | Dropped:
    """Read the main text of a page once more: the second of two passes, for pages that the first one kept.

    Args:
        raw: The page as it came.
        page: What the first pass made of it.
        profile: `quality` or `bulk`.
        limits: What becomes of personal data; nothing when left out.

    Returns:
        The page with the text of the second pass; a drop when that finds none.
    """
    if raw.is_text:
        return page
    try:
        text = read_page(raw.html, raw.charset, profile).text
    except UnreadableHtmlError as error:
        return Dropped(stage="main-text", reason=error.reason, where=_where(raw), text=str(error))
    if not text:
        return Dropped(stage="main-text", reason="no-text", where=_where(raw))
    return _without_personal_data(replace(page, id="", text=text), limits, _where(raw))


def _judge(raw: RawPage, limits: PageLimits, profile: Profile) -> WebPage | Dropped:
    where = _where(raw)
    if len(raw.html) > limits.max_bytes:
        said = f"{len(raw.html):,} bytes, the limit max_bytes is {limits.max_bytes:,}"
        return Dropped(stage="read", reason="too-large", where=where, text=said)
    try:
        reading = _reading(raw, profile)
    except UnreadableHtmlError as error:
        return Dropped(stage="main-text", reason=error.reason, where=where, text=str(error))
    if not reading.text:
        return Dropped(stage="main-text", reason="no-text", where=where)
    page = WebPage(
        url=raw.url,
        text=reading.text,
        title=raw.title or reading.about.title,
        language=language_of(reading.text, raw.language or reading.about.language),
        licence=raw.licence or reading.about.licence,
        origin=Origin(knobs={"source": raw.where} if raw.where else {}),
    )
    reason = fault(page.text, page.language, limits)
    if reason:
        return Dropped(stage="quality", reason=reason, where=where, text=_shown(page.text, limits))
    if not is_allowed(page.licence, limits.licences):
        reason, said = ("not-allowed", page.licence) if page.licence else ("not-stated", "no licence is stated")
        said = _shown(f"{said}: {page.text}", limits)
        return Dropped(stage="licence", reason=reason, where=where, text=said)
    return _without_personal_data(page, limits, where)


def _reading(raw: RawPage, profile: Profile) -> PageReading:
    if not raw.is_text:
        return read_page(raw.html, raw.charset, profile)
    found = read_text(raw)
    return PageReading(found.text, About(found.title, found.language, found.licence))


def _without_personal_data(page: WebPage, limits: PageLimits | None, where: str) -> WebPage | Dropped:
    """Drop a page with personal data, or mask it and note how often, or leave it, as the limits say."""
    if limits is None or limits.personal_data == "keep":
        return page
    in_text, in_title = (find_personal(part, limits.personal_kinds) for part in (page.text, page.title))
    if not in_text and not in_title:
        return page
    text = masked(page.text, in_text)
    if limits.personal_data == "drop":
        reason = (in_text or in_title)[0].kind
        return Dropped(stage="personal-data", reason=reason, where=where, text=text[:SHOWN_CHARACTERS])
    counts = Counter(one.kind for one in (*in_text, *in_title))
    knobs = page.origin.knobs | {MASKED: ", ".join(f"{kind}: {count}" for kind, count in sorted(counts.items()))}
    title = masked(page.title, in_title)
    return replace(page, id="", text=text, title=title, origin=replace(page.origin, knobs=knobs))


def _shown(text: str, limits: PageLimits) -> str:
    """The beginning of a dropped text, which is kept as well and so as much masked as any."""
    shown = text[:SHOWN_CHARACTERS]
    if limits.personal_data == "keep":
        return shown
    return masked(shown, find_personal(shown, limits.personal_kinds))


def _where(raw: RawPage) -> str:
    return f"{raw.url} ({raw.where})" if raw.where else raw.url


def extract_pages(
    raw_pages: Iterable[RawPage | Dropped], limits: PageLimits, profile: Profile = "quality"
) -> tuple[list[WebPage], list[Dropped]]:
    """Read many pages; what could not be read arrives as dropped and stays so.

    Args:
        raw_pages: Pages as they came, and what the reader could not read.
        limits: What a page must keep to.
        profile: Which extractor reads them; with `two_pass`, pages of equal bulk texts are read once.

    Returns:
        Pages with distinct texts, and everything dropped with its reason; together as many as came in.

    Raises:
        ConfigError: The profile needs a library that is not installed.
        ValueError: There is no such profile.
    """
    first_pass, second_pass = passes(profile)
    judged: dict[str, WebPage] = {}
    kept: dict[str, WebPage] = {}
    dropped: list[Dropped] = []
    for raw in raw_pages:
        page = raw if isinstance(raw, Dropped) else _judge(raw, limits, first_pass)
        if isinstance(page, WebPage) and isinstance(raw, RawPage) and second_pass:
            page = _once(page, judged)
            page = reread(raw, page, second_pass, limits) if isinstance(page, WebPage) else page
        if isinstance(page, WebPage):
            page = _once(page, kept)
        if isinstance(page, Dropped):
            dropped.append(page)
    return list(kept.values()), dropped


def _once(page: WebPage, seen: dict[str, WebPage]) -> WebPage | Dropped:
    first = seen.setdefault(page.text, page)
    return page if first is page else _duplicate(page, first)


def _duplicate(page: WebPage, first: WebPage) -> Dropped:
    said = f"the same text as {first.url}: {page.text}"[:SHOWN_CHARACTERS]
    where = " ".join(filter(None, (page.url, page.origin.knobs.get("source", ""))))
    return Dropped(stage="duplicates", reason="equal-text", where=where, text=said)


def masked_counts(pages: Iterable[WebPage]) -> dict[str, int]:
    """Count the personal data that was masked, by kind.

    Args:
        pages: The pages that were kept.

    Returns:
        Kind → how often; empty where nothing was masked.
    """
    counts: Counter[str] = Counter()
    for page in pages:
        for one in filter(None, page.origin.knobs.get(MASKED, "").split(", ")):
            kind, _, count = one.partition(": ")
            counts[kind] += int(count)
    return dict(sorted(counts.items()))
