"""Text and Markdown as pages."""

from quintain.records import RawPage, WebPage
from quintain.web import PageLimits, extract, read_pages
from quintain.web.plain_text import read_text

LIMITS = PageLimits(min_words=3, min_stop_words=0)
TEXT = "Ten ships lay in the harbour, all of them laden with salt.\nThey left at noon."


def read(text, **fields):
    return read_text(RawPage(url="a", html=text.encode() if isinstance(text, str) else text, is_text=True, **fields))


def test_front_matter_is_no_text_and_says_title_language_and_licence():
    found = read(f"---\ntitle: 'Ships'\nlang: de\nlicense: CC BY 4.0\ntags: [a]\n---\n\n# Other\n\n{TEXT}\n")
    assert (found.text, found.title) == (f"# Other\n\n{TEXT}", "Ships")
    assert (found.language, found.licence) == ("de", "CC BY 4.0")


def test_a_line_of_dashes_alone_begins_no_front_matter():
    assert read("---\nA letter\n---\nMore").text == "---\nA letter\n---\nMore"


def test_the_first_heading_is_the_title():
    assert read(f"# Ten ships #\n\n{TEXT}").title == "Ten ships"
    assert read(f"Ten ships\n=========\n{TEXT}").title == "Ten ships"
    assert read(f"{TEXT}\n# Later").title == ""


def test_line_ends_nulls_and_character_sets_are_read():
    assert read("\ufeffone  \r\ntwo\x00\rthree\n\n").text == "one\ntwo\nthree"
    assert read("Größe".encode("utf-16")).text == "Größe"
    assert read("Größe".encode("cp1252"), charset="no-such-set").text == "Größe"


def test_a_text_goes_through_the_filters_as_a_page_does():
    page = extract(RawPage(url="a.md", html=TEXT.encode(), is_text=True, title="Ships", licence="cc0"), LIMITS)
    assert isinstance(page, WebPage)
    assert (page.text, page.title, page.licence) == (TEXT, "Ships", "cc0")
    assert extract(RawPage(url="a.md", html=b"Two words", is_text=True), LIMITS).reason == "few-words"
    assert extract(RawPage(url="a.md", html=b" \n", is_text=True), LIMITS).reason == "no-text"


def test_markup_in_a_text_stays(tmp_path):
    (tmp_path / "a.txt").write_text("Write <b>bold</b> like this, said the teacher.")
    (page,) = read_pages(tmp_path)
    assert extract(page, LIMITS).text == "Write <b>bold</b> like this, said the teacher."


def test_all_profiles_give_the_same_text():
    raw = RawPage(url="a.md", html=TEXT.encode(), is_text=True)
    one, *others = (extract(raw, LIMITS, profile) for profile in ("quality", "bulk", "two_pass"))
    assert [one, one] == others


def test_tags_around_a_text_go_and_those_in_code_stay():
    code = "Write `<div>` so:\n```html\n<div>x</div>\n```\n1 < 2"
    found = read(f'<div align="center">\n\n# Ships\n<!-- badges -->\n</div>\n\n{code}')
    assert found.text == f"# Ships\n\n\n\n{code}"
    assert found.title == "Ships"


def test_tags_that_never_end_take_time_in_proportion():
    # Every one of them could end anywhere behind; each is looked at for a bounded stretch.
    assert read("<!-- " * 20_000).text.count("<!--") == 20_000
    assert len(read("``` " * 19_999).text) > 70_000
