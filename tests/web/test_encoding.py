"""Bytes of any character set become the text that was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.web.encoding import decode

GERMAN = "Größe und Übermut sind zwei Paar Schuhe – sagte „er“."
RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю. " * 4
JAPANESE = "これは日本語のページです。漢字とかなを使います。" * 4


def page(text, charset=""):
    return f'<html><head><meta charset="{charset}"></head><p>{text}</p>' if charset else f"<p>{text}</p>"


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        (GERMAN, "cp1252", "windows-1252"),
        (GERMAN.replace("–", "-"), "cp1252", "iso-8859-1"),  # browsers read latin-1 as windows-1252
        (RUSSIAN, "koi8-r", "koi8-r"),
        (JAPANESE, "shift_jis", "Shift_JIS"),
        (JAPANESE, "euc-jp", "euc-jp"),
        (JAPANESE, "iso2022_jp", "iso-2022-jp"),
        ("我们的网站说明。", "gb18030", "gb2312"),
    ],
)
def test_the_declaration_of_the_page_is_followed(text, codec, label):
    assert text in decode(page(text, label).encode(codec))


def test_the_header_of_the_response_stands_above_the_page():
    assert RUSSIAN in decode(page(RUSSIAN, "koi8-r").encode("cp1251"), charset='"windows-1251"')


def test_valid_utf_8_is_utf_8_whatever_the_page_declares():
    assert GERMAN in decode(page(GERMAN, "iso-8859-1").encode("utf-8"))


def test_damaged_utf_8_is_not_taken_for_another_set():
    # 30 high bytes and one broken character: a cut in a truncated download.
    damaged = page("ä" * 15).encode("utf-8") + b"\xc3"
    assert "ä" * 15 in decode(damaged)
    assert decode(damaged).endswith("\ufffd")


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides_and_goes(codec):
    assert decode(page(GERMAN, "iso-8859-1").encode(codec)) == page(GERMAN, "iso-8859-1")


def test_undeclared_cyrillic_is_recognised():
    assert RUSSIAN in decode(page(RUSSIAN).encode("cp1251"))


def test_undeclared_western_bytes_are_windows_1252():
    french = "L’été à la plage « très » chaud. " * 10
    assert french in decode(page(french).encode("cp1252"))


@pytest.mark.parametrize("label", ["hex", "unicode_escape", "utf-7", "no-such-set", "rot13", "utf-16"])
def test_a_label_that_is_no_character_set_of_the_web_does_no_harm(label):
    assert "Größe" in decode(page("Größe", label).encode("cp1252"))


@given(st.binary(max_size=200), st.sampled_from(["", "utf-8", "shift_jis", "zlib", "x" * 50, "utf-16"]))
def test_any_bytes_become_text(html, charset):
    assert isinstance(decode(html, charset), str)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=100))
def test_utf_8_comes_back_whole(text):
    html = "<p>" + text
    assert decode(html.encode("utf-8"), "windows-1252") == html
