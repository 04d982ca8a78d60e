"""Limits are in range, hashable, and read from YAML."""

import pytest

from quintain.web.page_limits import PageLimits


def test_limits_read_from_yaml_can_be_hashed():
    assert hash(PageLimits(languages=["en"], max_top_ngrams=[0.2])) == hash(
        PageLimits(languages=("en",), max_top_ngrams=(0.2,))
    )


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"max_bytes": 0}, "max_bytes must be at least 1, got 0"),
        ({"min_words": 0}, "min_words must be at least 1, got 0"),
        ({"min_words": 9, "max_words": 8}, "got 9 and 8"),
        ({"min_word_length": 11.0}, "got 11.0 and 10.0"),
        ({"min_stop_words": 9}, r"min_stop_words must be in 0\.\.8, got 9"),
        ({"min_sentences": -1}, "min_sentences must be at least 0, got -1"),
        ({"languages": ["english"]}, r"languages must be ISO 639-1 codes such as 'en', got \['english'\]"),
        ({"max_top_ngrams": [0.2, 2]}, r"max_top_ngrams\.2 must be in \[0, 1\], got 2"),
        ({"max_symbols": 1.5}, r"max_symbols must be in \[0, 1\], got 1.5"),
    ],
)
def test_a_limit_out_of_range_is_refused(setting, message):
    with pytest.raises(ValueError, match=message):
        PageLimits(**setting)
