"""The main text of a page, without navigation, footers and comments."""

import logging
import re
from copy import deepcopy
from typing import Literal, get_args

import lxml.etree
import trafilatura
from lxml.html import HtmlElement
from trafilatura.settings import DEFAULT_CONFIG, Extractor

from quintain.web.encoding import decode
from quintain.web.quality import MAX_BYTES

Profile = Literal["quality", "bulk"]

_log = logging.getLogger(__name__)
# It logs an error for every page without text; here such a page is a counted drop.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

_SURROGATES = re.compile("[\ud800-\udfff]")

_CONFIG = deepcopy(DEFAULT_CONFIG)
# Below this many characters trafilatura doubts its own result and takes nearly the whole page, menus included. Its
# default of 250 does that to short pages that are read well; from 150 down to 0 no long page loses recall by it.
_CONFIG.set("DEFAULT", "MIN_EXTRACTED_SIZE", "50")
_QUALITY = Extractor(config=_CONFIG, output_format="txt", fast=True, comments=False)


class UnreadableHtmlError(ValueError):
    """The markup broke the parser or the extractor."""


def main_text(html: bytes | str, profile: Profile = "quality") -> str:
    """Take the main text out of a page.

    Args:
        html: The page. Bytes may be in any character set; broken ones do no harm.
        profile: `quality` is trafilatura's fast mode. `bulk`, an order of magnitude faster, is not built yet.

    Returns:
        Paragraphs separated by newlines; '' when nothing is worth keeping, the markup is unreadable, or the page is
        over 5 MB (a warning in the log says which).

    Raises:
        ValueError: There is no such profile.

    >>> main_text("<nav><a href='/'>Home</a></nav><p>Ten ships lay in the harbour, all of them laden with salt.</p>")
    'Ten ships lay in the harbour, all of them laden with salt.'
    """
    if profile == "bulk":
        raise ValueError("profile 'bulk' is not available in this version of quintain; use 'quality'")
    if profile not in get_args(Profile):
        raise ValueError(f"there is no profile {profile!r}; there are {', '.join(get_args(Profile))}")
    if len(html) > MAX_BYTES:
        _log.warning("refused a page of %s bytes; the limit of main_text is %s", f"{len(html):,}", f"{MAX_BYTES:,}")
        return ""
    try:
        return text_of(_markup(html))
    except UnreadableHtmlError as error:
        _log.warning("%s", error)
        return ""


def parse(html: bytes | str, charset: str = "") -> HtmlElement | None:
    """Parse a page or a fragment; None when there is no markup and no text.

    Args:
        html: The page.
        charset: Character set of the HTTP header, for bytes.

    Returns:
        The root element, or None.
    """
    return trafilatura.load_html(_markup(html, charset))


def _markup(html: bytes | str, charset: str = "") -> str:
    text = decode(html, charset) if isinstance(html, bytes) else _SURROGATES.sub("", html)
    text = text.lstrip("\ufeff\x00 \t\r\n")
    # Without a word of HTML at the start, trafilatura takes a fragment for something else and refuses it.
    return text if "html" in text[:50].lower() else f"<!DOCTYPE html>\n{text}"


def text_of(page: str | HtmlElement) -> str:
    """Take the main text out of a page.

    Args:
        page: Its markup, or, for a caller that reads more out of it, the parsed root, which stays as it is.

    Returns:
        Paragraphs separated by newlines; '' when nothing is worth keeping.

    Raises:
        UnreadableHtmlError: The extractor broke on the page.
    """
    try:
        return (trafilatura.extract(page, options=_QUALITY) or "").strip()
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, lxml.etree.LxmlError) as error:
        # Hostile markup finds paths through the extractor that its authors did not; none may end a run.
        raise UnreadableHtmlError(f"trafilatura broke on a page: {type(error).__name__}: {error}") from error
