"""The rules of the packs: pure functions from a response and a parameter to a finding.

Each reads the response once. A parameter is a string; where a rule needs more than one value, they are joined by `|`.
What a rule looks at is a surface feature: a style rule claims letters and punctuation, never a tone.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from quintain.packs.language import Span, lines, paragraphs, sentences, word_spans, words
from quintain.records import Rule


@dataclass(frozen=True)
class Finding:
    """Whether a rule holds, and the stretches of the response that decide it."""

    holds: bool
    evidence: tuple[Span, ...] = ()


Check = Callable[[str, str], Finding]

CHECKS: dict[str, Check] = {}


def check(rule: Rule, response: str) -> Finding:
    """Apply one rule to a response.

    Args:
        rule: What must hold.
        response: What the model wrote.

    Returns:
        Whether it holds, and the evidence.

    Raises:
        ValueError: The pack names a rule that this version does not have.
    """
    if rule.kind not in CHECKS:
        raise ValueError(f"there is no rule {rule.kind!r}; the pack needs another version of Quintain")
    return CHECKS[rule.kind](response, rule.value)


def _rule(function: Callable[[str, str], Finding | bool]) -> Check:
    def checked(response: str, value: str) -> Finding:
        finding = function(response, value)
        return finding if isinstance(finding, Finding) else Finding(finding)

    CHECKS[function.__name__] = checked
    return checked


def _occurrences(response: str, term: str) -> tuple[Span, ...]:
    """Whole-word occurrences of a term, in any case."""
    pattern = re.compile(rf"(?<!\w){re.escape(term)}(?!\w)", re.IGNORECASE)
    return tuple(Span(*match.span()) for match in pattern.finditer(response))


# --- content -----------------------------------------------------------------------------------------------------


@_rule
def include(response: str, term: str) -> Finding:
    """The term occurs."""
    found = _occurrences(response, term)
    return Finding(bool(found), found)


@_rule
def exclude(response: str, term: str) -> Finding:
    """The term does not occur."""
    found = _occurrences(response, term)
    return Finding(not found, found)


@_rule
def repeat(response: str, value: str) -> Finding:
    """The term occurs exactly so many times: `times|term`."""
    times, term = value.split("|")
    found = _occurrences(response, term)
    return Finding(len(found) == int(times), found)


@_rule
def in_first_sentence(response: str, term: str) -> bool:
    """The term occurs in the first sentence."""
    return bool(_occurrences((sentences(response) or [""])[0], term))


@_rule
def order(response: str, value: str) -> Finding:
    """Both terms occur, the first one first: `earlier|later`."""
    earlier, later = (_occurrences(response, term) for term in value.split("|"))
    return Finding(bool(earlier and later) and earlier[0] < later[0], (*earlier[:1], *later[:1]))


# --- style ---------------------------------------------------------------------------------------------------------

_FIRST_PERSON = {"i", "me", "my", "mine", "myself", "we", "us", "our", "ours", "ourselves"}
_CONTRACTION = re.compile(
    r"\b\w+(?:n['’]t|['’](?:re|ve|ll|d|m))\b|\b(?:it|that|there|he|she|what)['’]s\b", re.IGNORECASE
)


@_rule
def case(response: str, value: str) -> bool:
    """All letters are `lower` or `upper`."""
    letters = [letter for letter in response if letter.isalpha()]
    return bool(letters) and all(letter == getattr(letter, value)() for letter in letters)


@_rule
def without(response: str, mark: str) -> Finding:
    """The punctuation mark does not occur."""
    found = tuple(Span(i, i + 1) for i, letter in enumerate(response) if letter == mark)
    return Finding(bool(response.strip()) and not found, found)


@_rule
def sentence_end(response: str, mark: str) -> bool:
    """Every sentence ends with the mark."""
    found = sentences(response)
    return bool(found) and all(sentence.rstrip("\"'”’)*_").endswith(mark) for sentence in found)


@_rule
def sentence_start(response: str, word: str) -> bool:
    """Every sentence starts with the word."""
    found = sentences(response)
    return bool(found) and all(words(sentence)[0].lower() == word.lower() for sentence in found)


@_rule
def no_first_person(response: str, _: str) -> Finding:
    """No pronoun of the first person occurs."""
    found = tuple(span for span in word_spans(response) if response[span.start : span.end].lower() in _FIRST_PERSON)
    return Finding(bool(response.strip()) and not found, found)


@_rule
def no_contraction(response: str, _: str) -> Finding:
    """No contraction such as don't or it's occurs."""
    found = tuple(Span(*match.span()) for match in _CONTRACTION.finditer(response))
    return Finding(bool(response.strip()) and not found, found)


@_rule
def sentence_words(response: str, value: str) -> bool:
    """Every sentence has between so many words: `least|most`."""
    least, most = map(int, value.split("|"))
    found = sentences(response)
    return bool(found) and all(least <= len(words(sentence)) <= most for sentence in found)


# --- format --------------------------------------------------------------------------------------------------------


@_rule
def paragraph_count(response: str, value: str) -> bool:
    """There are exactly so many paragraphs."""
    return len(paragraphs(response)) == int(value)


@_rule
def sentence_count(response: str, value: str) -> bool:
    """There are exactly so many sentences."""
    return len(sentences(response)) == int(value)


@_rule
def bullets(response: str, value: str) -> Finding:
    """There are exactly so many lines with a dash."""
    found = tuple(Span(*match.span()) for match in re.finditer(r"(?m)^[ \t]*- \S.*$", response))
    return Finding(len(found) == int(value), found)


@_rule
def numbered(response: str, value: str) -> bool:
    """There are exactly so many numbered lines, counted from 1."""
    marks = [int(match) for match in re.findall(r"(?m)^[ \t]*(\d{1,3})\. \S", response)]
    return marks == list(range(1, int(value) + 1))


@_rule
def heading(response: str, value: str) -> bool:
    """The first line is a Markdown heading of this depth, the only one."""
    marks = [match for line in lines(response) for match in re.findall(r"^(#{1,6}) \S", line)]
    return marks == ["#" * int(value)] and lines(response)[0].startswith("#")


@_rule
def last_line(response: str, value: str) -> bool:
    """The last line is exactly this."""
    return bool(lines(response)) and lines(response)[-1] == value


@_rule
def first_line(response: str, value: str) -> bool:
    """The first line is exactly this."""
    return bool(lines(response)) and lines(response)[0] == value


@_rule
def bold(response: str, value: str) -> Finding:
    """Exactly so many stretches stand between double asterisks."""
    found = tuple(Span(*match.span()) for match in re.finditer(r"\*\*[^*\n]+\*\*", response))
    return Finding(len(found) == int(value), found)


@_rule
def word_count(response: str, value: str) -> bool:
    """There are between so many words: `least|most`."""
    least, most = map(int, value.split("|"))
    return least <= len(words(response)) <= most


# --- situation -----------------------------------------------------------------------------------------------------


@_rule
def field(response: str, value: str) -> Finding:
    """One line gives the field this value, and no line gives it another: `name|value`."""
    name, expected = value.split("|")
    pattern = re.compile(rf"(?mi)^[ \t*-]*{re.escape(name)}\**:\**[ \t]*(.*?)[ \t*.]*$")
    found = list(pattern.finditer(response))
    right = [match.group(1).strip().lower() == expected.lower() for match in found]
    return Finding(bool(right) and all(right), tuple(Span(*match.span(1)) for match in found))


# --- example -------------------------------------------------------------------------------------------------------


@_rule
def wrapped(response: str, value: str) -> bool:
    """The response shows this feature of the pattern: `feature|mark`, or `swap|earlier|later`."""
    feature, mark, *rest = value.split("|")
    text = response.strip()
    if feature == "prefix":
        return text.startswith(mark + " ")
    if feature == "suffix":
        return text.endswith(" " + mark)
    if feature == "brackets":
        return text.count(mark[0]) == 1 == text.count(mark[1]) and text.index(mark[0]) + 1 < text.index(mark[1])
    if feature == "separator":
        return text.count(f" {mark} ") == 1
    earlier, later = _occurrences(text, mark), _occurrences(text, rest[0])
    return bool(earlier and later) and earlier[0] < later[0]


def base_task_done(response: str, target: str) -> bool:
    """Whether the response does the task at all, before any constraint.

    Args:
        response: What the model wrote.
        target: JSON with `terms` and how many of them must occur (`least`), the fewest `words`, and for computed
            tasks the `answer` that must occur.

    Returns:
        True when the response is about the topic, long enough, and holds the computed answer where there is one.
    """
    task = json.loads(target)
    if any(not _occurrences(response, answer) for answer in task.get("answer", [])):
        return False
    about = sum(bool(_occurrences(response, term)) for term in task.get("terms", []))
    return about >= int(task.get("least", 0)) and len(words(response)) >= int(task.get("words", 1))
