"""The authors' English rules, quirks included: same verdict as their code on any output.

Quirks that a reader may take for slips: a "sentence" is what lies between full stops, a piece of blanks counts as one;
a "word" of the length rules is what lies between single blanks; names are searched with their case; format 22 counts
the number marker as a sentence of its own, so that its levels 4 and 5 cannot be satisfied; format 30 checks its
constraints in another order than the data adds them, and looks for a literal `-ly`.

Source: code/rule_based_evaluation.py of the authors; rewritten from its behaviour, in linear time.
"""

import re
import string

from quintain.benchmarks.followbench import targets
from quintain.benchmarks.followbench.constraints import Check, Predicate, stacked, whole

_SENTENCE_MARK = re.compile(r"[.!?]")
_DOLLARS = re.compile(r"\$\d+")
_NUMBER_MARKER = re.compile(r"\d+\.")
_KEYWORD = re.compile(r"\*\*\d.[^:]*:")
_SENTENCE_END = re.compile(r"(?<!\w\.\w.)(?<![A-Z][a-z]\.)(?<=[.?])\s")


def _sentences(text: str) -> list[str]:
    return [piece for piece in _SENTENCE_MARK.split(text) if piece]


def _sentence_count(count: int) -> Predicate:
    return lambda text: len(_sentences(text)) == count


def _sentences_shorter(words: int) -> Predicate:
    return lambda text: all(len(sentence.split()) < words for sentence in _sentences(text))


def _word_count(fewest: int, most: int) -> Predicate:
    return lambda text: fewest <= text.count(" ") + 1 <= most


def _finds(pattern: str, flags: int = 0) -> Predicate:
    search = re.compile(pattern, flags).search
    return lambda text: search(text) is not None


def _has(word: str) -> Predicate:
    return _finds(rf"\b{re.escape(word)}\b")


def _lacks(word: str) -> Predicate:
    has = _has(word)
    return lambda text: not has(text)


def _in_sentence(number: int, satisfies: Predicate) -> Predicate:
    def check(text: str) -> bool:
        sentences = _sentences(text)
        return len(sentences) >= number and satisfies(sentences[number - 1])

    return check


def _not_in_sentence(number: int, satisfies: Predicate) -> Predicate:
    inside = _in_sentence(number, satisfies)
    return lambda text: not inside(text)


def _all(*constraints: Predicate) -> Predicate:
    return lambda text: all(satisfies(text) for satisfies in constraints)


def _punctuation(text: str) -> int:
    return sum(text.count(mark) for mark in string.punctuation)


_procrastinates = _finds("procrast", re.IGNORECASE)


def _ends_on_dollars(response: str, target: str) -> bool:
    return _DOLLARS.findall(response)[-1:] == [target]


def _format_22(response: str, target: str, level: int) -> tuple[bool, ...]:
    paragraphs = response.split("\n\n")
    constraints = (
        len(paragraphs) == (4 if level == 5 else 3),
        all(len(_sentences(paragraph)) < 3 for paragraph in paragraphs[:3]),
        all(len(sentence.split()) > 20 for sentence in _sentences(response)),
        all(_NUMBER_MARKER.match(start) for start in map(str.lstrip, paragraphs) if start),
        response.endswith("Those are suggestions"),
    )
    return constraints[:level]


def _format_30(response: str, target: str, level: int) -> tuple[bool, ...]:
    sentences = _SENTENCE_END.split(response)
    numbered = [sentence for sentence in sentences if any(f"{number}." in sentence for number in range(1, 6))]
    constraints = (
        "**" in response,
        _keywords(response) == 5,
        all(sentence.count(".") < 2 for sentence in numbered),
        all(10 <= len(sentence.split()) <= 15 for sentence in sentences),
        not any(word.endswith("-ly") for word in response.split()),
    )
    return constraints[:level]


def _keywords(text: str) -> int:
    # Only what stands before the last colon of a line can match; cutting there keeps the search linear.
    return sum(len(_KEYWORD.findall(line[: line.rfind(":") + 1])) for line in text.split("\n"))


CHECKS: dict[str, Check] = {
    "E2E": whole(targets.is_target),
    "text_editing": whole(targets.is_target),
    "WIKIEVENTS": whole(targets.has_only_target_lines),
    "CONLL2003": whole(targets.is_listed),
    "BBH_logical": whole(targets.ends_on_option),
    "BBH_time": whole(targets.ends_on_date),
    "self_made_space": whole(targets.contains_target),
    "gsm_8k": whole(_ends_on_dollars),
    "example": whole(targets.fills_wrapper),
    "cnn_dailymail": stacked(
        _sentence_count(3),
        _sentences_shorter(15),
        _all(_in_sentence(1, _has("Potter")), _in_sentence(2, _has("actor")), _in_sentence(3, _has("films"))),
        _not_in_sentence(2, _has("lavish")),
        _in_sentence(3, _finds(r"\b(has|have)\s+\w+")),
    ),
    "xsum": stacked(
        _sentence_count(1),
        _word_count(1, 19),
        _lacks("Newton Stewart"),
        _finds(r"\b(am|is|are)\s+\w+ing\b"),
        _has("operation"),
    ),
    "samsum": stacked(
        _sentence_count(1),
        _word_count(1, 14),
        _has("stuff"),
        lambda text: not _procrastinates(text),
        lambda text: _punctuation(text) == 1,
    ),
    "gigaword": stacked(
        _word_count(8, 8),
        lambda text: _punctuation(text) == 0,
        str.islower,
        _lacks("bus"),
        _has("in"),
    ),
    "arxiv": stacked(
        _sentence_count(1),
        _word_count(1, 20),
        lambda text: text.startswith("We"),
        _has("activations"),
        _lacks("transformer"),
    ),
    "format-22": _format_22,
    "format-30": _format_30,
}
"""Check by the name under which an item's rules ask for it."""
