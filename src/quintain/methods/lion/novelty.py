"""The novelty gate: is a text new against everything known so far? ROUGE-L, exactly, on one core."""

import functools
import re
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import Indel

Tokens = Literal["rouge", "unicode"]

# Scripts that write no spaces between words: Thai and Lao, Myanmar, Khmer, kana, Han in all its blocks.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_SURROGATES = range(0xD800, 0xE000)
_MOST_TOKENS = 0x110000 - len(_SURROGATES)
_NEAR_THE_HIGHEST = 0.8


@dataclass(frozen=True)
class Admission:
    """Decision of the novelty gate about one text."""

    accepted: bool
    """Whether it is new enough; then it has joined the pool."""
    score: float
    """ROUGE-L F1 to the nearest text of the pool, 0-1; 0.0 when the pool is empty."""
    nearest: str | None
    """That text, the earliest of several; None when the pool is empty."""


class NoveltyFilter:
    """Admits texts whose ROUGE-L F1 to every text given or admitted so far is at most a threshold.

    >>> gate = NoveltyFilter(["Write a poem about rivers"])
    >>> gate.admit("Write a poem about mountains")
    Admission(accepted=False, score=0.8, nearest='Write a poem about rivers')
    >>> gate.admit("Add the numbers from 1 to 10").accepted
    True
    >>> len(gate)
    2

    Each distinct token becomes one character, so that a text is a short string and rapidfuzz's bit-parallel Indel
    similarity of two strings, 2·LCS / (m + n), is their ROUGE-L F1. Texts that share too few tokens to be the nearest
    are passed over, so the decisions are those of a comparison with the whole pool.

    Args:
        pool: Texts that are known already.
        threshold: Highest score that is still new, 0-1. A score equal to it is admitted; rouge-score's own arithmetic
            rounds some of those upwards.
        tokens: `rouge` for the tokens of rouge-score without stemming, runs of ASCII letters and digits in lower case
            (text without any is always new); `unicode` for words of any language, single characters in scripts that
            write no spaces.

    Raises:
        ValueError: The threshold is outside 0-1, or there are no such tokens.

    Source: arXiv:2305.12870, section 3.3; the authors' src/generate_hard_instruction.py compares with the whole pool in
    a process pool of its own for each candidate.
    """

    def __init__(self, pool: Iterable[str], threshold: float = 0.7, tokens: Tokens = "rouge") -> None:
        if not 0 <= threshold <= 1:
            raise ValueError(f"threshold must be in [0, 1], got {threshold}")
        if tokens not in get_args(Tokens):
            raise ValueError(f"tokens must be one of {', '.join(get_args(Tokens))}, got {tokens!r}")
        if isinstance(pool, str):
            raise ValueError("pool must hold texts, got a single text")
        self._threshold = threshold
        self._split = rouge_tokens if tokens == "rouge" else unicode_tokens
        self._characters: dict[str, str] = {}
        self._texts: list[str] = []
        self._codes: list[str] = []
        self._lengths = array("q")
        # Character and its how-manieth occurrence → positions of the texts that have it: an index of multisets.
        self._postings: defaultdict[tuple[str, int], array[int]] = defaultdict(_positions)
        for text in pool:
            self._add(text, self._encode(text))

    def __len__(self) -> int:
        return len(self._texts)

    def admit(self, text: str) -> Admission:
        """Compare a text with the whole pool; a new one joins it.

        Args:
            text: The candidate.

        Returns:
            The decision, with the nearest text and how near it is.
        """
        code = self._encode(text)
        score, nearest = self._nearest(code)
        accepted = score <= self._threshold
        if accepted:
            self._add(text, code)
        return Admission(accepted, score, nearest)

    def _add(self, text: str, code: str) -> None:
        for occurrence in _occurrences(code):
            self._postings[occurrence].append(len(self._texts))
        self._texts.append(text)
        self._codes.append(code)
        self._lengths.append(len(code))

    def _nearest(self, code: str) -> tuple[float, str | None]:
        if not self._texts:
            return 0.0, None
        bounds = self._bounds(code)
        highest = float(bounds.max())
        if not highest:
            return 0.0, self._texts[0]
        # The few that share most give a score to beat; whoever could reach it is looked at, the earliest first.
        to_beat, _ = self._best(code, np.flatnonzero(bounds >= _NEAR_THE_HIGHEST * highest))
        score, position = self._best(code, np.flatnonzero(bounds >= to_beat))
        return score, self._texts[position]

    def _bounds(self, code: str) -> npt.NDArray[np.float64]:
        """For each text what its score would be if all shared tokens stood in the same order."""
        shared = np.zeros(len(self._texts))
        for occurrence in _occurrences(code):
            if occurrence in self._postings:
                shared[np.frombuffer(self._postings[occurrence], dtype=np.int64)] += 1
        # Two texts without tokens share nothing; 0/0 is no score.
        return 2 * shared / np.maximum(np.frombuffer(self._lengths, dtype=np.int64) + len(code), 1)

    def _best(self, code: str, positions: npt.NDArray[np.intp]) -> tuple[float, int]:
        """Highest score among some texts, and the earliest position that has it."""
        some = positions.tolist()
        codes = [self._codes[position] for position in some]
        _, _, index = process.extractOne(code, codes, scorer=Indel.normalized_similarity)
        length = len(code) + len(codes[index])
        # From whole numbers: the quotient is the float next to the true score, so a score at the threshold equals it.
        return (length - Indel.distance(code, codes[index])) / length, some[index]

    def _encode(self, text: str) -> str:
        known = self._characters
        return "".join([known.get(token) or self._character(token) for token in self._split(text)])

    def _character(self, token: str) -> str:
        number = len(self._characters)
        if number >= _MOST_TOKENS:
            raise ValueError(f"the pool holds more than {_MOST_TOKENS:,} distinct tokens; split it")
        # No string of ours may hold half of a surrogate pair: some encoders refuse it.
        character = chr(number if number < _SURROGATES.start else number + len(_SURROGATES))
        self._characters[token] = character
        return character


def _positions() -> "array[int]":
    return array("q")


def _occurrences(code: str) -> list[tuple[str, int]]:
    """Each character with the number of times it stood before."""
    seen: dict[str, int] = {}
    found = []
    for character in code:
        count = seen.get(character, 0)
        seen[character] = count + 1
        found.append((character, count))
    return found


def rouge_tokens(text: str) -> list[str]:
    """Words as rouge-score has them without stemming: runs of ASCII letters and digits, in lower case.

    >>> rouge_tokens("Don't stop; 2 rivers, 山")
    ['don', 't', 'stop', '2', 'rivers']
    """
    return re.findall("[a-z0-9]+", text.lower())


def unicode_tokens(text: str) -> list[str]:
    """Words of any language, folded in case and form; one character each in scripts that write no spaces.

    >>> unicode_tokens("Größe: ２ Ａ山川")
    ['grösse', '2', 'a', '山', '川']
    """
    return _word().findall(unicodedata.normalize("NFKC", text).casefold())


@functools.cache
def _word() -> re.Pattern[str]:
    # A vowel sign or an accent belongs to the letter before it; `\w` does not hold them.
    marks = "".join(chr(i) for i in range(0x10000) if unicodedata.category(chr(i)) in ("Mn", "Mc"))
    letter = rf"(?:(?![{_UNSPACED}])[^\W_][{marks}]*)"
    return re.compile(rf"[{_UNSPACED}]|{letter}+")
