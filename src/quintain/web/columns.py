"""Columns of tables of pages: which holds the text, which the address, and one row as a page.

Without names from the user the common ones are looked for: those of FineWeb, C4 and mC4, RefinedWeb, CulturaX, OSCAR,
RedPajama, SlimPajama, Dolma, Wikipedia and WebR's sample.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from quintain.records import SHOWN_CHARACTERS, Dropped, RawPage, content_id
from quintain.web.language_names import language_code_of

_COMMON: dict[str, tuple[str, ...]] = {
    "html": ("html", "raw_html"),
    "text": ("text", "markdown", "webpage"),
    "content": ("content", "raw_content", "body"),
    "url": ("url", "uri", "link", "metadata.url", "meta.url", "warc_headers.warc-target-uri"),
    "title": ("title", "metadata.title", "meta.title"),
    "language": ("language", "lang", "metadata.language", "meta.language"),
    "licence": ("licence", "license", "metadata.license", "metadata.licence", "meta.license"),
}
"""What a column is to us → its common names, the likeliest first; a dot leads into a nested column."""
BODIES = ("html", "text", "content")
"""Columns that hold the page itself, of which each row needs one."""
_PAGE = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_FRAGMENT = re.compile(r"\s*<[a-z][a-z0-9]*(?:\s[^<>]*)?>", re.IGNORECASE)
_LOOKED_AT_CHARACTERS = 4096


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Names of the columns of a table of pages; an empty one is looked for under its common names.

    A dot leads into a nested column, as in `metadata.url`.
    """

    url: str = ""
    """Address; without one a page is called by its file and a hash of its text."""
    html: str = ""
    """Markup, of which the main text is still to be taken."""
    text: str = ""
    """Main text, taken out already."""
    content: str = ""
    """Either of them: what looks like markup is read as such."""
    title: str = ""
    """Title."""
    language: str = ""
    """Language, as a code or a name."""
    licence: str = ""
    """Licence."""

    def names(self, role: str) -> tuple[str, ...]:
        """Columns that may play a role, in the order in which they are tried.

        Args:
            role: Name of a field of this class.

        Returns:
            The named column alone, or the common ones; no common body where the user names another body.
        """
        named = getattr(self, role)
        if named:
            return (named,)
        return () if role in BODIES and self.named_bodies else _COMMON[role]

    @property
    def named_bodies(self) -> tuple[str, ...]:
        """Columns that the user names as the page itself."""
        return tuple(filter(None, (getattr(self, body) for body in BODIES)))

    @property
    def named(self) -> tuple[str, ...]:
        """All columns that the user names."""
        return tuple(filter(None, (getattr(self, field.name) for field in fields(self))))

    def read_from(self, there: Iterable[str]) -> list[str]:
        """Columns of a table that are worth reading, of those that it has at its top."""
        names = [name for field in fields(self) for name in self.names(field.name)]
        wanted = {*names, *(name.partition(".")[0] for name in names)}
        return [name for name in there if name in wanted]

    def missing_in(self, there: Iterable[str]) -> str:
        """Say what a table with some columns lacks; '' where it can be read.

        Args:
            there: Its columns, nested ones not among them.

        Returns:
            A sentence for an error, or ''.
        """
        there = list(there)
        has = set(there)
        wrong = [name for name in self.named if name not in has and name.partition(".")[0] not in has]
        if wrong:
            return f"there is no column {', '.join(wrong)} (`columns`); there are {', '.join(there)}"
        bodies = [name for body in BODIES for name in self.names(body)]
        if not has.intersection(bodies) and not has.intersection(
            name.partition(".")[0] for name in bodies if "." in name
        ):
            return (
                f"none of its columns ({', '.join(there)}) is called {', '.join(bodies)}; say which holds the page, "
                "such as `columns: {text: article}`, or `html`, or `content` for either"
            )
        return ""


COMMON = Columns()
"""The common names alone."""


def page_of(row: Any, columns: Columns, name: str, where: str, max_bytes: int) -> RawPage | Dropped:
    """Read a row as a page.

    Args:
        row: The row; anything but a mapping of names to values is a drop.
        columns: Which column is what.
        name: What messages call the file or data set.
        where: File and row.
        max_bytes: Largest page, in bytes.

    Returns:
        The page, or why it is none.
    """
    if not isinstance(row, Mapping):
        return _drop("no-html", where, "a row must be an object with the texts `url` and `html`, `text` or `content`")
    role, body = _body(row, columns)
    if body is None:
        tried = ", ".join(each for body in BODIES for each in columns.names(body))
        said = f"no text stands in a column {tried}; the row has {', '.join(map(str, row))}"
        return _drop("no-html", where, said)
    is_text = role == "text" or (role == "content" and not _is_markup(body))
    if role == "text" and not columns.text and _is_page(body):
        is_text = False  # a whole page under the name of a text
    data = body.encode("utf-8", "replace") if isinstance(body, str) else body
    if len(data) > max_bytes:
        return _drop("too-large", where, f"{len(data):,} bytes, the limit max_bytes is {max_bytes:,}")
    url = _first(row, columns.names("url"))
    if url is not None and not isinstance(url, str):
        return _drop("bad-url", where, f"the address is no text but {str(url)[:100]!r}")
    url = (url or "").strip() or f"{name}#{content_id(data.decode('utf-8', 'replace'))}"
    if not has_bytes(url):
        return _drop("bad-url", where, f"half a character stands in the address {ascii(url)[:SHOWN_CHARACTERS]}")
    return RawPage(
        url=url,
        html=data,
        charset="utf-8" if isinstance(body, str) else "",
        where=where,
        is_text=is_text,
        title=_word(row, columns.names("title")),
        language=language_code_of(_word(row, columns.names("language"))),
        licence=_word(row, columns.names("licence")),
    )


def _body(row: Mapping[str, Any], columns: Columns) -> tuple[str, str | bytes | None]:
    """The first column of a page that holds anything; an empty one where none does."""
    empty: tuple[str, str | bytes | None] = ("", None)
    for role in BODIES:
        for name in columns.names(role):
            value = _value(row, name)
            if isinstance(value, str | bytes):
                if value.strip():
                    return role, value
                empty = (role, value)
    return empty


def _first(row: Mapping[str, Any], names: Iterable[str]) -> Any:
    return next((value for name in names if (value := _value(row, name)) is not None), None)


def _word(row: Mapping[str, Any], names: Iterable[str]) -> str:
    value = _first(row, names)
    if isinstance(value, list | tuple) and value:
        value = value[0]
    return " ".join(value.encode("utf-8", "replace").decode().split()) if isinstance(value, str) else ""


def _value(row: Mapping[str, Any], name: str) -> Any:
    if name in row:
        return row[name]
    outer, dot, inner = name.partition(".")
    if not dot or outer not in row:
        return None
    nested = row[outer]
    if isinstance(nested, str) and nested[:1] == "{":  # some sets keep their metadata as a text of JSON
        try:
            nested = json.loads(nested)
        except (ValueError, RecursionError):
            return None
    return _value(nested, inner) if isinstance(nested, Mapping) else None


def _beginning(body: str | bytes) -> str:
    return (
        body[:_LOOKED_AT_CHARACTERS]
        if isinstance(body, str)
        else body[:_LOOKED_AT_CHARACTERS].decode("utf-8", "replace")
    )


def _is_page(body: str | bytes) -> bool:
    return bool(_PAGE.match(_beginning(body).lstrip("\ufeff")))


def _is_markup(body: str | bytes) -> bool:
    beginning = _beginning(body).lstrip("\ufeff")
    return bool(_PAGE.match(beginning)) or (bool(_FRAGMENT.match(beginning)) and "</" in beginning)


def has_bytes(text: str) -> bool:
    """True for a text without halves of characters."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _drop(reason: str, where: str, said: str) -> Dropped:
    shown = said.encode("utf-8", "replace").decode()[:SHOWN_CHARACTERS]
    return Dropped(stage="read", reason=reason, where=where, text=shown)
