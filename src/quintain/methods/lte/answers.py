"""Exact match of generated answers: normalised and compared whole, not token by token."""

import re
import string

from quintain.methods.lte.edits import find_name, word_forms

Answers = tuple[tuple[str, ...], ...]
"""Right answers, each in every spelling."""

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(a|an|the)\b")


def normalised(text: str) -> str:
    """Bring a text to the form in which answers are compared: lower case, no ASCII punctuation, no articles.

    >>> normalised("The  Mayor is Ada B.")
    'mayor is ada b'

    Source: SQuAD's evaluation, which EasyEdit's evaluation in the wild took over.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def is_right(response: str, answers: Answers) -> bool:
    """True when a response is one of the answers, compared whole.

    Args:
        response: What a model generated, to its natural end.
        answers: Right answers, each in every spelling.

    Returns:
        True when they are equal once normalised; an empty response never is.

    >>> is_right("Ada Brook.", (("Ada Brook", "A. Brook"),))
    True
    >>> is_right("Ada Brook or Cy Dahl", (("Ada Brook",),))
    False
    """
    said = normalised(response)
    return bool(said) and any(said == normalised(spelling) for spellings in answers for spelling in spellings)


def names_answer(response: str, answers: Answers) -> bool:
    """True when an answer stands somewhere in a response; overstates, since a list of everything holds it too.

    >>> names_answer("It is Ada Brook now", (("Ada Brook",),)), names_answer("Adam Brook", (("Ada Brook",),))
    (True, False)
    """
    said = word_forms(response)
    return any(find_name(word_forms(spelling), said) is not None for spellings in answers for spelling in spellings)


def is_same(response: str, other: str) -> bool:
    """True when two responses are equal once normalised.

    >>> is_same("Ada Brook", "ada brook.")
    True
    """
    return normalised(response) == normalised(other)
