"""Bridge a response: mend what is broken, rule by rule, in as few words as possible, and prove the result."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from rapidfuzz.distance import Indel, Levenshtein

from quintain.packs.bridging import content, style
from quintain.packs.bridging.job import MENDERS, Job
from quintain.packs.bridging.layout import base_task
from quintain.packs.bridging.structured import mend_fields, mend_object, mend_selection, mend_table
from quintain.packs.exercises.exercise import Exercise
from quintain.packs.language import words
from quintain.packs.stock import Stock

__all__ = ["Bridged", "bridge", "content", "style"]

_MOST_STEPS = 12
_MOST_CANDIDATES = 60
LEAST_KEPT = 1 / 3
"""Share of a response's words that must stay, or the result would be another response."""


@dataclass(frozen=True)
class Bridged:
    """A mended response, or why there is none."""

    text: str = ""
    """The response, proved by all checks; empty where there is none."""
    reason: str = ""
    """`empty`, `no-object`, `no-table`, `conflict` where mending one rule always breaks another, or `another-response`
    where too little would stay; empty where it was mended."""
    changed_words: int = 0
    """Words that were put in, taken out or replaced."""


def bridge(exercise: Exercise, response: str, stock: Stock, rng: random.Random) -> Bridged:
    """Mend a response.

    Args:
        exercise: What it responds to.
        response: The response.
        stock: Stock of the exercise, for words that are missing.
        rng: Source of what the response leaves open.

    Returns:
        The response that passes every check, or the reason why it was dropped. One that passes already stays as it is.
    """
    if exercise.passes(response):
        return Bridged(response)
    if not words(response):
        return Bridged(reason="empty")
    kind = exercise.rules[0].kind
    if kind == "json_keys":
        mended, reason = mend_object(response, exercise, stock, rng), "no-object"
    elif kind == "grid_columns":
        mended, reason = mend_table(response, exercise, stock, rng), "no-table"
    elif exercise.topic is None:
        mended, reason = _computed(exercise, response, rng), "conflict"
    else:
        mended, reason = _mended_text(exercise, response, Job(exercise.topic, exercise.rules, stock, rng)), "conflict"
    if mended is None or not exercise.passes(mended):
        return Bridged(reason=reason)
    # Of an answer of a few words nothing may be left, and it is still the answer that was asked for.
    if exercise.topic is not None and _kept_words(response, mended) < LEAST_KEPT * len(words(response)):
        return Bridged(reason="another-response")
    return Bridged(mended, changed_words=Levenshtein.distance(words(response), words(mended)))


def _kept_words(response: str, mended: str) -> int:
    """Number of words that stand in both in the same order, in whatever case."""
    before, after = words(response.lower()), words(mended.lower())
    return (len(before) + len(after) - Indel.distance(before, after)) // 2


def _computed(exercise: Exercise, response: str, rng: random.Random) -> str | None:
    kind = exercise.rules[0].kind
    if kind == "field":
        mended = mend_fields(response, exercise.rules)
    elif kind == "picked":
        mended = mend_selection(response, exercise.rules)
    else:
        return exercise.respond(rng)
    return mended if exercise.passes(mended) else exercise.respond(rng)


def _mended_text(exercise: Exercise, response: str, job: Job) -> str | None:
    """Mend step by step, each time whatever leaves most rules in force, and of those what changes fewest words."""
    text, seen = response, {response}
    for _ in range(_MOST_STEPS):
        if exercise.passes(text):
            return text
        before = words(text)
        fresh = [each for each in islice(_candidates(exercise, text, job), _MOST_CANDIDATES) if each not in seen]
        if not fresh:
            return None
        text = max(fresh, key=lambda each: (_merit(exercise, each), -Levenshtein.distance(before, words(each))))
        seen.add(text)
    return text if exercise.passes(text) else None


def _merit(exercise: Exercise, text: str) -> int:
    return sum(exercise.verdicts(text)) + exercise.does_task(text)


def _candidates(exercise: Exercise, text: str, job: Job) -> Iterator[str]:
    if not exercise.does_task(text):
        yield from islice(base_task(text, job), _MOST_CANDIDATES // 3)
    for rule, holds in zip(exercise.rules, exercise.verdicts(text), strict=True):
        if not holds:
            yield from islice(MENDERS[rule.kind](text, rule.value, job), _MOST_CANDIDATES // 5)
