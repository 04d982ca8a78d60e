"""Grounding: the share of a response that stands on the page."""

import re

from quintain.methods.webr.drafts import PairDraft

_WORD = re.compile(r"\w+")
_CONTENT_CHARACTERS = 4


def grounding(response: str, page: str) -> float:
    """Share of a response's content words and numbers that the page has too.

    A content word has at least four characters; shorter ones are mostly grammar.

    Args:
        response: What a model wrote.
        page: What it should rest on.

    Returns:
        A share in [0, 1]; 1 for a response without content words.

    >>> grounding("The harbour froze in 1740.", "In 1740 the old harbour burned.")
    0.6666666666666666
    """
    said = _content_words(response)
    return len(said & _content_words(page)) / len(said) if said else 1.0


def loses_ground(draft: PairDraft) -> bool:
    """True when a refined response has less of the section than its roll-out had.

    Both the same is no loss: a roll-out that stands on the page whole cannot rise.

    Args:
        draft: A web-as-response draft with both in it.

    Returns:
        True when the share fell.
    """
    return grounding(draft.response, draft.section) < grounding(draft.rollout, draft.section)


def _content_words(text: str) -> set[str]:
    tokens = _WORD.findall(text.lower())
    return {token for token in tokens if len(token) >= _CONTENT_CHARACTERS or token.isdigit()}
