"""Findings of checks, and the table of all checks."""

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from quintain.packs.language import Span

MOST_EVIDENCE = 50
"""Stretches that a finding keeps; a response of a megabyte may hold a hundred thousand."""


@dataclass(frozen=True)
class Finding:
    """Verdict on a rule, and the stretches of the response that decide it."""

    holds: bool
    evidence: tuple[Span, ...] = ()


Check = Callable[[str, str], Finding]
"""From a response and the rule's parameter to a finding."""

CHECKS: dict[str, Check] = {}
"""Every check by the name of its rule."""


def rule(function: Check) -> Check:
    """Enter a check into the table under its own name."""
    CHECKS[function.__name__] = function
    return function


def finding(holds: bool, evidence: Iterable[Span] = ()) -> Finding:
    """Make a finding; stretches without a character and those beyond the first fifty are left out."""
    kept = [span for span in list(evidence)[:MOST_EVIDENCE] if span.end > span.start]
    return Finding(bool(holds), tuple(kept))


def each(spans: Sequence[Span], broken: Sequence[Span]) -> Finding:
    """Something was asked of every stretch: it holds when there is one and none is broken; the broken ones show why."""
    return finding(bool(spans) and not broken, broken)


def counted(spans: Sequence[Span], least: int, most: int) -> Finding:
    """There must be so many stretches."""
    return finding(least <= len(spans) <= most, spans)


def occurrences(response: str, term: str, within: Span | None = None) -> list[Span]:
    """Whole-word occurrences of a term, in any case."""
    return [Span(*match.span()) for match in _whole_word(term).finditer(response, *(within or (0, len(response))))]


@functools.lru_cache(maxsize=8192)  # the packs have more terms than `re` keeps patterns
def _whole_word(term: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(term)}(?!\w)", re.IGNORECASE)
