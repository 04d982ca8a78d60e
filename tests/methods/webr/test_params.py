"""Settings out of range are refused with name and value."""

import pytest

from quintain.methods.webr import WebrParams


def test_the_defaults_are_the_papers():
    params = WebrParams()
    assert (params.as_instruction, params.as_response) == (2, 1)
    assert (params.part_share, params.section_share) == (0.5, 0.5)
    assert params.word_budgets == (50, 100, 150, 200)
    assert params.duplicate_similarity == 0.7
    assert params.instruction_share == pytest.approx(2 / 3)


def test_lists_from_yaml_become_tuples():
    assert WebrParams(word_budgets=[10, 20]).word_budgets == (10, 20)


def test_the_paper_compares_requests_as_sets_of_words():
    assert (WebrParams(mode="paper").shingle_words, WebrParams().shingle_words) == (1, 3)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"mode": "fast"}, "mode must be one of paper, robust, got 'fast'"),
        ({"as_instruction": 0, "as_response": 0}, "one of them must be positive"),
        ({"as_response": -1}, "as_response must be at least 0, got -1"),
        ({"part_share": 1.5}, r"part_share must be in \[0, 1\], got 1.5"),
        ({"section_share": -0.1}, r"section_share must be in \[0, 1\], got -0.1"),
        ({"min_section_words": 0}, "min_section_words must be at least 1, got 0"),
        ({"max_page_words": 20}, "got 30 and 20"),
        ({"less_grounded": "keep"}, "less_grounded must be one of drop, flag, got 'keep'"),
        ({"max_rows": -1}, "max_rows must be at least 0, got -1"),
        ({"word_budgets": []}, "word_budgets must be of one item at least"),
        ({"word_budgets": [0]}, r"word_budgets\.1 must be at least 1, got 0"),
        ({"duplicate_similarity": 0}, r"duplicate_similarity must be in \(0, 1\], got 0"),
    ],
)
def test_a_setting_out_of_range_is_refused(setting, message):
    with pytest.raises(ValueError, match=message):
        WebrParams(**setting)
