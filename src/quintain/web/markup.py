"""What a page says about itself in its markup: title, language, licence."""

import re

from lxml.html import HtmlElement

_LANGUAGE = re.compile(r"\s*([a-zA-Z]{2})(?:[-_][\w-]*)?\s*(?:,.*)?")


def title(tree: HtmlElement) -> str:
    """Title of the page: of its Open Graph card, else its title element; '' when it has none.

    >>> from quintain.web.profiles import parse
    >>> title(parse("<html><head><title> A  walk </title></head><body><p>x</p></body></html>"))
    'A walk'
    """
    return _first(tree, '//meta[@property="og:title"]/@content', "string(//head/title)", "string(//title)")


def language(tree: HtmlElement) -> str:
    """ISO 639-1 code of the page's language as its markup gives it; '' when it gives none."""
    named = _first(
        tree,
        "/html/@lang",
        "/html/@*[name()='xml:lang']",
        '//meta[translate(@http-equiv, "CLANGUAGE", "clanguage")="content-language"]/@content',
        '//meta[@property="og:locale"]/@content',
    )
    code = _LANGUAGE.fullmatch(named)
    return code[1].lower() if code else ""


def licence(tree: HtmlElement) -> str:
    """Address of the licence that the page links to with rel="license"; '' when it names none."""
    return _first(tree, '//link[@rel="license"]/@href', '//a[contains(concat(" ", @rel, " "), " license ")]/@href')


def _first(tree: HtmlElement, *paths: str) -> str:
    for path in paths:
        found = tree.xpath(path)
        text = found if isinstance(found, str) else next(iter(found), "")
        if text.strip():
            return " ".join(str(text).split())
    return ""
