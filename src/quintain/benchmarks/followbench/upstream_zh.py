"""The authors' Chinese rules, quirks included: same verdict as their code on any output.

They differ from the English ones in more than words: sentences end at full-width marks only, length is counted in
characters, a word is found anywhere (its characters need no border), "at most 20" is checked as "fewer than 20", and
gigaword demands at level 5 the very character that the instruction forbids.

Source: code_zh/rule_based_evaluation.py of the authors; rewritten from its behaviour, in linear time.
"""

import re
import string

from quintain.benchmarks.followbench import targets
from quintain.benchmarks.followbench.constraints import Check, Predicate, stacked, whole

_SENTENCE_MARK = re.compile(r"[。！？]")
_DOLLARS = re.compile(r"(?<!\d)\d++美元")
_NUMBER_MARKER = re.compile(r"\d+\.")
_PUNCTUATION = string.punctuation + "，。：’“”"


def _sentences(text: str) -> list[str]:
    return [piece for piece in _SENTENCE_MARK.split(text) if piece]


def _sentence_count(count: int) -> Predicate:
    return lambda text: len(_sentences(text)) == count


def _sentences_shorter(characters: int) -> Predicate:
    return lambda text: all(len(sentence) < characters for sentence in _sentences(text))


def _length(fewest: int, most: int) -> Predicate:
    return lambda text: fewest <= len(text) <= most


def _has(word: str) -> Predicate:
    return lambda text: word in text


def _lacks(word: str) -> Predicate:
    return lambda text: word not in text


def _sentence_has(number: int, word: str) -> Predicate:
    def check(text: str) -> bool:
        sentences = _sentences(text)
        return len(sentences) >= number and word in sentences[number - 1]

    return check


def _sentence_lacks(number: int, word: str) -> Predicate:
    has = _sentence_has(number, word)
    return lambda text: not has(text)


def _all(*constraints: Predicate) -> Predicate:
    return lambda text: all(satisfies(text) for satisfies in constraints)


def _punctuation(text: str) -> int:
    return sum(text.count(mark) for mark in _PUNCTUATION)


def _ends_on_dollars(response: str, target: str) -> bool:
    return _DOLLARS.findall(response)[-1:] == [target]


def _format_22(response: str, target: str, level: int) -> tuple[bool, ...]:
    paragraphs = response.split("\n\n")
    constraints = (
        len(paragraphs) == (4 if level == 5 else 3),
        all(len(_sentences(paragraph)) < 3 for paragraph in paragraphs[:3]),
        all(len(sentence) > 20 for sentence in _sentences(response)),
        all(_NUMBER_MARKER.match(start) for start in map(str.lstrip, paragraphs) if start),
        response.endswith("这些是建议"),
    )
    return constraints[:level]


CHECKS: dict[str, Check] = {
    "E2E": whole(targets.is_target),
    "text_editing": whole(targets.is_target),
    "CONLL2003": whole(targets.is_listed),
    "BBH_logical": whole(targets.ends_on_option),
    "BBH_time": whole(targets.ends_on_date),
    "self_made_space": whole(targets.contains_target),
    "gsm_8k": whole(_ends_on_dollars),
    "example": whole(targets.fills_wrapper),
    "cnn_dailymail": stacked(
        _sentence_count(3),
        _sentences_shorter(15),
        _all(_sentence_has(1, "波特"), _sentence_has(2, "演员"), _sentence_has(3, "电影")),
        _sentence_lacks(2, "奢侈"),
        _sentence_has(3, "了"),
    ),
    "xsum": stacked(_sentence_count(1), _length(0, 19), _lacks("牛顿斯图尔特"), _has("在"), _has("操作")),
    "samsum": stacked(
        _sentence_count(1),
        _length(0, 14),
        _has("琐碎的"),
        _lacks("拖沓的"),
        lambda text: _punctuation(text) == 1,
    ),
    "gigaword": stacked(
        _length(8, 8),
        lambda text: _punctuation(text) == 0,
        lambda text: not any(map(str.isnumeric, text)),
        _lacks("公交车"),
        _has("在"),
    ),
    "arxiv": stacked(
        _sentence_count(1),
        _length(0, 20),
        lambda text: text.startswith("我们"),
        _has("激活"),
        _lacks("transformer"),
    ),
    "format-22": _format_22,
}
"""Check by the name under which an item's rules ask for it."""
