"""The site of docs/: its menu leaves no page out, links lead to pages, no page asks a host; `make docs` builds it."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from mkdocs.exceptions import PluginError

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def site():
    spec = importlib.util.spec_from_file_location("site_pages", DOCS / "site_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def menu(site):
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    config = SimpleNamespace(nav=yaml.safe_load(text)["nav"], docs_dir=str(DOCS))
    return site.on_config(config).nav


def test_every_page_stands_in_the_menu_once(site, menu):
    named = list(site._named(menu))
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} | set(site.elsewhere().values())
    assert set(named) == pages
    assert len(named) == len(pages)


def test_a_page_that_nobody_named_stands_in_the_section_of_its_folder(site, menu):
    sections = {title: pages for entry in menu for title, pages in entry.items()}
    assert "decisions/008-what-the-gate-may-get-wrong.md" in sections["Decisions"]
    assert list(sections)[:2] == ["Start", "Tutorials"]
    assert "tutorials/my-benchmark.md" in sections["Tutorials"]
    readmes = sorted((ROOT / "src/quintain/pipelines").glob("*/README.md"))
    assert {"Pipelines": [f"pipelines/{path.parent.name}.md" for path in readmes]} in sections["Reference"]


@pytest.mark.parametrize(
    ("markdown", "there"),
    [
        ("[a](../../../../docs/how-to/gate.md#how-often)", "[a](../how-to/gate.md#how-often)"),
        ("[changes](../../../../CHANGELOG.md)", "[changes](../changelog.md)"),
        ("![p](../../../../docs/how-to/gate.png)", "![p](../how-to/gate.png)"),
        ("[a test](../../../../tests/house/test_site.py) and [b](#b)", "a test and [b](#b)"),
        ("[out](https://example.org/a.md)", "[out](https://example.org/a.md)"),
        ("```\n[a](b.py)\n```\n[a](b.py)", "```\n[a](b.py)\n```\na"),
    ],
)
def test_a_link_leads_to_the_page_on_the_site(site, markdown, there):
    here, on_site = "src/quintain/pipelines/world/README.md", "pipelines/world.md"
    assert site.relinked(markdown, here, on_site, site.elsewhere()) == there


def test_links_of_the_readme_lead_to_pages_of_the_site(site):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = site.relinked(readme, "README.md", "index.md", site.elsewhere())
    assert "](docs/" not in shown
    assert "![version" in shown
    assert "](assets/badge-version.svg)" in shown


@pytest.mark.parametrize(
    "element",
    [
        '<script src="https://unpkg.com/a.js"></script>',
        '<link rel="stylesheet" href="https://fonts.example/css">',
        '<link href="//fonts.example" rel=preconnect>',
        '<img alt="badge" src="https://img.example/a.svg">',
        '<pre class="mermaid"><code>a --> b</code></pre>',
    ],
)
def test_a_page_that_would_ask_a_host_ends_the_build(site, element):
    page = SimpleNamespace(file=SimpleNamespace(src_uri="start.md"))
    with pytest.raises(PluginError, match=r"start\.md would load something from a host"):
        site.on_post_page(f"<html>{element}</html>", page=page)


def test_a_link_that_a_reader_may_follow_is_no_load(site):
    page = SimpleNamespace(file=SimpleNamespace(src_uri="start.md"))
    output = '<a href="https://arxiv.org/abs/1">a</a><link rel="canonical" href="https://q.example/"><img src="a.svg">'
    assert site.on_post_page(output, page=page) == output
