"""Grounding, by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.methods.webr import grounding

PAGE = "The Harbour of Ystad froze in 1740, says the chronicle."


@pytest.mark.parametrize(
    ("response", "share"),
    [
        ("The harbour froze.", 1.0),
        ("The harbour froze in 1741.", 2 / 3),  # harbour, froze; 1741 is not on the page
        ("In 17 years the ice melted.", 0.0),  # 17, years, melted
        ("It is so.", 1.0),  # no content word
        ("", 1.0),
    ],
)
def test_content_words_and_numbers_are_looked_up_on_the_page(response, share):
    assert grounding(response, PAGE) == pytest.approx(share)


@given(st.text(), st.text())
def test_grounding_is_a_share_and_a_page_is_grounded_in_itself(response, page):
    assert 0 <= grounding(response, page) <= 1
    assert grounding(page, page) == 1
