"""Main text of ordinary, odd and hostile pages."""

import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintain.web import main_text, profiles

SENTENCE = "The ferry to the island leaves twice a day, and in winter not at all."
PAGE = f"""<!DOCTYPE html><html><head><title>Ferry</title></head><body>
<nav><ul><li><a href="/">Start page</a></li><li><a href="/shop">Tickets shop</a></li></ul></nav>
<main><article><h1>The ferry</h1><p>{SENTENCE}</p><p>{SENTENCE.upper()}</p></article></main>
<div class="comments"><p>First! I was here before anybody else and liked it.</p></div>
<footer><p>Copyright by the ferry company, all rights reserved.</p></footer></body></html>"""


def test_paragraphs_stay_and_navigation_comments_and_footer_go():
    assert main_text(PAGE) == f"The ferry\n{SENTENCE}\n{SENTENCE.upper()}"


def test_bytes_and_text_give_the_same():
    assert main_text(PAGE.encode()) == main_text(PAGE)


@pytest.mark.parametrize("fragment", [f"<p>{SENTENCE}</p>", f"<div><p>{SENTENCE}</p></div>", SENTENCE])
def test_a_fragment_is_read_like_a_page(fragment):
    assert main_text(fragment) == SENTENCE


@pytest.mark.parametrize(
    "nothing", ["", b"", "  \n\t", "<html></html>", "<!-- nothing -->", "<!DOCTYPE html>", b"\x00\x00", "\ufeff"]
)
def test_nothing_gives_nothing(nothing):
    assert main_text(nothing) == ""


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 100_000 + SENTENCE,
        "<table><tr><td>" * 5_000 + SENTENCE,
        "<" * 200_000,
        "<p>" + "&#x110000;&#0;" * 10_000,
        "<html><body>" + "<a href='http://[bad'>x</a>" * 1_000,
        '<script type="application/ld+json">{"@type": [ </script>' + SENTENCE,
    ],
    ids=["deep", "tables", "brackets", "entities", "addresses", "json"],
)
def test_hostile_markup_ends_in_a_text(hostile):
    assert isinstance(main_text(hostile), str)


def test_null_bytes_and_surrogates_vanish_from_the_text():
    dirty = f"<html><body><p>{SENTENCE}</p></body></html>".replace("ferry", "fe\x00r\ud800ry")
    assert main_text(dirty) == SENTENCE
    assert main_text(dirty.encode("utf-8", "replace").replace(b"r?ry", b"rry")) == SENTENCE


def test_a_page_of_50_mb_is_refused_at_once_and_the_log_says_why(caplog):
    with caplog.at_level(logging.WARNING):
        assert main_text(b"<p>" + b"x" * 50_000_000) == ""
    assert "50,000,003 bytes; the limit of main_text is 5,000,000" in caplog.text


def test_an_extractor_that_breaks_gives_no_text_and_a_warning(monkeypatch, caplog):
    def broken(*_args, **_kwargs):
        raise IndexError("list index out of range")

    monkeypatch.setattr(profiles.trafilatura, "extract", broken)
    with caplog.at_level(logging.WARNING):
        assert main_text(PAGE) == ""
    assert "trafilatura broke on a page: IndexError: list index out of range" in caplog.text


def test_the_bulk_profile_says_that_it_is_not_built_yet():
    with pytest.raises(ValueError, match="'bulk' is not available in this version of quintain; use 'quality'"):
        main_text(PAGE, "bulk")


def test_a_misspelt_profile_is_refused():
    with pytest.raises(ValueError, match="no profile 'qualty'; there are quality, bulk"):
        main_text(PAGE, "qualty")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=400))
def test_whatever_comes_a_text_returns(anything):
    text = main_text(anything)
    assert text == text.strip()
    text.encode("utf-8")


MARKUP = st.lists(
    st.sampled_from(
        [
            "<p>", "</p>", "<div class='comment'>", "</div>", "<table>", "<tr>", "<td colspan=99999999999>", "</table>",
            "<ul>", "<li>", "</ul>", "<a href='http://[::1'>", "</a>", "<article>", "<footer>", "<script>", "</script>",
            "<!--", "-->", "<![CDATA[", "]]>", "<?xml ?>", "<svg>", "<br>", "<blockquote>",
            "<html lang='x'>", "</body>", SENTENCE, "&nbsp;", "&#0;", "\x00", "\ud800", "\u2028", "…",
        ]
    ),
    max_size=60,
).map("".join)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(MARKUP)
def test_broken_markup_never_raises_and_reads_the_same_twice(markup):
    assert main_text(markup) == main_text(markup)
