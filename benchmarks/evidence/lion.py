"""Lion against plain distillation on SmolLM2, at equal labels and steps.

    python benchmarks/evidence/lion.py --project FOLDER_OF_MAKE_REAL [--seeds 11 12 13]

Both arms go on from the student `lion_round_1` of `make real`, which learned the 200 instructions of the start, with
labels of the teacher for 100 new ones and as many replayed: Lion's are generated from what the referee called hard and
easy, plain's are drawn as the start's were. Everything else is as conf/smollm2 says; nothing was chosen on test items.
`--shuffled` adds Lion with the referee's labels shuffled. Scored on the first six groups of each category of the
starter pack (180 of its 1,200 items).
"""

import random
from collections import defaultdict
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from arms import kept, report, table
from real_run import RealRun, open_run, parser, score_starter, starter, with_group_intervals

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.decontamination import Decontamination
from quintain.methods.lion import LionParams
from quintain.pipelines.distillation.discrimination import RefereeTrial
from quintain.pipelines.distillation.generation import generate_instructions
from quintain.pipelines.distillation.imitation import answer_train_pool, pair_train_pool
from quintain.pipelines.packs.nodes import ExerciseParams, draw_exercises
from quintain.records import Gap, Instruction
from quintain.training.sft import SftParams, fine_tune
from quintain.usage import RoleUsage

START = "lion_round_1"
MEASURES = ["HSR", "SSR, base task no veto", "base task", "hard rate of the pool"]
OPENED: dict[str, Any] = {"round": 0, "outcome": {"calls": 0}}


def lion_pool(run: RealRun, pool: list[Instruction], params: LionParams, *, shuffled: bool) -> list[Instruction]:
    """The pool with what the generator writes from the referee's seeds."""
    gaps: list[Gap] = run.records(f"07_model_output/{START}/gaps.jsonl", "Gap")
    if shuffled:
        labels = [gap.label for gap in gaps]
        random.Random(params.seed).shuffle(labels)
        gaps = [replace(gap, id="", label=label) for gap, label in zip(gaps, labels, strict=True)]
    trial, nothing = RefereeTrial(RoleUsage(role="referee")), RoleUsage(role="teacher")
    screening = Decontamination(**run.parameters["decontamination"])
    made, _, outcome, _ = generate_instructions(
        pool, gaps, [], trial, nothing, OPENED, params, run.roles, screening, starter(0, 40)
    )
    if outcome.status != "went-on":
        raise SystemExit(f"the loop ended before it generated: {outcome.reason}: {outcome.detail}")
    return made


def plain_pool(pool: list[Instruction], count: int, seed: int) -> list[Instruction]:
    """The pool with as many new instructions drawn as those of the start."""
    exercises = ExerciseParams(pack="starter", pairs=1, seeds=count + 50, prompts=1, seed=1000 + seed)
    _, drawn, _ = draw_exercises(exercises)
    known = {one.text for one in pool}
    fresh = [replace(one, id="", round=1) for one in drawn if one.text not in known]
    return [*pool, *fresh[:count]]


def measured(run: RealRun, seed: int, arm: str, items: Benchmark, given: Any) -> dict[str, Any]:
    """Train and score one arm of one seed."""
    method = {**run.parameters["distillation"]["method"], "seed": seed, "per_round": given.labels}
    params = LionParams(**method)
    pool = run.records("03_primary/lion_round_0/cache_pool.jsonl", "Instruction")
    former = run.records(f"03_primary/{START}/teacher_responses.jsonl", "Response")
    if arm == "plain":
        made = plain_pool(pool, given.labels, seed)
    else:
        made = lion_pool(run, pool, params, shuffled=arm == "labels shuffled")
    answers, _ = answer_train_pool(made, former, run.roles)
    if (labels := len(answers) - len(former)) != given.labels:
        raise SystemExit(f"{arm}, seed {seed}: {labels} labels, not {given.labels}")
    pairs = pair_train_pool(made, answers, {"round": 1}, params)
    imitation = {**run.parameters["distillation"]["imitation"], "seed": seed, "steps": given.steps}
    trained = fine_tune(Path(run.student(START).path), pairs, SftParams(**imitation), run.work / "scratch")
    student = run.keep(trained, f"{seed}-{arm.replace(' ', '-')}")
    return {**score_starter(run, student, items), "rows": len(pairs)}


def main() -> None:
    """Run what is missing, print the table and write it."""
    options = parser(__doc__, "lion", (11, 12, 13))
    options.add_argument("--labels", type=int, default=100, help="of the teacher, in each arm")
    options.add_argument("--steps", type=int, default=25, help="of eight rows")
    options.add_argument("--groups", type=int, default=6, help="of each category, of the test items")
    options.add_argument("--shuffled", action="store_true", help="Lion with the referee's labels shuffled too")
    given = options.parse_args()
    run = open_run(given.project, given.work)
    items = starter(0, given.groups)
    arms = ["plain", "lion", *(["labels shuffled"] if given.shuffled else [])]
    gaps = run.records(f"07_model_output/{START}/gaps.jsonl", "Gap")
    before = kept(run.work, "start", lambda: score_starter(run, run.student(START), items))
    before["hard rate of the pool"] = sum(gap.label == "hard" for gap in gaps) / len(gaps)
    runs = defaultdict(list)
    for seed in given.seeds:
        runs["start"].append(before)
        for arm in arms:
            runs[arm].append(kept(run.work, f"{seed}-{arm}", partial(measured, run, seed, arm, items, given)))
    differences = [("lion", "plain"), ("lion", "start"), ("plain", "start")]
    differences += [("lion", "labels shuffled"), ("labels shuffled", "plain")] if given.shuffled else []
    settings = {
        "start": START, "start_digest": run.student(START).digest, "labels": given.labels, "steps": given.steps,
        "items": len(items.items), "pool": len(gaps),
    }  # fmt: skip
    content = with_group_intervals(table(runs, MEASURES, differences), runs, differences)
    report("lion", given.seeds, settings, content, given.to)


if __name__ == "__main__":
    main()
