"""Main text of ordinary, odd and hostile pages."""

import logging
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintain.errors import ConfigError
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


def test_a_misspelt_profile_is_refused():
    with pytest.raises(ValueError, match="no profile 'qualty'; there are quality, bulk, two_pass"):
        main_text(PAGE, "qualty")


def test_bulk_keeps_the_paragraphs_and_drops_navigation_comments_and_footer():
    assert main_text(PAGE, "bulk") == f"The ferry\n\n{SENTENCE}\n\n{SENTENCE.upper()}"


@pytest.mark.parametrize(
    "extra",
    [
        f"<p><img src='f.png' alt='{SENTENCE}'></p>",
        f"<form><input value='{SENTENCE}'><button>Send the form</button></form>",
        f"<noscript>{SENTENCE}</noscript>",
        f"<section id='comments'><p>{SENTENCE}</p></section>",
    ],
    ids=["alt", "form", "noscript", "comments"],
)
def test_bulk_takes_no_text_from(extra):
    page = f"<html><body><article><p>{SENTENCE}</p></article>{extra}</body></html>"
    assert main_text(page, "bulk") == SENTENCE


def test_bulk_reads_bytes_of_any_character_set_as_quality_does():
    page = "<html><head><meta charset='koi8-r'></head><body><p>Паром на остров ходит два раза в день.</p></body></html>"
    assert main_text(page.encode("koi8-r"), "bulk") == main_text(page, "bulk") == main_text(page, "quality")


@pytest.mark.parametrize("nothing", ["", b"", "  \n\t", "<html></html>", "<!-- nothing -->", b"\x00\x00", "\ufeff"])
@pytest.mark.parametrize("profile", ["bulk", "two_pass"])
def test_nothing_gives_nothing_in_every_profile(nothing, profile):
    assert main_text(nothing, profile) == ""


def test_two_pass_gives_the_quality_text_of_pages_in_which_bulk_finds_any():
    assert main_text(PAGE, "two_pass") == main_text(PAGE, "quality")


def test_a_profile_whose_library_is_missing_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "resiliparse.extract.html2text", None)
    monkeypatch.delitem(sys.modules, "quintain.web.bulk", raising=False)
    monkeypatch.delattr("quintain.web.bulk", raising=False)
    for profile in ("bulk", "two_pass"):
        with pytest.raises(ConfigError, match=r"need resiliparse: pip install 'quintain\[bulk\]'"):
            main_text(PAGE, profile)
    assert main_text(PAGE, "quality")


@pytest.mark.parametrize("profile", ["quality", "bulk", "two_pass"])
def test_a_page_that_would_stall_the_parser_is_not_parsed_and_the_log_says_why(profile, monkeypatch, caplog):
    hostile = "<html><body><p " + " ".join(f"a{n}=1" for n in range(200_000)) + f">{SENTENCE}"
    monkeypatch.setattr(profiles, "_TEXT_OF", dict.fromkeys(("quality", "bulk")))  # nothing to call
    with caplog.at_level(logging.WARNING):
        assert main_text(hostile, profile) == ""
    assert "a page was not parsed: the tag at character 12 has more than 1,000 attributes" in caplog.text


@pytest.mark.parametrize("profile", ["bulk", "two_pass"])
@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=400))
def test_whatever_comes_a_text_returns_in_every_profile(profile, anything):
    text = main_text(anything, profile)
    assert text == text.strip()
    assert "\x00" not in text
    text.encode("utf-8")


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
