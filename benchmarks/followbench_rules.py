"""How many short outputs FollowBench's rules score in a second on one core; the target is 20,000.

    python benchmarks/followbench_rules.py [FOLDER]

FOLDER holds the released files, `en` and `zh`; by default ../shared/data/followbench.
"""

import sys
import time
from pathlib import Path

from quintain.benchmarks.constraints import GivenItems
from quintain.benchmarks.followbench.benchmark import load_benchmark
from quintain.benchmarks.followbench.rules import check_constraints, judge_by_rules
from quintain.benchmarks.scoring import make_scorecard

OUTPUTS = 20_000
RESPONSES = (
    "The young actor has turned eighteen. He stays modest. His films have paid well.",
    "(B)",
    "name[The Mill], eatType[restaurant]",
    "The answer is: yes\n",
    "",
)


def main(folder: Path) -> None:
    """Print outputs per second, per language and rule set: the verdicts alone, and with a record made of each."""
    print(f"{'language':9} {'rules':16} {'verdicts/s':>11} {'judgements/s':>13} {'scorecard s':>12}")
    for language in ("en", "zh"):
        items = [item for item in load_benchmark(folder / language, language) if item.rules]
        asked = [items[n % len(items)] for n in range(OUTPUTS)]
        said = [RESPONSES[n % len(RESPONSES)] for n in range(OUTPUTS)]
        for rules in ("upstream-parity", "corrected"):
            started = time.process_time()
            for item, response in zip(asked, said, strict=True):
                check_constraints(item, response, rules)
            checked = time.process_time()
            judge_by_rules(asked, said, rules)
            judged = time.process_time()
            benchmark = GivenItems(items, name="followbench", rules=rules, language=language)
            judgements = judge_by_rules(items, [RESPONSES[n % len(RESPONSES)] for n in range(len(items))], rules)
            ready = time.process_time()
            make_scorecard(benchmark, judgements, model="made up")
            print(
                f"{language:9} {rules:16} {OUTPUTS / (checked - started):11,.0f} {OUTPUTS / (judged - checked):13,.0f}"
                f" {time.process_time() - ready:12.2f}"
            )


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/followbench"))
