"""One page in: a page or a reason out; many in: none lost."""

import pytest

from quintain.records import Dropped, RawPage, WebPage
from quintain.web import PageLimits, extract, extract_pages, profiles
from quintain.web.profiles import read_page

TEXT = (
    "The old harbour of the town lies to the north of the river, and the ferries that have come here with salt for "
    "three hundred years can be seen there on most mornings."
)
LIMITS = PageLimits(min_words=10, max_bytes=10_000)


def raw(body=f"<p>{TEXT}</p>", url="https://a.example/1", **rest):
    html = f'<html lang="en"><head><title>Ferries</title></head><body>{body}</body></html>'
    return RawPage(url=url, html=html.encode(rest.pop("codec", "utf-8")), **rest)


def test_a_page_worth_keeping_brings_text_title_and_language():
    page = extract(raw(where="pages.warc, record 1"), LIMITS)
    assert isinstance(page, WebPage)
    assert (page.url, page.text, page.title, page.language) == ("https://a.example/1", TEXT, "Ferries", "en")
    assert page.origin.knobs == {"source": "pages.warc, record 1"}


def test_the_header_names_the_character_set_that_the_page_does_not():
    cyrillic = "Паром на остров ходит два раза в день, а зимой не ходит совсем никогда. " * 2
    page = extract(
        raw(f"<p>{cyrillic}</p>", codec="koi8-r", charset="koi8-r"), PageLimits(min_stop_words=0, min_words=9)
    )
    assert page.text == cyrillic.strip()


def test_non_utf_8_bytes_do_not_lose_the_page():
    page = extract(RawPage(url="u", html=raw().html.replace(b"salt", b"s\xff\xfet")), LIMITS)
    assert page.text == TEXT.replace("salt", "s\ufffd\ufffdt").replace("\ufffd\ufffd", "ÿþ")


@pytest.mark.parametrize(
    ("page", "stage", "reason"),
    [
        (RawPage(url="u", html=b"x" * 10_001), "read", "too-large"),
        (RawPage(url="u", html=b""), "main-text", "no-text"),
        (RawPage(url="u", html=b"\x00\xff" * 10), "quality", "few-words"),
        (raw("<script>let text = 1</script>"), "main-text", "no-text"),
        (raw("<p>Too short a page.</p>"), "quality", "few-words"),
    ],
)
def test_every_drop_says_stage_and_reason(page, stage, reason):
    dropped = extract(page, LIMITS)
    assert isinstance(dropped, Dropped)
    assert (dropped.stage, dropped.reason) == (stage, reason)


def test_a_page_over_the_limit_is_not_parsed_and_the_drop_names_the_setting(monkeypatch):
    monkeypatch.setattr("quintain.web.extraction.read_page", None)
    dropped = extract(RawPage(url="https://big.example", html=b"x" * 10_001), LIMITS)
    assert dropped.text == "10,001 bytes, the limit max_bytes is 10,000"
    assert dropped.where == "https://big.example"


def test_a_page_that_breaks_the_extractor_is_a_drop(monkeypatch):
    def broken(*_args, **_kwargs):
        raise AttributeError("'NoneType' object has no attribute 'text'")

    monkeypatch.setattr(profiles.trafilatura, "extract", broken)
    dropped = extract(raw(), LIMITS)
    assert (dropped.stage, dropped.reason) == ("main-text", "unreadable")
    assert "AttributeError" in dropped.text


NOTICE = (
    '<div class="cookie-notice"><p>We use cookies to give you the best experience. By clicking accept you agree to our '
    "use of cookies, and to that of our partners.</p><button>Accept</button></div>"
)


@pytest.mark.parametrize("profile", ["quality", "bulk", "two_pass"])
@pytest.mark.parametrize("place", ["aside", "main"])
def test_a_cookie_notice_is_never_the_text_of_a_page(profile, place):
    # Every extractor leaves asides out; then the notice is all there is, and it is too little for a page.
    article = "".join(f"<p>{TEXT} It was year {year}.</p>" for year in range(1901, 1904))
    read = extract(raw(f"{NOTICE}<{place}><article>{article}</article></{place}>"), PageLimits(), profile)
    if place == "main":
        assert "year 1903" in read.text
        assert "cookies" not in read.text
    else:
        assert (read.stage, read.reason) in {("main-text", "no-text"), ("quality", "few-words")}


@pytest.mark.parametrize("profile", ["quality", "bulk", "two_pass"])
def test_a_page_that_would_stall_the_parser_is_a_drop(profile):
    dropped = extract(raw("<div>" * 10_001, url="https://deep.example"), PageLimits(), profile)
    assert (dropped.stage, dropped.reason) == ("main-text", "overload")
    assert "more than 10,000 elements are open at once" in dropped.text


def test_a_page_in_another_language_is_dropped_for_it():
    dropped = extract(raw(), PageLimits(min_words=10, languages=("de",)))
    assert (dropped.stage, dropped.reason) == ("quality", "language")


def test_bulk_reads_the_same_page_with_title_language_and_licence():
    body = f"<p>{TEXT}</p><p><a rel='license' href='https://l.example/by'>Licence</a></p>"
    quality, bulk = extract(raw(body), LIMITS), extract(raw(body), LIMITS, "bulk")
    assert (bulk.title, bulk.language, bulk.licence) == (quality.title, quality.language, quality.licence)
    assert bulk.licence == "https://l.example/by"
    assert TEXT in bulk.text


def test_two_pass_judges_by_bulk_and_gives_the_quality_text():
    body = f"<article><ul><li>{TEXT}</li></ul><p>{TEXT}</p></article>"
    bulk, both = extract(raw(body), LIMITS, "bulk"), extract(raw(body), LIMITS, "two_pass")
    assert both.text == extract(raw(body), LIMITS).text != bulk.text
    assert both.id != bulk.id
    assert extract(raw("<p>Too short a page.</p>"), LIMITS, "two_pass").reason == "few-words"


def test_the_second_pass_reads_only_pages_that_the_first_one_kept_and_once_each(monkeypatch):
    read = []

    def reading(html, charset, profile):
        read.append(profile)
        return read_page(html, charset, profile)

    monkeypatch.setattr("quintain.web.extraction.read_page", reading)
    pages = [raw(), raw(url="https://b.example/2"), raw("<p>Too short a page.</p>")]
    kept, dropped = extract_pages(pages, LIMITS, "two_pass")
    assert read == ["bulk", "quality", "bulk", "bulk"]
    assert [page.url for page in kept] == ["https://a.example/1"]
    assert [drop.reason for drop in dropped] == ["equal-text", "few-words"]


def test_pages_that_only_the_second_pass_finds_equal_are_kept_once():
    noisy = raw(f"<article><p>{TEXT}</p></article><p>And.</p>", url="https://b.example/2")
    kept, dropped = extract_pages([raw(f"<article><p>{TEXT}</p></article>"), noisy], LIMITS, "two_pass")
    assert [page.text for page in kept] == [TEXT]
    assert [drop.reason for drop in dropped] == ["equal-text"]


def test_a_drop_keeps_the_text_that_a_person_wants_to_see():
    dropped = extract(raw("<p>Too short a page.</p>", where="pages.warc, record 7"), LIMITS)
    assert dropped.text == "Too short a page."
    assert dropped.where == "https://a.example/1 (pages.warc, record 7)"


def test_equal_texts_are_kept_once_under_the_first_address():
    pages, dropped = extract_pages([raw(), raw(url="https://b.example/2", where="record 2")], LIMITS)
    assert [page.url for page in pages] == ["https://a.example/1"]
    assert [(drop.stage, drop.reason) for drop in dropped] == [("duplicates", "equal-text")]
    assert dropped[0].where == "https://b.example/2 record 2"
    assert dropped[0].text.startswith("the same text as https://a.example/1: The old harbour")


def test_what_the_reader_could_not_read_stays_dropped_and_nobody_is_lost():
    unread = Dropped(stage="read", reason="truncated", where="record 3")
    pages, dropped = extract_pages(iter([raw(), unread, raw("<p>x</p>")]), LIMITS)
    assert len(pages) + len(dropped) == 3
    assert unread in dropped
