"""How fast exact packs are built, and how many short outputs their rules judge in a second on one core.

    python benchmarks/exact_packs.py

A judged output has all rules of its item checked, one to five of them, its base task, and a record made of it.
"""

import time
from collections import defaultdict

from quintain.benchmarks.exact.judging import judge
from quintain.packs.build import PACKS, build_pack, groups
from quintain.packs.checks import base_task_done, check
from quintain.records import ConstraintItem

OUTPUTS = 20_000


def main() -> None:
    """Print seconds per pack, then outputs and rules per second by category."""
    for size in PACKS:
        started = time.process_time()
        print(f"{size}: {len(build_pack(size))} items, built and proved in {time.process_time() - started:.1f} s")
    asked: dict[str, list[tuple[ConstraintItem, str]]] = defaultdict(list)
    for group in groups("core", 0):
        for item, case in zip(group.items("g"), group.cases, strict=True):
            asked[group.category] += [(item, response) for response in (case.witness, *case.mutants, "", "(B)", "Yes.")]
    print(f"\n{'category':10} {'characters':>10} {'verdicts/s':>11} {'rules/s':>9} {'judgements/s':>13}")
    for category, pairs in {**asked, "all": [pair for each in asked.values() for pair in each]}.items():
        sample = [pairs[n * 7919 % len(pairs)] for n in range(OUTPUTS)]
        started = time.process_time()
        for item, response in sample:
            base_task_done(response, item.target)
            for rule in item.rules:
                check(rule, response)
        checked = time.process_time()
        for item, response in sample:
            judge(item, response)
        judged = time.process_time()
        rules = sum(len(item.rules) for item, _ in sample)
        mean = sum(len(response) for _, response in sample) / OUTPUTS
        print(
            f"{category:10} {mean:10.0f} {OUTPUTS / (checked - started):11,.0f} {rules / (checked - started):9,.0f} "
            f"{OUTPUTS / (judged - checked):13,.0f}"
        )


if __name__ == "__main__":
    main()
