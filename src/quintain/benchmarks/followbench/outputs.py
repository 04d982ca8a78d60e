"""Outputs made elsewhere: matched to the benchmark's items, judged, and put on a card.

An output is known by category, example_id, level and, where an item has several, output_id. Each output_id is scored as
a model of its own would be: its five levels are one group.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quintain.benchmarks.followbench.parity import upstream_scores
from quintain.benchmarks.followbench.rules import RuleSet, judge_by_rules
from quintain.benchmarks.judging.replies import ReplyRules, read_reply
from quintain.benchmarks.satisfaction.scoring import as_measures, category_measures, macro
from quintain.benchmarks.satisfaction.sheet import CATEGORIES, LEVELS, tabulate
from quintain.records import ConstraintItem, Judgement, Satisfied, by_judges

Key = tuple[str, str, int, str]


@dataclass(frozen=True)
class Output:
    """Output of a model to one item."""

    category: str
    example_id: int | str
    level: int
    output: str | None = None
    """The whole completion; null or missing counts as empty."""
    output_id: int | str | None = None

    @property
    def key(self) -> Key:
        """Key that it is matched by; a number and its digits are the same id."""
        return self.category, str(self.example_id), self.level, "" if self.output_id is None else str(self.output_id)


@dataclass(frozen=True)
class Reply:
    """Reply of a judge about one output."""

    category: str
    example_id: int | str
    level: int
    reply: str | None = None
    """The reply; null or missing counts as unread."""
    output_id: int | str | None = None

    @property
    def key(self) -> Key:
        """Key of the output it is about."""
        return self.category, str(self.example_id), self.level, "" if self.output_id is None else str(self.output_id)


def judge_outputs(
    items: Sequence[ConstraintItem],
    outputs: Sequence[Output],
    replies: Mapping[Key, str],
    language: str,
    rules: RuleSet,
) -> list[Judgement]:
    """Judge outputs by rules, and by a judge's replies where only a judge can tell.

    Args:
        items: The benchmark.
        outputs: What the model said.
        replies: A judge's replies by the key of the output.
        language: `en` or `zh`; which of the authors' reply parsers.
        rules: `upstream-parity` reads replies as the authors do, `corrected` tolerantly.

    Returns:
        One judgement per output, in order. A reply that cannot be read gives unread verdicts, a missing one leaves the
        output unscored.

    Raises:
        ValueError: An output belongs to no item, or two outputs have the same key; names its position, from 1.
    """
    known = {(item.category, item.example_id, item.level): item for item in items}
    matched: list[ConstraintItem] = []
    seen: dict[Key, int] = {}
    for number, output in enumerate(outputs, start=1):
        item = known.get(output.key[:3])
        if item is None:
            raise ValueError(
                f"output {number}: the pack has no item {output.category}/{output.example_id} at level {output.level}; "
                "is the language right?"
            )
        if output.key in seen:
            raise ValueError(
                f"output {number} has the same category, example_id, level and output_id as output "
                f"{seen[output.key]}; give several outputs of an item their own output_id"
            )
        seen[output.key] = number
        matched.append(item)
    judged = judge_by_rules(matched, [output.output or "" for output in outputs], rules)
    reading: ReplyRules = "upstream-parity" if rules == "upstream-parity" else "tolerant"
    found = []
    for item, output, judgement in zip(matched, outputs, judged, strict=True):
        reply = None if item.rules else replies.get(output.key)
        if reply is not None:
            verdicts = read_reply(reply, output.level, language, reading)
            judgement = dataclasses.replace(judgement, id="", satisfied=verdicts, by=by_judges("replies"))
        found.append(dataclasses.replace(judgement, id="", example_id=_group(output)))
    return found


def _group(output: Output) -> str:
    return str(output.example_id) if output.output_id is None else f"{output.example_id}#{output.output_id}"


def satisfied(judgement: Judgement) -> Satisfied:
    """True where an output satisfies its item; None where nobody scored it or the reply was unread."""
    return judgement.hard if judgement.is_scored else None


def card(judgements: Sequence[Judgement], rules: RuleSet) -> dict[str, Any]:
    """Score judgements to the card that `quintain score` writes.

    Args:
        judgements: What `judge_outputs` gave.
        rules: Under `upstream-parity` the authors' arithmetic: an unread reply counts -1, CSL is rounded to one
            decimal per category. Under `corrected` an unread reply counts as no, and nothing is rounded.

    Returns:
        `hsr` and `ssr` as five percentages by category, `csl` by category, `macro` of the categories scored, `n_scored`
        and `n_unread`; null where nothing was scored.
    """
    scored = [judgement for judgement in judgements if judgement.is_scored]
    counts = {"n_scored": len(scored), "n_unread": sum(None in judgement.satisfied for judgement in scored)}
    if rules == "upstream-parity":
        theirs = upstream_scores(judgements)
        return {
            "hsr": {name: list(row) for name, row in theirs.hsr.items()},
            "ssr": {name: list(row) for name, row in theirs.ssr.items()},
            "csl": dict(theirs.csl),
            "macro": {"hsr": list(theirs.macro_hsr), "ssr": list(theirs.macro_ssr), "csl": theirs.macro_csl},
            **counts,
        }
    rates = category_measures(tabulate(judgements, len(LEVELS))) if judgements else {}
    ours = {name: as_measures(rate) for name, rate in rates.items()}
    mean = as_measures(macro(list(rates.values()))) if rates else None
    return {
        "hsr": {name: _percent(ours[name].hsr) if name in ours else [None] * 5 for name in CATEGORIES},
        "ssr": {name: _percent(ours[name].ssr) if name in ours else [None] * 5 for name in CATEGORIES},
        "csl": {name: ours[name].csl if name in ours else None for name in CATEGORIES},
        "macro": {
            "hsr": _percent(mean.hsr) if mean else [None] * 5,
            "ssr": _percent(mean.ssr) if mean else [None] * 5,
            "csl": mean.csl if mean else None,
        },
        **counts,
    }


def _percent(shares: Sequence[float | None]) -> list[float | None]:
    return [None if share is None else 100 * share for share in shares]
