"""Which characters are emoji."""

import pytest

from quintain.benchmarks.verifiable.emoji import is_emoji


@pytest.mark.parametrize("character", ["😀", "☺", "❤", "🏽", "©", "🫠", "⭐"])
def test_single_emoji_are_told(character):
    assert is_emoji(character)


@pytest.mark.parametrize("character", ["", "a", "1", "#", "\ufe0f", "\u200d", "🇩", "•", "♪"])
def test_letters_digits_joiners_and_parts_of_flags_are_none(character):
    assert not is_emoji(character)
