"""Rows of tables as people have them, each a page or a drop."""

import pytest

from quintain.records import Dropped, RawPage
from quintain.web.columns import COMMON, Columns, page_of

TEXT = "Ten ships lay in the harbour."


def read(row, **named):
    return page_of(row, Columns(**named), "set", "set, row 1", 1000)


@pytest.mark.parametrize(
    "row",
    [
        # FineWeb, C4, RefinedWeb, RedPajama 2, Dolma, RedPajama 1 in Parquet, WebR's sample, Wikipedia
        {"text": TEXT, "id": "<urn:1>", "dump": "CC", "url": "https://a.example", "language": "en", "token_count": 7},
        {"text": TEXT, "timestamp": "2019-04-25T12:57:54Z", "url": "https://a.example"},
        {"content": TEXT, "url": "https://a.example", "image_urls": []},
        {"raw_content": TEXT, "url": "https://a.example"},
        {"id": "1", "text": TEXT, "source": "cc", "metadata": {"url": "https://a.example", "license": "cc-by"}},
        {"text": TEXT, "meta": '{"url": "https://a.example"}'},
        {"webpage": TEXT, "url": "https://a.example"},
        {"id": "1", "url": "https://a.example", "title": "Ships", "text": TEXT},
    ],
)
def test_common_names_are_found(row):
    page = read(row)
    assert (page.url, page.html, page.is_text) == ("https://a.example", TEXT.encode(), True)


def test_named_columns_are_followed_and_no_other_body_is_looked_at():
    row = {"html": "<p>no</p>", "facts": {"address": "https://a.example"}, "body_text": TEXT, "terms": "CC BY 4.0"}
    page = read(row, text="body_text", url="facts.address", licence="terms")
    assert (page.url, page.html, page.is_text, page.licence) == ("https://a.example", TEXT.encode(), True, "CC BY 4.0")
    assert read(row | {"body_text": None}, text="body_text").reason == "no-html"


@pytest.mark.parametrize(
    ("row", "is_text"),
    [
        ({"content": "<!DOCTYPE html><p>x</p>"}, False),
        ({"content": "<p class='a'>x</p>"}, False),
        ({"content": "a < b and b > a"}, True),
        ({"text": "<html><body>x</body></html>"}, False),  # a whole page under the name of a text
        ({"text": "<p>is how a paragraph begins"}, True),
        ({"html": "no markup at all"}, False),
        ({"html": "", "text": "x"}, True),
        ({"html": b"<p>\xe4</p>"}, False),
    ],
)
def test_markup_is_told_from_text(row, is_text):
    assert read(row).is_text is is_text


def test_a_page_without_an_address_is_called_by_its_text():
    one, again, other = (read({"text": text}).url for text in ("a", "a", "b"))
    assert one == again != other
    assert one.startswith("set#")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"url": "https://a.example", "text": None}, "no-html"),
        ({"text": ["a", "b"]}, "no-html"),
        ([1, 2], "no-html"),
        ({"text": "x", "url": 7}, "bad-url"),
        ({"text": "x", "url": "a\ud800"}, "bad-url"),
        ({"text": "x" * 1001}, "too-large"),
    ],
)
def test_a_row_that_is_no_page_is_a_drop_that_names_it(row, reason):
    dropped = read(row)
    assert isinstance(dropped, Dropped)
    assert (dropped.reason, dropped.where) == (reason, "set, row 1")


def test_what_stands_beside_a_page_goes_with_it():
    page = read({"text": TEXT, "title": "  Ten\nships ", "lang": "deu_Latn", "license": ["cc0"]})
    assert isinstance(page, RawPage)
    assert (page.title, page.language, page.licence) == ("Ten ships", "de", "cc0")


def test_a_table_says_what_it_lacks():
    assert COMMON.missing_in(["text", "url"]) == ""
    assert "none of its columns (a, b) is called html" in COMMON.missing_in(["a", "b"])
    assert "there is no column body (`columns`); there are text, url" in Columns(text="body").missing_in(
        ["text", "url"]
    )
    assert Columns(text="a.b").missing_in(["a"]) == ""
