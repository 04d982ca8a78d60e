"""Consequences of an edit: its relation from the other end, and relations that follow from it.

Lists of words, English as those of the gate. What they lack can be given with an edit as a paraphrase.
"""

from collections.abc import Iterable

from quintain.methods.lte.asking import ASKING_WORDS
from quintain.methods.lte.edits import Words


def _sets(*texts: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(text.split()) for text in texts)


_PARENT, _CHILD, _SIBLING, _SPOUSE, _BEFORE, _AFTER = _sets(
    "father mother parent parents fathered",
    "child children son sons daughter daughters",
    "sibling siblings brother brothers sister sisters",
    "spouse husband wife married",
    "follows",
    "followed",
)
# "how many children" and "where married" ask for no one
_NOT_WHO = frozenset("where when why how many much".split())
# a word for an edit's relation → words that ask for its subject
_CONVERSES = (
    (_PARENT, _CHILD),
    (_CHILD, _PARENT),
    (_SIBLING, _SIBLING),
    (_SPOUSE, _SPOUSE),
    (_BEFORE, _AFTER),
    (_AFTER, _BEFORE),
)
# all that an edit's relation says → what else it settles of the same subject
_SETTLED = {
    frozenset({"country"}): _sets("continent", "currency", "official language", "anthem"),
    frozenset({"place", "death"}): _sets("alive"),
    frozenset({"place", "burial"}): _sets("alive"),
}


def is_converse(asked: Words, relations: Iterable[Words]) -> bool:
    """True when a question asks for the converse of a relation, and for nothing else.

    Args:
        asked: What the question says besides the name that it holds.
        relations: What the phrasings of the relation say besides the subject.

    Returns:
        True where each word that asks for something belongs to the converse.

    >>> is_converse(("who", "is", "the", "son", "of"), [("the", "father", "of", "is")])
    True
    >>> is_converse(("who", "is", "the", "father", "of"), [("the", "father", "of", "is")])
    False
    """
    telling = set(asked) - ASKING_WORDS
    if not telling or not _NOT_WHO.isdisjoint(asked):
        return False
    return any(
        telling <= converse and not said.isdisjoint(relation) for relation in relations for said, converse in _CONVERSES
    )


def is_settled(asked: Words, relations: Iterable[Words]) -> bool:
    """True when a question about the same subject asks for something that follows from a relation.

    Args:
        asked: What the question says besides the subject.
        relations: What the phrasings of the relation say besides the subject.

    Returns:
        True for a continent where the edit sets a country.

    >>> is_settled(("the", "currency", "in", "is"), [("the", "country", "of", "is")])
    True
    >>> is_settled(("the", "currency", "in", "is"), [("the", "country", "of", "citizenship", "is")])
    False
    """
    return any(
        settled.issubset(asked)
        for relation in relations
        for settled in _SETTLED.get(frozenset(relation) - ASKING_WORDS, ())
    )
