"""Pages of the site that stand elsewhere in the repository, a menu that leaves none out, links that lead to all.

MkDocs calls these functions (`hooks` in mkdocs.yml). README.md becomes the first page; changelog, contributing and the
READMEs of the pipelines get one each. A link from a page to a file that is no page becomes its text. A page that would
load something from a host, as diagrams of Mermaid do, ends the build.
"""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
SECTIONS = {
    "tutorials": "Tutorials",
    "how-to": "How-to",
    "systems": "Systems",
    "evidence": "Evidence",
    "reference": "Reference",
    "decisions": "Decisions",
}
"""First part of a page's path → section of the menu that takes pages which mkdocs.yml does not name."""

_LINK = re.compile(r"\[([^\]\[]*)\]\(([^()\s]+)\)")
_LOADED = re.compile(
    r"""<(?:script|img|iframe|source|link\b(?=[^>]*\brel="?(?:stylesheet|preconnect|preload|icon)))[^>]*"""
    r"""\b(?:src|href)="?(?:https?:)?//[^>]*>|<(?:pre|div) class="?mermaid"?[^>]*>""",
)
"""Elements for which a browser asks a host as soon as the page is open; the theme fetches Mermaid itself."""
_FENCE = re.compile(r"^ *(`{3,}|~{3,})")


def elsewhere() -> dict[str, str]:
    """Path in the repository → path on the site, for pages that do not stand in docs/."""
    pages = {"README.md": "index.md", "CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}
    for readme in sorted((ROOT / "src/quintain/pipelines").glob("*/README.md")):
        pages[readme.relative_to(ROOT).as_posix()] = f"pipelines/{readme.parent.name}.md"
    return pages


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Complete the menu."""
    menu: list[Any] = config.nav or []
    named = set(_named(menu))
    docs = Path(config.docs_dir)
    for page in sorted(docs.rglob("*.md")):
        name = page.relative_to(docs).as_posix()
        section = SECTIONS.get(name.partition("/")[0].removesuffix(".md"))
        if section and name not in named:
            _section(menu, section).append(name)
    pipelines = [page for page in elsewhere().values() if page.startswith("pipelines/")]
    _section(menu, "Reference").append({"Pipelines": pipelines})
    config.nav = menu
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from elsewhere."""
    for path, name in elsewhere().items():
        files.append(File.generated(config, name, content=(ROOT / path).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Let links lead to where pages are on the site."""
    on_site = page.file.src_uri
    here = {name: path for path, name in elsewhere().items()}.get(on_site, f"docs/{on_site}")
    return relinked(markdown, here, on_site, elsewhere())


def on_post_page(output: str, page: Page, **_: Any) -> str:
    """Refuse a page that asks a host for anything."""
    if found := _LOADED.search(output):
        raise PluginError(f"{page.file.src_uri} would load something from a host: {found[0]}")
    return output


def relinked(markdown: str, here: str, on_site: str, others: dict[str, str]) -> str:
    """Turn links between files of the repository into links between pages of the site.

    Args:
        markdown: A page; code blocks stay as they are.
        here: Its path in the repository.
        on_site: Its path on the site.
        others: `elsewhere()`.

    Returns:
        The page; a link to a file that is no page of the site has become its text.

    >>> relinked("[a](../../docs/a.md#b), [c](c.py)", "src/x/README.md", "pipelines/x.md", {})
    '[a](../a.md#b), c'
    """

    def lead(match: re.Match[str]) -> str:
        text, target = match.groups()
        path, mark, anchor = target.partition("#")
        if not path or "://" in path or path.startswith("mailto:"):
            return match[0]
        place = posixpath.normpath(posixpath.join(posixpath.dirname(here), path))
        name = others.get(place) or (place.removeprefix("docs/") if place.startswith("docs/") else "")
        if not name:
            return text
        return f"[{text}]({posixpath.relpath(name, posixpath.dirname(on_site) or '.')}{mark}{anchor})"

    lines, fence = [], ""
    for line in markdown.split("\n"):
        if found := _FENCE.match(line):
            fence = "" if fence and found[1].startswith(fence) else fence or found[1]
        lines.append(line if fence else _LINK.sub(lead, line))
    return "\n".join(lines)


def _named(menu: Any) -> Iterator[str]:
    """Every page of a menu."""
    for entry in menu:
        if isinstance(entry, str):
            yield entry
        else:
            for value in entry.values():
                yield from _named([value] if isinstance(value, str) else value)


def _section(menu: list[Any], title: str) -> list[Any]:
    """The pages of a section; a new one stands behind the first."""
    for entry in menu:
        if isinstance(entry, dict) and title in entry:
            pages: list[Any] = entry[title]
            return pages
    made: list[Any] = []
    menu.insert(1, {title: made})
    return made
