"""Repetition: text that goes round in a circle."""

from quintain.text.words import words

_RUN = 8


def repeated_share(text: str) -> float:
    """Share of the words that stand in a run of eight words which the text has said before.

    Args:
        text: Any text; time and memory grow with its length alone.

    Returns:
        A share in [0, 1]; 0 for a text of fewer than nine words.

    >>> repeated_share("The ferry leaves at noon. " * 10)
    0.9
    >>> repeated_share("The ferry leaves at noon, and nobody who has missed it will see the island before night.")
    0.0
    """
    said = words(text)
    seen: set[tuple[str, ...]] = set()
    repeated, covered = 0, 0
    for start in range(len(said) - _RUN + 1):
        run = tuple(said[start : start + _RUN])
        if run in seen:
            repeated += start + _RUN - max(start, covered)
            covered = start + _RUN
        seen.add(run)
    return repeated / len(said) if said else 0.0
