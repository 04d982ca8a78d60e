"""The words of a text, as the filters and the near-duplicate search count them."""

from quintain.text.words import words

__all__ = ["words"]
