"""Each filter has one function, one reason, and a page just inside and just outside its limit."""

import dataclasses

import pytest

from quintain.web.page_limits import PageLimits
from quintain.web.quality import FILTERS, _letters_repeated, fault

PROSE = (
    "The old harbour of the town lies to the north of the river, and the ferries that have come here with salt and "
    "grain for three hundred years still be seen on most mornings before the sun is up over the hills. "
)
LIMITS = PageLimits(min_words=5)
STORY = " ".join(f"The ferry number {i} was built of oak and sold to an island." for i in range(12))


def lines(count, line="It is the end of the pier number {}."):
    return "\n".join(line.format(i) for i in range(count))


def test_prose_passes_gophers_own_limits():
    assert fault(PROSE * 2, "en", PageLimits()) == ""


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("few-words", "Four words and no"),
        ("many-words", "the and " * 101),
        ("word-length", "a to of the " * 10),  # 1 + 2 + 2 + 3 = 8 letters in 4 words, a mean of 2
        ("symbols", PROSE + "# " * 8),  # 8 hashes, 42 words
        ("bullets", lines(10, "- the end of harbour pier {}")),
        ("ellipses", lines(10, "The end of the old harbour pier number {} lies a mile to the north…")),
        ("letters", "the and of " + "1234 " * 12 + "harbour " * 3),  # 6 of 18 words have letters
        ("stop-words", "ferry harbour island winter summer boats " * 2),
        ("repeated-lines", "\n".join(["The pier of the town."] * 3 + ["And the ferry.", "And the salt."])),  # 2 of 5
        # 1 of 4 lines stood before, and with it 198 of about 470 characters
        ("repeated-line-characters", "\n".join([PROSE.strip(), "The salt and the ferry.", "The end.", PROSE.strip()])),
        # "the salt", 7 letters, stands 40 times in 80 words and the 22 of the rest: 280 of 280 + 86 letters
        ("top-ngram", "the salt " * 40 + " ".join(f"and w{i}" for i in range(11))),
        # one sentence of 42 words three times: two thirds of the text stood before
        ("repeated-ngrams", PROSE * 3),
        ("few-sentences", "The ferry lies in the harbour of the town, and the salt lies on the pier"),
        ("placeholder", f"{PROSE} Lorem ipsum dolor sit amet."),
        ("braces", f"{PROSE} function() {{ return 1; }}"),
        (
            "notices",
            "\n".join(["To the harbour and the ferry.", "We use cookies.", "See our privacy policy."]),
        ),
    ],
)
def test_every_reason_has_its_page(reason, text):
    assert fault(text, "en", dataclasses.replace(LIMITS, max_words=200, min_sentences=1)) == reason


def test_every_filter_is_tested_above():
    assert list(FILTERS) == [
        "language",
        "few-words",
        "many-words",
        "word-length",
        "symbols",
        "bullets",
        "ellipses",
        "letters",
        "stop-words",
        "repeated-lines",
        "repeated-line-characters",
        "top-ngram",
        "repeated-ngrams",
        "few-sentences",
        "placeholder",
        "braces",
        "notices",
    ]


@pytest.mark.parametrize(
    ("languages", "language", "expected"),
    [((), "", ""), ((), "de", ""), (("en",), "en", ""), (("de", "en"), "en", ""), (("de",), "en", "language")],
)
def test_only_the_languages_named_are_kept(languages, language, expected):
    assert fault(PROSE, language, PageLimits(min_words=5, languages=languages)) == expected


def test_a_page_of_unknown_language_is_dropped_when_languages_are_named():
    assert fault(PROSE, "", PageLimits(min_words=5, languages=["en"])) == "language"


def test_letters_of_repeated_runs_count_once():
    # The words 1 to 7 again: three runs of five stood before, and cover seven words of one letter.
    tokens = list("abcdefgxabcdefg")
    assert _letters_repeated(tokens, 5) == 7


def test_a_run_that_overlaps_itself_counts_from_its_second_start():
    # a a a a: the runs at 1 and 2 stood before; they cover the words at 1, 2 and 3.
    assert _letters_repeated(["a"] * 4, 2) == 3


def test_lists_of_limits_on_runs_may_be_empty():
    text = "the salt " * 40 + STORY
    assert fault(text, "en", PageLimits(max_top_ngrams=(), max_repeated_ngrams=())) == ""
    assert fault(text, "en", PageLimits(max_repeated_ngrams=())) == "top-ngram"


def test_short_texts_may_say_a_name_twice():
    assert fault(PROSE * 2, "en", PageLimits()) == ""  # 84 words
    assert fault(PROSE * 3, "en", PageLimits()) == "repeated-ngrams"  # 126 words


def test_runs_of_single_characters_are_not_measured_in_japanese():
    assert fault("これは日本語のページです。漢字とかなを使って書かれています。" * 8, "ja", PageLimits()) == ""


def test_an_article_about_cookies_is_no_notice():
    long_line = "The law on cookies asks for a privacy policy, and the courts have said what that is to be. " * 4
    assert fault(long_line, "en", LIMITS) == ""


@pytest.mark.parametrize(("words", "expected"), [(4, "few-words"), (5, ""), (10, ""), (11, "many-words")])
def test_the_limits_on_length_belong_to_the_allowed_range(words, expected):
    text = " ".join(["the", "and", "boats"] * 4).split()[:words]
    limits = PageLimits(min_words=5, max_words=10, max_repeated_lines=1)
    assert fault(" ".join(text), "", limits) == expected


def test_nine_bullets_of_ten_lines_are_allowed():
    text = lines(9, "- the end of harbour pier {}") + "\nThe end of the list."
    assert fault(text, "en", LIMITS) == ""


def test_stop_words_are_asked_of_english_only():
    german = "Die Fähre zur Insel fährt zweimal am Tag und im Winter gar nicht mehr hinaus."
    assert fault(german, "de", LIMITS) == ""
    assert fault(german, "", LIMITS) == "stop-words"


def test_languages_without_spaces_are_counted_by_character():
    japanese = "これは日本語のページです。漢字とかなを使って書かれています。" * 3
    assert fault(japanese, "ja", PageLimits()) == ""
    assert fault("日本語", "ja", PageLimits()) == "few-words"
