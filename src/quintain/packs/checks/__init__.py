"""The rules of the packs: pure functions from a response and a parameter to a finding.

Each reads the response once, in time that grows with its length. A parameter is a string; where a rule needs more than
one value, they are joined by `|`.
"""

import functools
import json
import re
from typing import Any

from quintain.packs.checks import computed, content, layout, structured, style
from quintain.packs.checks.content import picks
from quintain.packs.checks.finding import CHECKS, Finding, occurrences
from quintain.packs.language import words
from quintain.records import Rule

__all__ = ["CHECKS", "Finding", "base_task_done", "check", "computed", "content", "layout", "structured", "style"]

_WORD_PART = re.compile(r"\w+")


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


def base_task_done(response: str, target: str) -> bool:
    """True where the response does the task at all, before any constraint.

    Args:
        response: What the model wrote.
        target: JSON with `terms` and how many of them must occur (`least`), the fewest and the `most` `words`; for
            computed tasks the `answer`, all of whose parts must occur, or the names that must have been `picked`.

    Returns:
        True when the response is about the topic, as long as the task says, and holds the computed answer where there
        is one.
    """
    task = _task(target)
    if not set(task.get("picked", ())) <= (picks(response)[0] if "picked" in task else set()):
        return False
    if not all(occurrences(response, part) for part in task.get("answer", ())):
        return False
    if not task.get("words", 1) <= len(words(response)) <= task.get("most", len(response)):
        return False
    said = set(_WORD_PART.findall(response.lower())) if "terms" in task else set()
    return len(said.intersection(task.get("terms", ()))) >= task.get("least", 0)


@functools.lru_cache(maxsize=8192)
def _task(target: str) -> dict[str, Any]:
    task: dict[str, Any] = json.loads(target)
    return task
