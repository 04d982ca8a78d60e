"""Menders by the name of their rule, and what they have at hand."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from quintain.packs.language import Span, line_spans, sentence_spans
from quintain.packs.stock import Stock, Topic
from quintain.records import Rule

_END = re.compile(r"[.!?…]*[\"'”’)\]*_]*$")


@dataclass(frozen=True)
class Job:
    """Purpose for which a response is mended."""

    topic: Topic
    rules: Sequence[Rule]
    stock: Stock
    rng: random.Random

    def forbids(self, mark: str) -> bool:
        """True where a rule rules a punctuation mark out."""
        return any(
            rule.kind == "only_full_stops" or (rule.kind, rule.value) == ("without", mark) for rule in self.rules
        )

    def spare_terms(self) -> list[str]:
        """Words of the topic that no rule is about."""
        named = " ".join(rule.value for rule in self.rules).lower()
        return [term for term in self.topic.terms if term not in named]

    def new_sentences(self, text: str) -> list[str]:
        """Statements about the topic that a text does not make yet, with their end mark, the shortest first."""
        ends = [rule.value for rule in self.rules if rule.kind == "sentence_end"]
        said = text.lower()
        left = [statement for statement in self.topic.sentences if statement.lower() not in said]
        return [statement + (ends[0] if ends else ".") for statement in sorted(left, key=len)]


Mender = Callable[[str, str, Job], Iterator[str]]
"""From a response, the rule's parameter and the job to responses that may hold the rule."""
MENDERS: dict[str, Mender] = {}
"""Every mender by the name of its rule."""


def mender(function: Mender) -> Mender:
    """Enter a mender into the table under its own name."""
    MENDERS[function.__name__] = function
    return function


def replaced(text: str, span: Span, by: str) -> str:
    """A text with something else in the place of a stretch."""
    return text[: span.start] + by + text[span.end :]


def lowered(sentence: str) -> str:
    """A sentence as it stands behind another word."""
    return sentence if sentence[:2] in ("I ", "I'") or sentence[:2].isupper() else sentence[:1].lower() + sentence[1:]


def ended(text: str, span: Span, addition: str) -> str:
    """A text with an addition at the end of a sentence, before its end mark."""
    sentence = text[span.start : span.end]
    match = _END.search(sentence)
    place = span.start + (match.start() if match else len(sentence))
    return text[:place] + addition + text[place:]


def places(text: str) -> list[Span]:
    """Sentences of a text, or its lines where it has none."""
    return sentence_spans(text) or line_spans(text)


def with_sentence(text: str, sentence: str) -> Iterator[str]:
    """A text with one more sentence: behind each of its sentences, the last one first, or at its end."""
    for span in reversed(sentence_spans(text)):
        yield f"{text[: span.end]} {sentence}{text[span.end :]}"
    yield f"{text.rstrip()}\n{sentence}" if text.strip() else sentence
