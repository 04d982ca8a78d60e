"""How text is cut, and which languages can be told apart."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.benchmarks.verifiable.language import Language, language_of
from quintain.benchmarks.verifiable.reading import capital_words, sentences, word_count


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 0),
        ("...", 0),
        ("No end mark", 1),
        ("Title\n\nOne sentence.", 1),  # a line break ends nothing, as in nltk
        ("one. two. three.", 3),
        ("Really?! Yes.", 2),
        ("Wait... what? Well... Yes.", 3),  # an ellipsis before a small letter goes on
        ("It costs 3.50 at example.com today.", 1),
        ("Dr. A. B. Hill met J.R.R. Rowe.", 1),
        ("So did I. We left at 5 p.m. She stayed.", 3),
        ("Tools, e.g. Git, etc. are free.", 1),
        ("1. Boil it.\n2. Drink it.\na. Enjoy.", 3),
        ("The answer is 5. Good.", 2),
        ('He said "Go." Then (at last.) we went.', 3),
        ("*Stop!* **Now.** Go.", 3),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text, number):
    assert len(sentences(text)) == number


@given(st.text('Aa1.!?… \n")*'))
def test_sentences_lose_no_letter(text):
    kept = "".join(sentences(text))
    assert [letter for letter in kept if letter.isalnum()] == [letter for letter in text if letter.isalnum()]


def test_an_apostrophe_parts_two_words_and_no_two_capital_words():
    assert word_count("I'M HERE") == 3
    assert capital_words("I'M HERE, a B-52 is not it") == ["I'M", "HERE", "B-52"]


def test_the_detector_knows_every_language_that_a_file_may_name():
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    assert set(get_args(Language)) <= set(LanguageIdentifier.from_model_file(MODEL_FILE).labels)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ನದಿಯು ಕಣಿವೆಯ ಮೂಲಕ ನಿಧಾನವಾಗಿ ಹರಿಯುತ್ತದೆ", "kn"),
        ("नदी घाटी से होकर धीरे धीरे बहती है", "hi"),
        ("नदी दरीतून हळूहळू वाहत आहे", "mr"),
        ("नदी उपत्यका हुँदै बिस्तारै बग्छ", "ne"),
        ("Mto unapita polepole katika bonde", "sw"),
        ("강은 계곡을 따라 천천히 흐릅니다", "ko"),
        ("O rio corre devagar pelo vale", "pt"),
        ("THE RIVER FLOWS SLOWLY", "en"),
        ("Hello world.", "en"),
    ],
)
def test_the_language_of_a_sentence_is_told(text, code):
    assert language_of(text) == code


def test_somebody_elses_choice_of_languages_changes_nothing():
    import py3langid

    py3langid.set_languages(["fr", "it"])
    try:
        assert language_of("Der Fluss fließt langsam durch das Tal.") == "de"
    finally:
        py3langid.set_languages(None)
