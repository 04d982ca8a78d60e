"""Responses without the reasoning before them."""

from quintain.reasoning import tell_apart


def strip_trace(text: str) -> str:
    r"""Keep the response of a completion; a trace that never ends leaves nothing, a text without one stays as it is.

    >>> strip_trace("<think>two or three?</think>\n\nThree.")
    'Three.'
    >>> strip_trace("<think>two or three? two or")
    ''
    """
    return tell_apart(text).response
