"""English rules that check what the instruction says, with the authors' defects repaired.

Blanks around the response never matter. Sentences end at a mark followed by a blank, so that 20.5 and U.S. do not
split; words are found whatever their case; number markers and keywords are not sentences; constraints stand in the
order in which the data adds them; a wrapper needs an answer in it.
"""

import re
import unicodedata

from quintain.benchmarks.followbench import targets
from quintain.benchmarks.followbench.attributes import lists_same_attributes
from quintain.benchmarks.followbench.constraints import Check, Predicate, stacked, whole

# A run of marks is tried at its first mark, and behind an initial or a title at its second: all of a run that ends
# nothing would be tried otherwise, which takes time with the square of its length.
_SENTENCE_END = re.compile(
    r"(?:(?<![.!?])(?<!\b[A-Z])(?<!\bM[rs])(?<!\bMrs)(?<!\b[DS][rt])"
    r"|(?<=\b[A-Z][.!?])|(?<=\bM[rs][.!?])|(?<=\bMrs[.!?])|(?<=\b[DS][rt][.!?]))"
    r"[.!?]++[\"'”’)\]]*+(?=\s|$)"
)
_DOLLARS = re.compile(r"\$\d+")
_BLANK_LINE = re.compile(r"\n\s*\n")
_NUMBER_MARKER = re.compile(r"\s*\d+[.)]\s*")
_LY_WORD = re.compile(r"\b\w+ly\b", re.IGNORECASE)
_STEMS_IN_LY = frozenset({"ally", "apply", "comply", "family", "fly", "italy", "july", "rely", "reply", "supply"})
_ENDING = "those are suggestions"
_QUOTES = "\"'“”‘’"


def sentences(text: str) -> list[str]:
    """Split at sentence marks that end something, without the pieces that hold only blanks or marks."""
    return [piece for piece in _SENTENCE_END.split(text) if any(map(str.isalnum, piece))]


def paragraphs(text: str) -> list[str]:
    """Split at blank lines."""
    return [piece for piece in _BLANK_LINE.split(text.strip()) if piece.strip()]


def punctuation(text: str) -> int:
    """Count punctuation marks, in ASCII or not."""
    return sum(unicodedata.category(character).startswith("P") for character in text)


def _sentence_count(count: int) -> Predicate:
    return lambda text: len(sentences(text)) == count


def _word_count(fewest: int, most: int) -> Predicate:
    return lambda text: fewest <= len(text.split()) <= most


def _finds(pattern: str) -> Predicate:
    search = re.compile(pattern, re.IGNORECASE).search
    return lambda text: search(text) is not None


def _has(phrase: str) -> Predicate:
    return _finds(r"\b" + r"\W+".join(map(re.escape, phrase.split())) + r"\b")


def _lacks(phrase: str) -> Predicate:
    has = _has(phrase)
    return lambda text: not has(text)


def _in_sentences(*constraints: Predicate | None) -> Predicate:
    def check(text: str) -> bool:
        found = sentences(text)
        return len(found) >= len(constraints) and all(
            satisfies is None or satisfies(sentence) for satisfies, sentence in zip(constraints, found, strict=False)
        )

    return check


_procrastinates = _finds("procrast")


def _ends_on_dollars(response: str, target: str) -> bool:
    return _DOLLARS.findall(response)[-1:] == [target]


def _is_target(response: str, target: str) -> bool:
    return response.strip() == target.strip()


def _is_listed(response: str, target: str) -> bool:
    return targets.is_listed(response.strip(), target)


def _lists_events(response: str, target: str, level: int) -> tuple[bool, ...]:
    events = {line.strip() for line in response.splitlines() if line.strip()}
    wanted = {line.strip() for line in target.splitlines()}
    return (events <= wanted and len(events) == level,) * level


def _fills_wrapper(response: str, target: str) -> bool:
    answer = targets.unwrap(response.strip(), target)
    return answer is not None and bool(answer.strip())


def _format_22(response: str, target: str, level: int) -> tuple[bool, ...]:
    body, said_ending = _cut_ending(response)
    parts = paragraphs(body)
    texts = [_NUMBER_MARKER.sub("", part, count=1) if _NUMBER_MARKER.match(part) else part for part in parts]
    constraints = (
        len(parts) == 3,
        all(len(sentences(text)) < 3 for text in texts),
        all(len(sentence.split()) > 20 for text in texts for sentence in sentences(text)),
        all(map(_NUMBER_MARKER.match, parts)),
        said_ending,
    )
    return constraints[:level]


def _cut_ending(response: str) -> tuple[str, bool]:
    body = response.rstrip(" \t\r\n.!" + _QUOTES)
    if not body.casefold().endswith(_ENDING):
        return response, False
    return body[: -len(_ENDING)].rstrip(" \t\r\n" + _QUOTES), True


def _format_30(response: str, target: str, level: int) -> tuple[bool, ...]:
    points = [line for line in response.splitlines() if "**" in line]
    bodies = [_after_keyword(point) for point in points]
    spoken = [_after_keyword(line) for line in response.splitlines()]
    constraints = (
        bool(points),
        all(len(sentences(body)) < 2 for body in bodies),
        all(10 <= len(sentence.split()) <= 15 for line in spoken for sentence in _ended_sentences(line)),
        not any(word.casefold() not in _STEMS_IN_LY for word in _LY_WORD.findall(response)),
        all(body != _unmarked(point) for body, point in zip(bodies, points, strict=True)),
    )
    return constraints[:level]


def _unmarked(line: str) -> str:
    plain = line.replace("**", "").lstrip(" \t-*•")
    marker = _NUMBER_MARKER.match(plain)
    return (plain[marker.end() :] if marker else plain).strip()


def _after_keyword(line: str) -> str:
    plain = _unmarked(line)
    keyword, mark, detail = plain.partition(":")
    return detail.strip() if mark and "**" in line and detail.strip() and len(keyword.split()) <= 5 else plain


def _ended_sentences(line: str) -> list[str]:
    # A salutation or a heading ends in no mark; only what is said as a sentence has to keep the length.
    found = sentences(line)
    return found if _SENTENCE_END.search(line[-4:]) else found[:-1]


CHECKS: dict[str, Check] = {
    "E2E": whole(lists_same_attributes),
    "text_editing": whole(_is_target),
    "WIKIEVENTS": _lists_events,
    "CONLL2003": whole(_is_listed),
    "BBH_logical": whole(targets.ends_on_option),
    "BBH_time": whole(targets.ends_on_date),
    "self_made_space": whole(targets.contains_target),
    "gsm_8k": whole(_ends_on_dollars),
    "example": whole(_fills_wrapper),
    "cnn_dailymail": stacked(
        _sentence_count(3),
        lambda text: all(len(sentence.split()) < 15 for sentence in sentences(text)),
        _in_sentences(_has("Potter"), _has("actor"), _has("films")),
        _in_sentences(None, _lacks("lavish")),
        _in_sentences(None, None, _finds(r"\b(has|have)\s+\w+")),
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
        lambda text: punctuation(text) == 1,
    ),
    "gigaword": stacked(
        _word_count(8, 8),
        lambda text: punctuation(text) == 0,
        str.islower,
        _lacks("bus"),
        _has("in"),
    ),
    "arxiv": stacked(
        _sentence_count(1),
        _word_count(1, 20),
        lambda text: text.split()[:1] == ["We"],
        _has("activations"),
        _lacks("transformer"),
    ),
    "format-22": _format_22,
    "format-30": _format_30,
}
"""Check by the name under which an item's rules ask for it."""
