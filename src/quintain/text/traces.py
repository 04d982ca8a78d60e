"""Reasoning traces: what a thinking model says before it responds is not its response."""

_OPEN, _CLOSE = "<think>", "</think>"


def strip_trace(text: str) -> str:
    r"""Keep what follows the last trace; a trace that never ends leaves nothing, a text without one stays as it is.

    >>> strip_trace("<think>two or three?</think>\n\nThree.")
    'Three.'
    >>> strip_trace("<think>two or three? two or")
    ''
    """
    if _OPEN not in text and _CLOSE not in text:
        return text
    response = text.rpartition(_CLOSE)[2]
    return "" if _OPEN in response else response.strip()
