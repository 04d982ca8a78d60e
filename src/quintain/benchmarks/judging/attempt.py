"""Attempt of the task at all, required so that silence, an echo or a refusal cannot pass on form alone."""

import functools
import re

from quintain.records import ConstraintItem

_SUMMARIES = frozenset({"cnn_dailymail", "xsum", "samsum", "gigaword", "arxiv"})
_LATIN_TERM = re.compile(r"[a-z]{5,}")
_HAN_PAIR = re.compile(r"(?=([\u4e00-\u9fff]{2}))")


def attempts_task(item: ConstraintItem, response: str) -> bool:
    """True unless the response is blank, only repeats the instruction, or summarises some other text.

    A summary must share a word of five letters or more with the text it summarises, in Chinese two pairs of
    characters. Whether it is a good summary is not for a rule to say.
    """
    text = response.replace(item.instruction.strip(), "").strip()
    if not text:
        return False
    if item.source not in _SUMMARIES or item.category == "example":
        return True
    chinese = item.rules[0].kind.endswith("-zh")
    shared = _terms(text, chinese) & _document_terms(item.instruction, chinese)
    return len(shared) >= (2 if chinese else 1)


@functools.lru_cache(maxsize=256)
def _document_terms(instruction: str, chinese: bool) -> frozenset[str]:
    return _terms(instruction.partition("\n\n")[2], chinese)


def _terms(text: str, chinese: bool) -> frozenset[str]:
    return frozenset(_HAN_PAIR.findall(text) if chinese else _LATIN_TERM.findall(text.lower()))
