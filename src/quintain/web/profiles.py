"""The main text of a page, without navigation, footers and comments, by one of three profiles.

`quality` is trafilatura's fast mode. `bulk` is resiliparse, an order of magnitude faster and a little less clean.
`two_pass` judges a page by its bulk text and takes the quality text of those that pass.
"""

import importlib
import logging
from copy import deepcopy
from dataclasses import asdict, dataclass
from typing import Any, get_args

import lxml.etree
import trafilatura
from lxml.html import HtmlElement
from trafilatura.settings import DEFAULT_CONFIG, Extractor

from quintain.text.surrogates import without_surrogates
from quintain.web import markup, page_process
from quintain.web.encoding import decode
from quintain.web.ingestion_params import Profile
from quintain.web.markup import About
from quintain.web.overload import is_suspect, overload
from quintain.web.page_limits import MAX_BYTES

_log = logging.getLogger(__name__)
# It logs an error for every page without text; here such a page is a counted drop.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

_CONFIG = deepcopy(DEFAULT_CONFIG)
# Below this many characters trafilatura doubts its own result and takes nearly the whole page, menus included. Its
# default of 250 does that to short pages that are read well; from 150 down to 0 no long page loses recall by it.
_CONFIG.set("DEFAULT", "MIN_EXTRACTED_SIZE", "50")
_QUALITY = Extractor(config=_CONFIG, output_format="txt", fast=True, comments=False)


class UnreadableHtmlError(ValueError):
    """The markup would break or stall the parser, or broke the extractor; `reason` is the word for the funnel."""

    def __init__(self, reason: str, said: str) -> None:
        super().__init__(said)
        self.reason = reason


@dataclass(frozen=True)
class PageReading:
    """Main text and metadata read out of a page."""

    text: str
    """Main text, empty when nothing is worth keeping."""
    about: About
    """What the page says about itself."""


def main_text(html: bytes | str, profile: Profile = "quality") -> str:
    """Take the main text out of a page.

    Args:
        html: The page. Bytes may be in any character set; broken ones do no harm.
        profile: `quality` is trafilatura's fast mode; `bulk` is resiliparse, an order of magnitude faster (pip install
            'quintain[bulk]'); `two_pass` is the quality text of pages in which bulk finds any.

    Returns:
        Paragraphs separated by newlines; '' when nothing is worth keeping, the markup is unreadable or would take a
        parser minutes, or the page is over 5 MB (a warning in the log says which).

    Raises:
        ValueError: There is no such profile.
        ConfigError: The profile needs a library that is not installed.

    >>> main_text("<nav><a href='/'>Home</a></nav><p>Ten ships lay in the harbour, all of them laden with salt.</p>")
    'Ten ships lay in the harbour, all of them laden with salt.'
    """
    first, second = passes(profile)
    if len(html) > MAX_BYTES:
        _log.warning("refused a page of %s bytes; the limit of main_text is %s", f"{len(html):,}", f"{MAX_BYTES:,}")
        return ""
    try:
        text = _text(html, first)
        return _text(html, second) if text and second else text
    except UnreadableHtmlError as error:
        _log.warning("%s", error)
        return ""


def passes(profile: Profile) -> tuple[Profile, Profile | None]:
    """The profile by which a page is judged, and the one that reads those worth keeping once more, if any.

    Args:
        profile: The profile.

    Returns:
        The two profiles, the second None where one pass is all.

    Raises:
        ValueError: There is no such profile.
    """
    if profile not in get_args(Profile):
        raise ValueError(f"there is no profile {profile!r}; there are {', '.join(get_args(Profile))}")
    return ("bulk", "quality") if profile == "two_pass" else (profile, None)


def require_libraries(profile: Profile) -> None:
    """Load what a profile needs, so that a missing library is known before any work is begun.

    Args:
        profile: The profile.

    Raises:
        ConfigError: A library is not installed.
        ValueError: There is no such profile.
    """
    if "bulk" in passes(profile):
        importlib.import_module("quintain.web.bulk")
        importlib.import_module("quintain.web.warc_fast")


def read_page(html: bytes | str, charset: str, profile: Profile) -> PageReading:
    """Read main text, title, language and licence in one parse.

    Args:
        html: The page.
        charset: Character set of the HTTP header, for bytes.
        profile: `quality` or `bulk`.

    Returns:
        What was found; empty where there is nothing.

    Raises:
        UnreadableHtmlError: The markup would stall the parser, took it longer than `PAGE_SECONDS`, or broke it.
        ConfigError: The profile needs a library that is not installed.
    """
    if page_process.is_wanted(html):
        require_libraries(profile)
        found = _asked("page", html, profile, charset)
        return PageReading(found["text"], About(**found["about"]))
    return _read_here(html, charset, profile)


def answer(job: str, html: bytes | str, profile: Profile, charset: str) -> dict[str, Any]:
    """Answer what `page_process` was asked about a page, in that process.

    Args:
        job: `page` for text and metadata, `text` for the text alone.
        html: The page.
        profile: `quality` or `bulk`.
        charset: Character set of the HTTP header, for bytes.

    Returns:
        The fields of a reading, or `reason` and `said` of a page that cannot be read; JSON-able.
    """
    try:
        if job == "text":
            return {"text": _TEXT_OF[profile](_markup(html, profile))}
        return asdict(_read_here(html, charset, profile))
    except UnreadableHtmlError as error:
        return {"reason": error.reason, "said": str(error)}


def _asked(job: str, html: bytes | str, profile: Profile, charset: str = "") -> dict[str, Any]:
    try:
        found = page_process.ask(job, html, profile, charset)
    except page_process.PageLostError as error:
        raise UnreadableHtmlError(error.reason, str(error)) from None
    if "reason" in found:
        raise UnreadableHtmlError(found["reason"], found["said"])
    return found


def _text(html: bytes | str, profile: Profile) -> str:
    if page_process.is_wanted(html):
        require_libraries(profile)
        return str(_asked("text", html, profile)["text"])
    return _TEXT_OF[profile](_markup(html, profile))


def _read_here(html: bytes | str, charset: str, profile: Profile) -> PageReading:
    text = _markup(html, profile, charset)
    if profile == "bulk":
        from quintain.web import bulk

        parsed = bulk.parse(text)
        return PageReading(bulk.text_of(parsed), bulk.about(parsed))
    tree = trafilatura.load_html(text)
    return PageReading("", About()) if tree is None else PageReading(_quality_text(tree), markup.about(tree))


def _markup(html: bytes | str, profile: Profile, charset: str = "") -> str:
    """Decode a page and refuse what no parser should see."""
    text = decode(html, charset) if isinstance(html, bytes) else html
    text = text.lstrip("\ufeff\x00 \t\r\n")
    said = overload(text) if profile == "quality" or is_suspect(text) else ""
    if said:
        raise UnreadableHtmlError("overload", f"a page was not parsed: {said}")
    if profile == "bulk":
        return text
    if isinstance(html, str):
        text = without_surrogates(text)
    # Without a word of HTML at the start, trafilatura takes a fragment for something else and refuses it.
    return text if "html" in text[:50].lower() else f"<!DOCTYPE html>\n{text}"


def _quality_text(page: str | HtmlElement) -> str:
    try:
        return (trafilatura.extract(page, options=_QUALITY) or "").strip()
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, lxml.etree.LxmlError) as error:
        # Hostile markup finds paths through the extractor that its authors did not; none may end a run.
        raise UnreadableHtmlError(
            "unreadable", f"trafilatura broke on a page: {type(error).__name__}: {error}"
        ) from error


def _bulk_text(page: str) -> str:
    from quintain.web import bulk

    return bulk.text_of(bulk.parse(page))


_TEXT_OF = {"quality": _quality_text, "bulk": _bulk_text}
