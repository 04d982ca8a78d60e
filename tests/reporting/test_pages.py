"""All pages are in one style: a policy that asks nobody, two schemes, tables that fit a phone."""

import re
from pathlib import Path

import pytest
from lxml import html

from quintain.doctor import page as doctor
from quintain.reporting import pages

TEMPLATES = [
    path
    for module in (pages, doctor)
    for path in sorted((Path(module.__file__).parent / "templates").glob("*.html.jinja"))
    if path.name not in {"base.html.jinja", "scores.html.jinja"}
]


@pytest.fixture
def page(tmp_path):
    (tmp_path / "own.html.jinja").write_text(
        '{% extends "base.html.jinja" %}{% block title %}{{ name }}{% endblock %}'
        "{% block body %}<main><p>{{ name }}</p></main>{% endblock %}"
    )
    return pages.render("own.html.jinja", folder=tmp_path, name="<b>a \ud800 name</b>")


def test_there_is_one_style_for_every_page():
    assert len(TEMPLATES) >= 8
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        assert text.startswith('{% extends "base.html.jinja" %}'), path
        # colours stand in the style sheet, where each has a light and a dark value
        assert not re.search(r"#[0-9a-fA-F]{3,8}\b", text), path
        for table in re.finditer(r"<table", text):
            assert re.search(r'<div class="scroll"[^>]*>\s*$', text[: table.start()]), path


def test_a_page_is_html_with_a_policy_and_both_schemes(page):
    root = html.document_fromstring(page)
    assert page.startswith("<!DOCTYPE html>")
    assert root.get("lang") == "en"
    (policy,) = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert "script" not in policy
    assert root.xpath("//meta[@name='viewport']/@content") == ["width=device-width, initial-scale=1"]
    (style,) = root.xpath("//style/text()")
    assert style.count("@media (prefers-color-scheme: dark)") == 2
    assert ".scroll {" in style
    assert root.xpath("//@href") == ["data:,"]


def test_what_strangers_wrote_is_text_and_can_be_written_to_a_file(page):
    root = html.document_fromstring(page)
    assert root.xpath("//main/p/text()") == ["<b>a ? name</b>"]
    assert not root.xpath("//main//b")


def test_the_policy_names_the_one_script_that_runs(tmp_path):
    (tmp_path / "own.html.jinja").write_text('{% extends "base.html.jinja" %}')
    root = html.document_fromstring(pages.render("own.html.jinja", folder=tmp_path, script="sort.js"))
    (policy,) = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert re.search(r"script-src 'sha256-[\w+/]{43}='", policy)
    assert len(root.xpath("//script")) == 1
