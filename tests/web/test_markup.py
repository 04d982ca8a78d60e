"""What a page says about itself."""

import pytest
from trafilatura import load_html as parse

from quintain.web.markup import language, licence, title


def tree(head, attributes=""):
    return parse(f"<html {attributes}><head>{head}</head><body><p>Text.</p></body></html>")


def test_the_card_title_stands_above_the_title_element():
    card = '<meta property="og:title" content="On ferries"><title>On ferries | Daily Ferry</title>'
    assert title(tree(card)) == "On ferries"


def test_an_empty_card_falls_back_to_the_title_element():
    assert title(tree('<meta property="og:title" content=" "><title>On\n ferries</title>')) == "On ferries"


def test_a_page_without_a_title_has_an_empty_one():
    assert title(tree("")) == ""


@pytest.mark.parametrize(
    ("attributes", "head", "code"),
    [
        ('lang="en"', "", "en"),
        ('lang="pt-BR"', "", "pt"),
        ('lang="EN_us"', "", "en"),
        ("", '<meta http-equiv="Content-Language" content="de, en">', "de"),
        ("", '<meta property="og:locale" content="ja_JP">', "ja"),
        ('lang="english"', "", ""),
        ('lang=""', "", ""),
        ("", "", ""),
    ],
)
def test_the_language_is_read_from_the_markup(attributes, head, code):
    assert language(tree(head, attributes)) == code


def test_a_licence_is_the_address_that_the_page_links_to():
    address = "https://creativecommons.org/licenses/by/4.0/"
    assert licence(tree(f'<link rel="license" href="{address}">')) == address
    assert (
        licence(parse(f'<html><body><p>Text.</p><a rel="nofollow license" href="{address}">CC</a></body></html>'))
        == address
    )
    assert licence(tree("")) == ""
