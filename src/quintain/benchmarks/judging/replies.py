"""Replies of a judge, read into one verdict per constraint; never executed.

Three ways to read: the authors' English and Chinese parsers, which differ, and a tolerant one of our own. All give
True, False or None per constraint; a reply that cannot be read gives None for all.
"""

import ast
import re
import warnings
from typing import Literal, get_args

from quintain.benchmarks.judging.quotes import read_verdicts
from quintain.records import Satisfied
from quintain.text.traces import strip_trace

ReplyRules = Literal["upstream-parity", "tolerant"]

_UPSTREAM_NO = {
    "en": frozenset({"NO", "PARTIAL", "MAYBE", "UNKNOWN", "N/A"}),
    "zh": frozenset({"NO", "PARTIAL", "PARTIALLY", "MAYBE", "UNKNOWN"}),
}

_YES = frozenset({"yes", "true", "satisfied", "是", "满足", "符合"})
_NO = frozenset({"no", "false", "partial", "partially", "not satisfied", "unsatisfied", "否", "不满足", "不符合"})
_UNSURE = frozenset({"maybe", "unknown", "n/a", "none", "null", "unsure", "unclear", "不确定"})
_INNER_LIST = re.compile(r"\[([^\[\]]*)\]")
_NAMED_VERDICT = re.compile(r"[\"'](?:satisfied|verdict)[\"']\s*:\s*[\"']?([\w/]+(?: satisfied)?)", re.IGNORECASE)
# A verdict begins with a letter, so that a run of slashes can be read in one way only; a slash alone is an odd verdict.
_NUMBERED_VERDICT = re.compile(r"^[^\w\n]*\d+[^\S\n]*[.):：][^\w\n]*(\w[\w/]*|/)[^\w\n/]*$", re.MULTILINE)
_WORD = re.compile(r"[\w/]+")
_QUOTES = " \t\r\n\"'`“”‘’*"


def read_reply(reply: str, level: int, language: str = "en", rules: ReplyRules = "tolerant") -> tuple[Satisfied, ...]:
    """Read a judge's reply about an item with `level` constraints.

    Under `upstream-parity` this gives the verdict of the authors' parser wherever that parser reads plain text; where
    it would execute the reply, ours leaves it unread. At level 1 a YES anywhere on the last line wins over any NO.

    The tolerant reader takes, in this order: the objects of a JSON list `verdicts`; fields named `satisfied` or
    `verdict` in what is not quite JSON; the last list of the right
    length, fenced or not, with or without quotes, YES and NO in any case or Chinese; as many numbered lines; at level
    1, the only verdict on the last line. PARTIAL counts as no, a word of doubt as unread for that constraint.

    Args:
        reply: What the judge said.
        level: How many constraints it was asked about.
        language: `en` or `zh`; which of the authors' parsers.
        rules: The authors' way or ours.

    Returns:
        One verdict per constraint, `level` of them.

    Raises:
        ValueError: No such language or rules, or level is not positive.
    """
    if level < 1:
        raise ValueError(f"level must be at least 1, got {level}")
    if rules not in get_args(ReplyRules):
        raise ValueError(f"rules must be one of {', '.join(get_args(ReplyRules))}, got {rules!r}")
    if language not in _UPSTREAM_NO:
        raise ValueError(f"language must be one of {', '.join(_UPSTREAM_NO)}, got {language!r}")
    if rules == "tolerant":
        verdicts = _read_tolerantly(strip_trace(reply), level)
    else:
        verdicts = _read_as_upstream(reply, level, language)
    return (None,) * level if verdicts is None else verdicts


def _read_as_upstream(reply: str, level: int, language: str) -> tuple[Satisfied, ...] | None:
    line = _last_line(reply, language)
    if level == 1:
        return (True,) if "YES" in line else (False,) if "NO" in line else None
    first, last = line.find("["), line.rfind("]")
    words = _literal(_quoted(line[first : last + 1], language)) if 0 <= first < last else None
    if words is None or (len(words) != level if language == "en" else len(words) < level):
        return None
    verdicts = [_upstream_verdict(word, language) for word in words[:level]]
    return None if None in verdicts else tuple(verdicts)


def _last_line(reply: str, language: str) -> str:
    if language == "en":
        return reply.strip("`").strip().split("\n")[-1]
    straight = reply.replace("“", '"').replace("”", '"')
    return straight.strip("`").strip(" ").strip("\n").split("\n")[-1].strip(" ")


def _quoted(text: str, language: str) -> str:
    # The Chinese parser quotes bare words by replacement, which breaks UNKNOWN into three.
    if language == "zh" and '"' not in text and "'" not in text:
        return text.replace("YES", "'YES'").replace("NO", "'NO'")
    return text


def _literal(text: str) -> list[object] | tuple[object, ...] | None:
    """Evaluate what holds literals only, as the authors' `eval` would; anything else is None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape in a reply is the judge's, not a fault of this code
            value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, list | tuple) else None


def _upstream_verdict(word: object, language: str) -> Satisfied:
    if not isinstance(word, str):
        return None
    return True if word == "YES" else False if word in _UPSTREAM_NO[language] else None


def _read_tolerantly(reply: str, level: int) -> tuple[Satisfied, ...] | None:
    candidates = [[str(verdict.get("satisfied")) for verdict in read_verdicts(reply)]]
    candidates.append(_NAMED_VERDICT.findall(reply))
    candidates += [re.split(r"[,，、;；]", inner) for inner in reversed(_INNER_LIST.findall(reply))]
    candidates.append(_NUMBERED_VERDICT.findall(reply))
    for words in candidates:
        plain = [word.strip(_QUOTES).casefold() for word in words]
        if len(plain) == level and all(word in _YES | _NO | _UNSURE for word in plain):
            return tuple(_verdict(word) for word in plain)
    return _only_verdict(reply) if level == 1 else None


def _verdict(word: str) -> Satisfied:
    return True if word in _YES else False if word in _NO else None


def _only_verdict(reply: str) -> tuple[Satisfied, ...] | None:
    lines = [line for line in reply.split("\n") if line.strip(_QUOTES)]
    if not lines:
        return None
    words = [word.casefold() for word in _WORD.findall(lines[-1])]
    if "not" in words:
        return None
    said = {_verdict(word) for word in words if word in _YES | _NO}
    return (said.pop(),) if len(said) == 1 else None
