"""Who is believed about the language of a text: the detector, a second one, or the page itself."""

import pytest

from quintain.web import language
from quintain.web.language import language_of

ENGLISH = "The ferry to the island leaves twice a day, and in winter it does not leave at all. " * 8
GERMAN = "Die Fähre zur Insel fährt zweimal am Tag, und im Winter fährt das Schiff nicht mehr hinaus. " * 8
PORTUGUESE = "O barco para a ilha parte duas vezes por dia, e no inverno não parte de modo nenhum. " * 8


@pytest.mark.parametrize(("text", "expected"), [(ENGLISH, "en"), (GERMAN, "de"), (PORTUGUESE, "pt")])
@pytest.mark.parametrize("named", ["", "en", "fr"])
def test_a_clear_text_is_read_whatever_the_page_says(text, expected, named):
    assert language_of(text, named) == expected


def test_a_short_text_is_what_the_page_says_and_read_when_it_says_nothing():
    short = "The ferry to the island leaves twice a day, and in winter not at all."
    assert language_of(short, "sv") == "sv"
    assert language_of(short) == "en"


@pytest.mark.parametrize("text", ["", "42", "!?", "\x00"])
def test_what_is_no_language_is_what_the_page_says(text):
    assert language_of(text, "it") == "it"
    assert language_of(text) == ""


@pytest.mark.parametrize(
    ("second", "named", "expected"),
    [
        ("pt", "", "pt"),  # the second detector decides between two close ones
        ("", "", "gl"),  # it knows nothing, or is not installed
        ("pt", "gl", "gl"),  # two of three
        ("pt", "pt", "pt"),
        ("pt", "en", "pt"),  # the page agrees with neither
        ("", "en", "en"),
    ],
)
def test_close_languages_are_decided_by_majority(monkeypatch, second, named, expected):
    monkeypatch.setattr(language, "_fast_detector", lambda: lambda _text, n_results: [("gl", 288), ("pt", 293)])
    monkeypatch.setattr(language, "_confirm", lambda _text: second)
    assert language_of("x" * 500, named) == expected


def test_without_detectors_the_page_is_believed(monkeypatch):
    monkeypatch.setattr(language, "_fast_detector", lambda: None)
    assert language_of(GERMAN, "en") == "en"
    assert language_of(GERMAN) == ""


def test_the_second_detector_settles_what_is_close_for_the_first(monkeypatch):
    monkeypatch.setattr(language, "_CLEAR_MARGIN", 10_000)
    assert language_of(PORTUGUESE) == "pt"


def test_nobody_else_is_asked_where_the_detector_and_the_page_agree(monkeypatch):
    monkeypatch.setattr(language, "_fast_detector", lambda: lambda _text, n_results: [("gl", 288), ("pt", 293)])
    monkeypatch.setattr(language, "_confirm", lambda _text: pytest.fail("lingua was asked"))
    assert language_of("x" * 500, "gl") == "gl"
