"""Pages that are text already: plain text, Markdown, and what others took out of their pages."""

import re
from dataclasses import dataclass

from quintain.records import RawPage
from quintain.web.encoding import decode
from quintain.web.language_names import language_code_of

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_KEY = re.compile(r"^[A-Za-z_][\w-]*[ \t]*:", re.MULTILINE)
_FIELD = re.compile(r"^(title|language|lang|licen[cs]e)[ \t]*:[ \t]*(.+?)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_HEADING = re.compile(r"\A\s*#[ \t]+(.+?)[ \t#]*$|\A\s*(\S.*)\n=+[ \t]*$", re.MULTILINE)
_CODE = r"```.{0,50000}?```|~~~.{0,50000}?~~~|`[^`\n]{1,500}`"
_WRAPPER = re.compile(
    rf"({_CODE})|<!--.{{0,5000}}?-->|<script\b.{{0,50000}}?</script\s*>"
    r"|</?(?:html|body|div|center|p|span|br|img|picture|source|details|summary|font|table|thead|tbody|tr|td|th)"
    r"\b[^<>]{0,1000}>",
    re.IGNORECASE | re.DOTALL,
)
"""Tags around the text of Markdown; code that speaks of them stays."""


@dataclass(frozen=True)
class TextReading:
    """A text, and what it says about itself."""

    text: str
    """The text, its lines without spaces at their ends."""
    title: str = ""
    """Title beside it, else of its Markdown."""
    language: str = ""
    """ISO 639-1 code; empty when nothing says."""
    licence: str = ""
    """Licence; empty when nothing says."""


def read_text(raw: RawPage) -> TextReading:
    """Read a page that is text already.

    The block between dashes at the beginning of a Markdown file is no part of the text; its title, language and licence
    are taken over. So is a heading at the very beginning as the title, where nothing else gives one.

    Args:
        raw: The page; `is_text` holds.

    Returns:
        Its text.
    """
    text = decode(raw.html, raw.charset).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").lstrip("\ufeff")
    told: dict[str, str] = {}
    if (front := _FRONT_MATTER.match(text)) and _KEY.search(front[1]):
        found = {name.lower()[:4]: value.strip("\"'") for name, value in _FIELD.findall(front[1])}
        told = {"title": found.get("titl", ""), "lang": found.get("lang", ""), "lice": found.get("lice", "")}
        text = text[front.end() :]
    if "<" in text:
        text = _WRAPPER.sub(lambda found: found[1] or "", text)
    text = "\n".join(line.rstrip() for line in text.split("\n")).strip()
    heading = _HEADING.match(text)
    return TextReading(
        text=text,
        title=raw.title or told.get("title", "") or ((heading and (heading[1] or heading[2])) or ""),
        language=raw.language or language_code_of(told.get("lang", "")),
        licence=raw.licence or told.get("lice", ""),
    )
