"""Harness tasks through the role student, beside lm-evaluation-harness's own HFLM: same folder, items and process.

    python benchmarks/harness.py --student FOLDER --gsm8k FOLDER --bbh FOLDER [--items N] [--new-tokens N] [--rounds N]

Needs `quintain[benchmarks]`. Three tasks of N items each: two that are weighed (BBH's snarks and date understanding,
letters as choices) and one that is written (GSM8K). Both sides run in float32, eight rows at a time, on models that
were opened and asked once before. They take turns, the first of a round changing, and what is compared is the CPU time
of all rounds from items to scores: it does not grow where other processes hold the cores. Per item the scores must
agree, or there is nothing to compare. The defaults take about 90 CPU seconds with a model of 135 million parameters.
"""

import argparse
import cProfile
import pstats
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import torch
import yaml

from quintain.benchmarks.harness.benchmark import HarnessBenchmark
from quintain.models.language_model import Sampling
from quintain.models.ledger import Ledger
from quintain.models.ledgered_model import LedgeredModel
from quintain.models.local import LocalModel
from quintain.pipelines.evaluation.asking import ask_student
from quintain.pipelines.evaluation.nodes import judge_responses

MOST_RATIO = 1.1
_ROWS = 8
_LETTERS = "ABCDEF"
_WEIGHED = {
    "output_type": "multiple_choice",
    "doc_to_text": "{{input}}",
    "doc_to_choice": "{{letters}}",
    "doc_to_target": "{{letters.index(target.strip('()'))}}",
    "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
}
Scores = dict[tuple[str, int], float]


def main() -> None:
    """Run both sides in turns and print the ratio; exit 1 where it is above the limit or a score differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("student", "gsm8k", "bbh"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--items", type=int, default=10)
    parser.add_argument("--new-tokens", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--profile", action="store_true", help="Print where the student's side spends its time.")
    given = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        sides = {"HFLM": _hflm(given), "role student": _student(given, scratch)}
        for run in sides.values():
            run(_tasks(scratch, given, items=1))
        seconds: dict[str, list[float]] = {name: [] for name in sides}
        found: dict[str, Scores] = {}
        profile = cProfile.Profile()
        for number in range(given.rounds):
            for name in list(sides) if number % 2 == 0 else list(sides)[::-1]:
                watched = given.profile and name != "HFLM"
                profile.enable() if watched else profile.disable()
                started = time.process_time()
                found[name] = sides[name](_tasks(scratch, given))
                seconds[name].append(time.process_time() - started)
        profile.disable()
    theirs, ours = found["HFLM"], found["role student"]
    differing = [name for name, score in ours.items() if theirs[name] != score]
    ratio = sum(seconds["role student"]) / sum(seconds["HFLM"])
    print(f"items              {len(ours)}, of which {len(differing)} score otherwise; {given.rounds} rounds")
    for name, spent in seconds.items():
        each = sum(spent) / len(spent) / len(ours)
        print(f"{name:<18} {sum(spent):.1f} CPU-s, {1000 * each:.0f} ms an item; rounds {_shown(spent)}")
    print(f"ratio              {ratio:.2f} (at most {MOST_RATIO})")
    if given.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    sys.exit(bool(differing) or ratio > MOST_RATIO)


def _shown(seconds: list[float]) -> str:
    return ", ".join(f"{each:.1f}" for each in seconds)


def _tasks(folder: Path, given: argparse.Namespace, items: int = 0) -> dict[str, Any]:
    for name in ("snarks", "date_understanding"):
        fields = {"input": "text", "target": "text"}
        local = {"files": f"{name}.json", "rows": "examples", "fields": fields, "defaults": {"letters": list(_LETTERS)}}
        if name == "snarks":
            local["defaults"] = {"letters": list(_LETTERS[:2])}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump({"local": local, "task": name, **_WEIGHED}))
    bbh = str(given.bbh)
    return {
        "tasks": ["snarks", "date_understanding", "gsm8k"],
        "sources": {"snarks": bbh, "date_understanding": bbh, "gsm8k": str(given.gsm8k)},
        "task_files": str(folder),
        "limit": items or given.items,
    }


def _hflm(given: argparse.Namespace) -> Callable[[dict[str, Any]], Scores]:
    from lm_eval import simple_evaluate
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    lm = HFLM(pretrained=str(given.student), device="cpu", dtype="float32", batch_size=_ROWS)
    manager = TaskManager(include_defaults=False)

    def run(settings: dict[str, Any]) -> Scores:
        opened = {each.name: each for _, each in HarnessBenchmark(**settings)._opened}
        for each in opened.values():
            if each.writes:
                each.task.config.generation_kwargs["max_gen_toks"] = given.new_tokens
                each.task._filters = [one for one in each.task._filters if one.name == each.filter]
        found = simple_evaluate(
            model=lm,
            tasks=[each.task for each in opened.values()],
            task_manager=manager,
            limit=settings["limit"],
            apply_chat_template=True,
            bootstrap_iters=0,
        )
        return {
            (name, sample["doc_id"]): float(sample[opened[name].metric])
            for name, samples in found["samples"].items()
            for sample in samples
        }

    return run


def _student(given: argparse.Namespace, scratch: Path) -> Callable[[dict[str, Any]], Scores]:
    model = LocalModel(given.student, Sampling(max_new_tokens=given.new_tokens), batch_size=_ROWS, dtype="float32")
    ledgers = (Ledger(scratch / f"ledger-{number}.sqlite") for number in count())

    def run(settings: dict[str, Any]) -> Scores:
        # A ledger of its own, so that no round finds what the one before it asked.
        student = LedgeredModel(model, next(ledgers), "student", "evaluation")
        benchmark = HarnessBenchmark(**settings)
        judgements = judge_responses(benchmark, ask_student(benchmark, student))
        return {
            (item.task, item.number): each.score or 0.0 for item, each in zip(benchmark.items, judgements, strict=True)
        }

    return run


if __name__ == "__main__":
    main()
