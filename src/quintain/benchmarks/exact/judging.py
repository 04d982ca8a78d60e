"""Judge a response to an item of an exact pack."""

from quintain.packs.build import VERSION
from quintain.packs.checks import base_task_done, check
from quintain.records import ConstraintItem, Judgement, by_rules


def judge(item: ConstraintItem, response: str) -> Judgement:
    """Check every rule of an item, and whether its task was done at all.

    Args:
        item: An item that `build_pack` made.
        response: What the model wrote, without its reasoning; it is kept, and the evidence points into it.

    Returns:
        One verdict and its evidence per constraint.

    Raises:
        ValueError: The item is of another pack, or of another version of this one.
    """
    if not item.rules or not item.target:
        raise ValueError(f"item {item.id} has no rules of the exact packs")
    findings = [check(rule, response) for rule in item.rules]
    return Judgement(
        item_id=item.id,
        example_id=item.example_id,
        category=item.category,
        level=item.level,
        satisfied=tuple(finding.holds for finding in findings),
        base_task=base_task_done(response, item.target),
        by=by_rules(f"exact-{VERSION}"),
        response=response,
        evidence=tuple(finding.evidence for finding in findings),
    )
