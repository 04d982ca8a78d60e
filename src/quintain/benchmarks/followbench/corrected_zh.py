"""Chinese rules that check what the instruction says, with the authors' defects repaired.

Blanks around the response never matter. Sentences end at full-width or plain marks; length counts characters without
marks and blanks; "at most 20" admits 20; gigaword keeps the character out that the instruction forbids.
"""

import re

from quintain.benchmarks.followbench import targets
from quintain.benchmarks.followbench.attributes import lists_same_attributes
from quintain.benchmarks.followbench.constraints import Check, Predicate, stacked, whole
from quintain.benchmarks.followbench.corrected_en import paragraphs, punctuation

_SENTENCE_END = re.compile(r"[。！？!?]+")
_DOLLARS = re.compile(r"(?<!\d)(\d++)\s*+美元")
_NUMBER_MARKER = re.compile(r"\s*\d+[.．、)）]\s*")
_ENDING = "这些是建议"


def _sentences(text: str) -> list[str]:
    return [piece for piece in _SENTENCE_END.split(text) if _length(piece)]


def _length(text: str) -> int:
    return sum(map(str.isalnum, text))


def _sentence_count(count: int) -> Predicate:
    return lambda text: len(_sentences(text)) == count


def _shorter_than(characters: int) -> Predicate:
    return lambda text: 0 < _length(text) < characters


def _has(word: str) -> Predicate:
    return lambda text: word in text


def _lacks(word: str) -> Predicate:
    return lambda text: word not in text


def _in_sentences(*constraints: Predicate | None) -> Predicate:
    def check(text: str) -> bool:
        found = _sentences(text)
        return len(found) >= len(constraints) and all(
            satisfies is None or satisfies(sentence) for satisfies, sentence in zip(constraints, found, strict=False)
        )

    return check


def _is_target(response: str, target: str) -> bool:
    return response.strip() == target.strip()


def _is_listed(response: str, target: str) -> bool:
    return targets.is_listed(response.strip(), target)


def _ends_on_dollars(response: str, target: str) -> bool:
    return _DOLLARS.findall(response)[-1:] == [target.removesuffix("美元")]


def _fills_wrapper(response: str, target: str) -> bool:
    answer = targets.unwrap(response.strip(), target)
    return answer is not None and bool(answer.strip())


def _format_22(response: str, target: str, level: int) -> tuple[bool, ...]:
    text = response.rstrip(" \t\r\n。.！!\"'”’」")
    said_ending = text.endswith(_ENDING)
    parts = paragraphs(text.removesuffix(_ENDING).rstrip(" \t\r\n\"'“‘「") if said_ending else response)
    texts = [_NUMBER_MARKER.sub("", part, count=1) if _NUMBER_MARKER.match(part) else part for part in parts]
    # Levels 1-3 ask for at most three sentences, levels 4 and 5 for fewer than three.
    most = 3 if level < 4 else 2
    constraints = (
        len(parts) == 3,
        all(len(_sentences(text)) <= most for text in texts),
        all(_length(sentence) >= 20 for text in texts for sentence in _sentences(text)),
        all(map(_NUMBER_MARKER.match, parts)),
        said_ending,
    )
    return constraints[:level]


CHECKS: dict[str, Check] = {
    "E2E": whole(lists_same_attributes),
    "text_editing": whole(_is_target),
    "CONLL2003": whole(_is_listed),
    "BBH_logical": whole(targets.ends_on_option),
    "BBH_time": whole(targets.ends_on_date),
    "self_made_space": whole(targets.contains_target),
    "gsm_8k": whole(_ends_on_dollars),
    "example": whole(_fills_wrapper),
    "cnn_dailymail": stacked(
        _sentence_count(3),
        lambda text: all(_length(sentence) <= 15 for sentence in _sentences(text)),
        _in_sentences(_has("波特"), _has("演员"), _has("电影")),
        _in_sentences(None, _lacks("奢侈")),
        _in_sentences(None, None, _has("了")),
    ),
    "xsum": stacked(_sentence_count(1), _shorter_than(21), _lacks("牛顿斯图尔特"), _has("在"), _has("操作")),
    "samsum": stacked(
        _sentence_count(1),
        _shorter_than(16),
        _has("琐碎的"),
        _lacks("拖沓的"),
        lambda text: punctuation(text) == 1,
    ),
    "gigaword": stacked(
        lambda text: _length(text) == 8,
        lambda text: punctuation(text) == 0,
        lambda text: not any(map(str.isdecimal, text)),
        _lacks("公交车"),
        _lacks("在"),
    ),
    "arxiv": stacked(
        _sentence_count(1),
        _shorter_than(21),
        lambda text: text.lstrip().startswith("我们"),
        _has("激活"),
        _lacks("transformer"),
    ),
    "format-22": _format_22,
}
"""Check by the name under which an item's rules ask for it."""
