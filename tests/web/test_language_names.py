"""Language codes of data sets."""

import pytest

from quintain.web.language_names import language_code_of


@pytest.mark.parametrize(
    ("named", "code"),
    [("en", "en"), ("en-US", "en"), ("deu", "de"), ("ger", "de"), ("deu_Latn", "de"), ("zho_Hans", "zh"),
     ("English", "en"), ("tlh", ""), ("", ""), ("English text", "")],
)  # fmt: skip
def test_codes_and_names(named, code):
    assert language_code_of(named) == code
