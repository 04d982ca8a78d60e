"""Each filter has one function, one reason, and a page just inside and just outside its limit."""

import dataclasses

import pytest

from quintain.web.quality import FILTERS, PageLimits, fault

PROSE = (
    "The old harbour of the town lies to the north of the river, and the ferries that have come here with salt and "
    "grain for three hundred years still be seen on most mornings before the sun is up over the hills. "
)
LIMITS = PageLimits(min_words=5)


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
    ],
)
def test_every_reason_has_its_page(reason, text):
    assert fault(text, "en", dataclasses.replace(LIMITS, max_words=200)) == reason


def test_every_filter_is_tested_above():
    assert list(FILTERS) == [
        "few-words",
        "many-words",
        "word-length",
        "symbols",
        "bullets",
        "ellipses",
        "letters",
        "stop-words",
        "repeated-lines",
    ]


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


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"max_bytes": 0}, "max_bytes must be at least 1, got 0"),
        ({"min_words": 0}, "1 <= min_words <= max_words must hold, got 0"),
        ({"min_words": 9, "max_words": 8}, "got 9 and 8"),
        ({"min_word_length": 11.0}, "got 11.0 and 10.0"),
        ({"min_stop_words": 9}, r"min_stop_words must be in 0\.\.8, got 9"),
        ({"max_symbols": 1.5}, r"max_symbols is a share and must be in \[0, 1\], got 1.5"),
    ],
)
def test_a_limit_out_of_range_is_refused(setting, message):
    with pytest.raises(ValueError, match=message):
        PageLimits(**setting)
