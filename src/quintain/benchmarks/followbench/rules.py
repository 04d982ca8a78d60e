"""Rule sets: how a response is checked against an item without asking anybody.

`upstream-parity` gives the verdict of the authors' code on any output. `corrected` checks what the instruction says:
it repairs the defects of the authors' rules, asks that the task be attempted at all, and leaves out the items that
nothing can satisfy. Neither executes anything that a model or a file says.
"""

from collections.abc import Sequence
from typing import Literal, get_args

from quintain.benchmarks.followbench import corrected_en, corrected_zh, upstream_en, upstream_zh
from quintain.benchmarks.followbench.constraints import Check
from quintain.benchmarks.followbench.defects import why_impossible
from quintain.benchmarks.judging.attempt import attempts_task
from quintain.records import NO_JUDGE, ConstraintItem, Judgement, Satisfied, by_nobody, by_rules
from quintain.text.traces import strip_trace

RuleSet = Literal["upstream-parity", "corrected"]

_CHECKS: dict[tuple[str, str], dict[str, Check]] = {
    ("upstream-parity", "followbench-en"): upstream_en.CHECKS,
    ("upstream-parity", "followbench-zh"): upstream_zh.CHECKS,
    ("corrected", "followbench-en"): corrected_en.CHECKS,
    ("corrected", "followbench-zh"): corrected_zh.CHECKS,
}


def check_constraints(item: ConstraintItem, response: str, rules: RuleSet) -> tuple[Satisfied, ...]:
    """Say of each constraint whether the response satisfies it.

    Where the item has one target for all of its constraints, they share one verdict. Under `upstream-parity` the
    item passes in the authors' sense exactly when all verdicts are True.

    Args:
        item: An item of FollowBench, as `load_benchmark` gives it.
        response: What the model said; any text.
        rules: Which rule set checks it.

    Returns:
        One verdict per constraint, None for all of them where only a judge can tell or nothing can satisfy the item.

    Raises:
        ValueError: There is no such rule set, or the item comes from another pack.
    """
    if rules not in get_args(RuleSet):
        raise ValueError(f"rules must be one of {', '.join(get_args(RuleSet))}, got {rules!r}")
    if not item.rules or (rules == "corrected" and why_impossible(item)):
        return (None,) * item.level
    rule = item.rules[0]
    check = _CHECKS.get((rules, rule.kind), {}).get(rule.value)
    if check is None:
        raise ValueError(
            f"item {item.id} asks for the check {rule.kind}:{rule.value}, which rules {rules!r} do not have; "
            f"they are for FollowBench's own items"
        )
    return check(response, item.target, item.level)


def judge_by_rules(items: Sequence[ConstraintItem], responses: Sequence[str], rules: RuleSet) -> list[Judgement]:
    """Judge one response to each item by rules alone; what needs a judge is left unscored, never zero.

    Args:
        items: Items of FollowBench.
        responses: One text per item, in the same order. Reasoning traces are taken off first, except under
            `upstream-parity`, whose authors check the whole output.
        rules: Which rule set checks them.

    Returns:
        One judgement per item, in the same order.

    Raises:
        ValueError: There is not exactly one response per item, no such rule set, or an item of another pack.
    """
    if len(items) != len(responses):
        raise ValueError(f"{len(items)} items but {len(responses)} responses; there must be one for each")
    return [_judge(item, response, rules) for item, response in zip(items, responses, strict=True)]


def _judge(item: ConstraintItem, response: str, rules: RuleSet) -> Judgement:
    said = response if rules == "upstream-parity" else strip_trace(response)
    verdicts = check_constraints(item, said, rules)
    if None in verdicts:
        return unscored(item, said, "impossible" if item.rules else NO_JUDGE)
    return Judgement(
        item_id=item.id,
        example_id=item.example_id,
        category=item.category,
        level=item.level,
        satisfied=verdicts,
        base_task=attempts_task(item, said) if rules == "corrected" else None,
        by=by_rules(rules),
        response=said,
    )


def unscored(item: ConstraintItem, response: str, why: str) -> Judgement:
    """Leave a response without a verdict, such as `no-judge`; it is in no rate, and never zero."""
    return Judgement(
        item_id=item.id,
        example_id=item.example_id,
        category=item.category,
        level=item.level,
        satisfied=(None,) * item.level,
        by=by_nobody(why),
        response=response,
    )
