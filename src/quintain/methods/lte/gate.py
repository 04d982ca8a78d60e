"""The slot gate: an edit reaches the model only when the question asks for its slot, subject and relation.

Likeness cannot decide this: "The gender of Ada Brook is" is as near to an edit of Ada Brook's employer as a paraphrase.
Words can: the subject or an alias must be named, and what else the edit's prompt says, or what follows from it, must be
asked for. A question turned round names the target instead; it is let through where it asks for the converse and for
nothing else, or where the edit came with a paraphrase that does so.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz.distance import Indel

from quintain.methods.lte.asking import ASKING_WORDS
from quintain.methods.lte.consequences import is_converse, is_settled
from quintain.methods.lte.edits import Edit, Words, find_name, rest_of, word_forms

_NOT = frozenset("not than except besides excluding".split())
_BE = frozenset("is was are were".split())
_ARTICLES = frozenset("a an the".split())
_CODE = re.compile(r"[pq]\d+")
_WORD_LIKENESS = 0.7
_NAME_LIKENESS = 0.75
# A name of one word has nothing beside it that could make up for a letter: Thornmere is not Thorndere.
_LONE_NAME_LIKENESS = 0.95
_ENDINGS = ("ing", "ed", "es", "er", "or", "s")


@dataclass(frozen=True, kw_only=True)
class SlotMatch:
    """Match of a question with the slot of an edit."""

    subject: float
    """Share of the subject's name, or of an alias, that the question holds, in [0, 1]; 1 when it is named outright, or
    when a question turned round names the target."""
    relation: float
    """Share of the relation's words that the question holds besides the subject, in [0, 1]."""
    excludes: bool
    """Whether the question rules the new target out: "which is not …"."""


_NO_MATCH = SlotMatch(subject=0.0, relation=0.0, excludes=False)


@dataclass(frozen=True, kw_only=True)
class SlotGate:
    """Thresholds on the match; the defaults are calibrated on KnowEdit, see docs/systems/lte.md."""

    subject: float = 0.8
    """Least share of the subject's name, in [0, 1]."""
    relation: float = 0.5
    """Least share of the relation's words, in [0, 1]."""

    def admits(self, match: SlotMatch) -> bool:
        """True when an edit with this match goes to the model."""
        return not match.excludes and match.subject >= self.subject and match.relation >= self.relation


class SlotWords:
    """The words of an edit that decide about a question, taken apart when they are needed.

    Args:
        edit: The edit.
    """

    def __init__(self, edit: Edit) -> None:
        self.edit = edit
        """The edit."""
        self.names = tuple([forms for name in edit.names if (forms := word_forms(name))])
        """The subject's name and aliases."""
        self.target = word_forms(edit.target_new)
        """The new target."""

    @cached_property
    def _prompt(self) -> Words:
        return word_forms(self.edit.prompt)

    @cached_property
    def _paraphrases(self) -> list[Words]:
        return list(map(word_forms, self.edit.paraphrases))

    @cached_property
    def relations(self) -> tuple[Words, ...]:
        """Words of prompt, paraphrases and label besides the subject."""
        asked = [self._prompt, *(text for text in self._paraphrases if not self._turned_round(text))]
        phrasings = [_besides(text, self.names) for text in asked]
        label = word_forms(self.edit.relation.replace("_", " "))
        if label and not all(map(_CODE.fullmatch, label)):
            phrasings.append(label)
        return tuple(dict.fromkeys(phrasings))

    @cached_property
    def backward(self) -> tuple[Words, ...]:
        """Words of paraphrases that ask for the subject, besides the target."""
        return tuple(rest_of(text, self.target) for text in self._paraphrases if self._turned_round(text))

    def _turned_round(self, text: Words) -> bool:
        named = (find_name(name, text) for name in self.names)
        return find_name(self.target, text) is not None and all(at is None for at in named)

    @cached_property
    def voices(self) -> frozenset[tuple[str, bool]]:
        """The verbs right behind the subject, and whether it suffers them."""
        return frozenset(voice for text in (self._prompt, *self._paraphrases) if (voice := _voice(text, self.names)))


def match_slot(question: Words, slot: SlotWords) -> SlotMatch:
    """Hold a question against the slot of an edit.

    Args:
        question: Word forms of the question.
        slot: Words of the edit.

    Returns:
        The match.

    >>> edit = Edit(subject="Ada Brook", prompt="The employer of Ada Brook is", target_new="Mill & Sons")
    >>> match_slot(word_forms("For which employer does Ada Brook work?"), SlotWords(edit))
    SlotMatch(subject=1.0, relation=1.0, excludes=False)
    >>> match_slot(word_forms("What is the gender of Ada Brook?"), SlotWords(edit)).relation
    0.0
    """
    subject = 0.0
    for name in slot.names:
        subject = max(subject, _named(name, question))
    if subject < 1 and slot.target and slot.target[0] in question and _asks_backward(question, slot):
        return SlotMatch(subject=1.0, relation=1.0, excludes=False)
    if not subject:
        return _NO_MATCH
    rest = _besides(question, slot.names)
    relation = 1.0 if is_settled(rest, slot.relations) else max([_asked(one, rest) for one in slot.relations])
    if (voice := _voice(question, slot.names)) and (voice[0], not voice[1]) in slot.voices:
        relation = 0.0  # who follows whom
    return SlotMatch(subject=subject, relation=relation, excludes=_excludes(rest, slot.target))


def _asks_backward(question: Words, slot: SlotWords) -> bool:
    if find_name(slot.target, question) is None:
        return False
    rest = rest_of(question, slot.target)
    if not _NOT.isdisjoint(rest):
        return False
    # A question about the target itself may share a word with the paraphrase: nothing less than all of them will do.
    return any(_asked(phrasing, rest) == 1 for phrasing in slot.backward) or is_converse(rest, slot.relations)


def calibrate(probes: Sequence[tuple[SlotMatch, bool]], most_false: float = 0.01) -> SlotGate:
    """Choose the thresholds that admit most questions in scope while few others slip through.

    Args:
        probes: Matches of held-out questions with the edits found for them, and whether the edit answers the question.
        most_false: Largest share of questions out of scope that may be admitted, in [0, 1].

    Returns:
        The gate; of equal ones the strictest.

    Raises:
        ValueError: There are no probes of one kind, or no thresholds keep to the limit.
    """
    inside = [match for match, in_scope in probes if in_scope]
    outside = [match for match, in_scope in probes if not in_scope]
    if not inside or not outside:
        raise ValueError("calibration needs probes in scope and out of scope")
    best: tuple[float, SlotGate] | None = None
    for subject in (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6):
        for relation in (1.0, 0.9, 0.8, 0.75, 0.7, 0.65, 0.6, 0.5, 0.4, 0.33):
            gate = SlotGate(subject=subject, relation=relation)
            if _share(gate, outside) <= most_false and (best is None or _share(gate, inside) > best[0]):
                best = _share(gate, inside), gate
    if best is None:
        raise ValueError(f"even the strictest gate admits more than {most_false:.1%} of the questions out of scope")
    return best[1]


def _share(gate: SlotGate, matches: Iterable[SlotMatch]) -> float:
    admitted = [gate.admits(match) for match in matches]
    return sum(admitted) / len(admitted)


def _named(name: Words, question: Words) -> float:
    if find_name(name, question) is not None:
        return 1.0
    for word in name:
        # A year or number is a name of its own: no likeness.
        if word.isdigit() and word not in question:
            return 0.0
    others = set(question)
    telling = [word for word in name if word not in _ARTICLES] or list(name)
    least = _LONE_NAME_LIKENESS if len(telling) == 1 else _NAME_LIKENESS
    held = sum(len(word) * _likeness(word, others, least) for word in telling)
    return held / sum(map(len, telling))


def _besides(text: Words, names: Sequence[Words]) -> Words:
    for name in names:
        if (rest := rest_of(text, name)) != text:
            return rest
    likely = {word for name in names for word in name}
    return tuple(word for word in text if _likeness(word, likely, _NAME_LIKENESS) == 0)


def _voice(text: Words, names: Sequence[Words]) -> tuple[str, bool] | None:
    """The verb right behind the subject, and whether the subject suffers it: "is followed by" against "follows"."""
    for name in names:
        if (at := find_name(name, text)) is not None:
            behind = text[at + len(name) :]
            if len(behind) > 2 and behind[0] in _BE and behind[2] == "by":
                return _stem(behind[1]), True
            return (_stem(behind[0]), False) if behind else None
    return None


def _asked(phrasing: Words, rest: Words) -> float:
    if phrasing == rest:
        return 1.0
    telling = {_stem(word) for word in phrasing if word not in ASKING_WORDS}
    asked = {_stem(word) for word in rest if word not in ASKING_WORDS}
    if not telling:
        return 0.0
    return sum(_likeness(word, asked, _WORD_LIKENESS) for word in telling) / len(telling)


def _likeness(word: str, others: Iterable[str], least: float) -> float:
    if word in others:
        return 1.0
    if word.isdigit():
        return 0.0
    return max((Indel.normalized_similarity(word, other, score_cutoff=least) for other in others), default=0.0)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word[: -len(ending)]
    return word


def _excludes(rest: Words, target: Words) -> bool:
    at = find_name(target, rest)
    if not at:
        return False
    before = rest[at - 2] if rest[at - 1] in _ARTICLES and at > 1 else rest[at - 1]
    return before in _NOT
