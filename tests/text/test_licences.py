"""Licences in any spelling, and a list of those that are allowed."""

import pytest

from quintain.records import RawPage
from quintain.text.licences import is_allowed, licence_of
from quintain.web import PageLimits, extract


@pytest.mark.parametrize(
    ("named", "family", "version"),
    [
        ("https://creativecommons.org/licenses/by/4.0", "cc-by", "4.0"),
        ("//creativecommons.org/licenses/by-nc-nd/3.0/us/", "cc-by-nc-nd", "3.0"),
        ("http://creativecommons.org/publicdomain/zero/1.0/", "cc0", ""),
        ("CC0-1.0", "cc0", ""),
        ("cc by-sa 4", "cc-by-sa", "4.0"),
        ("CC_BY_NC", "cc-by-nc", ""),
        ("Creative Commons Attribution Non-Commercial 2.5", "cc-by-nc", "2.5"),
        ("Apache License, Version 2.0", "apache", "2.0"),
        ("GPL-3.0-or-later", "gpl", "3.0"),
        ("Public Domain", "public-domain", ""),
        ("All rights reserved", "all-rights-reserved", ""),
    ],
)
def test_a_licence_is_recognised_by_address_code_or_name(named, family, version):
    assert licence_of(named) == (family, version)


@pytest.mark.parametrize(
    ("licence", "allowed", "expected"),
    [
        ("CC BY-NC 4.0", ["cc-by"], False),
        ("CC BY 3.0", ["cc-by-4.0"], False),
        ("https://creativecommons.org/licenses/by/4.0/", ["cc-by-4.0"], True),
        ("", ["cc-by"], False),
        ("", ["cc-by", "unstated"], True),
        ("/terms", ["cc-by", "unstated"], False),
        ("anything", [], True),
        ("https://a.example/terms", ["https://a.example/terms"], True),
    ],
)
def test_the_list_decides(licence, allowed, expected):
    assert is_allowed(licence, allowed) is expected


def test_pages_that_are_not_allowed_are_counted_apart_from_those_that_name_none():
    limits = PageLimits(min_words=3, min_stop_words=0, licences=["cc-by"])
    text = "Ten ships lay in the harbour, all of them laden with salt."
    linked = f'<a rel="license" href="https://creativecommons.org/licenses/{{}}/4.0/">licence</a><p>{text}</p>'
    kept, refused, unstated = (
        extract(RawPage(url="a", html=html.encode()), limits)
        for html in (linked.format("by"), linked.format("by-nc"), f"<p>{text}</p>")
    )
    assert kept.licence == "https://creativecommons.org/licenses/by/4.0/"
    assert (refused.stage, refused.reason) == ("licence", "not-allowed")
    assert (unstated.stage, unstated.reason) == ("licence", "not-stated")


@pytest.mark.parametrize("wrong", [[""], ["cc"], [" "]])
def test_a_list_that_cannot_mean_what_it_says_is_refused(wrong):
    with pytest.raises(ValueError, match="licences must be names such as 'cc-by'"):
        PageLimits(licences=wrong)
