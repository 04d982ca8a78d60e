"""The bulk profile: main text and markup by resiliparse, eleven times as fast as trafilatura's default.

Resiliparse has one author and no promise; nothing outside this file and `language` imports it.
"""

from typing import TYPE_CHECKING

from quintain.errors import ConfigError
from quintain.text.surrogates import without_surrogates
from quintain.web.markup import About, language_code

try:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree
except ImportError as error:
    raise ConfigError("the profiles bulk and two_pass need resiliparse: pip install 'quintain[bulk]'") from error

if TYPE_CHECKING:
    from resiliparse.parse.html.node import DocumentNode

_TITLE = 'meta[property="og:title"]'
_LANGUAGE = 'meta[http-equiv="content-language" i], meta[property="og:locale"]'
_LICENCE = 'link[rel="license"], a[rel~="license"]'


def parse(markup: str) -> HTMLTree:
    """Parse a page or a fragment."""
    try:
        return HTMLTree.parse(markup)
    except UnicodeEncodeError:
        # Looking for halves of characters in every page would cost as much as a third of reading it.
        return HTMLTree.parse(without_surrogates(markup))


def text_of(tree: HTMLTree) -> str:
    """Take the main text out of a page.

    Comments, image descriptions, forms, noscript parts and bylines are no main text; bylines alone cost 0.006 of F1
    on the real pages.
    """
    text = extract_plain_text(
        tree, main_content=True, comments=False, alt_texts=False, form_fields=False, noscript=False, post_meta=False
    )
    return text.replace("\x00", "").strip()


def about(tree: HTMLTree) -> About:
    """Read title, language and licence of a page."""
    document = tree.document
    if document is None:
        return About()
    root = document.document_element
    named = root.get_attribute("lang", "") if root else ""
    return About(
        title=" ".join((_attribute(document, _TITLE, "content") or tree.title or "").split()),
        language=language_code(named or _attribute(document, _LANGUAGE, "content")),
        licence=_attribute(document, _LICENCE, "href"),
    )


def _attribute(document: "DocumentNode", selector: str, name: str) -> str:
    element = document.query_selector(selector)
    return (element.get_attribute(name, "") or "").strip() if element else ""
