"""Metadata of a page from its markup: title, language, licence."""

import re
from dataclasses import dataclass

from lxml.html import HtmlElement

_LANGUAGE = re.compile(r"\s*([a-zA-Z]{2})(?:[-_][\w-]*)?\s*(?:,.*)?")


@dataclass(frozen=True)
class About:
    """Metadata of a page; empty where it says nothing."""

    title: str = ""
    """Title of its Open Graph card, else of its title element."""
    language: str = ""
    """ISO 639-1 code."""
    licence: str = ""
    """Address of the licence that it links to with rel="license"."""


def about(tree: HtmlElement) -> About:
    """Read title, language and licence of a page."""
    return About(title(tree), language(tree), licence(tree))


def title(tree: HtmlElement) -> str:
    """Title of the page: of its Open Graph card, else its title element; '' when it has none.

    >>> from lxml.html import document_fromstring
    >>> title(document_fromstring("<html><head><title> A  walk </title></head><body><p>x</p></body></html>"))
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
    return language_code(named)


def language_code(named: str) -> str:
    """ISO 639-1 code of a language tag, a locale, or the first of a list; '' for anything else.

    >>> language_code("de_CH"), language_code("german")
    ('de', '')
    """
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
