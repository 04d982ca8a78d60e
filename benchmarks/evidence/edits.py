"""Edits of SmolLM2 behind a memory: LTE against no alignment, no gate, and fine-tuning on the edit.

    python benchmarks/evidence/edits.py --project FOLDER_OF_MAKE_REAL [--seeds 11 12 13]           # the exact edit pack
    python benchmarks/evidence/edits.py --project FOLDER_OF_MAKE_REAL --name zsre --edits FILE     # KnowEdit's

Arms: `LTE` is the student lte behind the gate; `no gate` the same with whatever was found in the prompt; `not aligned`
the student that lte was made from, with the same memory behind the same gate; `in context` that student without the
gate; `FT` its adapter trained on the edit's prompt and target, at the rate that gives most of success and locality on
edits of a seed that no arm reports. Memories of 1, 10 and 100 edits, of which the first --asked are asked with all
their probes; a seed draws the edits, or takes them from the file. Locality is the answer of the student before: what it
said is what it says.
"""

import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

from arms import kept, report, table
from real_run import RealRun, absolute, open_run, parser

from quintain.datasets import ModelRef
from quintain.datasets.edit_cases import EditCasesDataset
from quintain.edit_memory import EditMemory
from quintain.edit_memory.trials import Examiner, Trial, ask_aligned, ask_original, judge_trials, probe_at
from quintain.methods.lte import HashedNgrams, compose
from quintain.methods.lte.answers import is_right, is_same
from quintain.methods.lte.faults import find_faults, without_faults
from quintain.methods.lte.knowedit import read_cases
from quintain.methods.lte.metrics import measure_results
from quintain.models.language_model import Sampling
from quintain.models.roles import bind
from quintain.packs.edits import draw_edits
from quintain.records import EditCase, EditResult, InstructionPair, Request
from quintain.statistics.resampling import Resampling
from quintain.training.sft import SftParams, fine_tune

CHOOSING_SEED = 900
RATES = (5e-4, 2e-3)
FT_STEPS = {1: 15, 10: 40}
MEASURES = ["success", "rephrase", "portability", "locality", "gate recall"]
_NAMES = {"success": "success", "rephrase": "rephrase", "portability": "portability", "locality": "locality",
          "gate_recall": "gate recall"}  # fmt: skip
PORTABILITY = ("subject-aliasing", "reasoning", "logical-generalization")


def draw_cases(given: Any, seed: int, size: int) -> list[EditCase]:
    """Edits of one seed, without faults."""
    if given.edits is None:
        return read_cases(f"packs-{seed}", draw_edits(seed, size))
    cases = EditCasesDataset(filepath=str(given.edits)).load()
    sound = without_faults(cases, find_faults(cases))
    return random.Random(f"edits/{seed}").sample(sound, min(size, len(sound)))


def responding(run: RealRun, model: ModelRef) -> Callable[[Sequence[Request]], list[str]]:
    """A student as trials ask it; what it said stands in the ledger."""
    sampling = Sampling(**run.parameters["editing"]["evaluation"]["sampling"])

    def respond(requests: Sequence[Request]) -> list[str]:
        with bind("student", run.roles, stage="editing", folder=model.path, sampling=sampling) as student:
            return [one.response for one in student.generate(list(requests))]

    return respond


def lay_out(cases: list[EditCase], sizes: Sequence[int], asked: int, *, gated: bool) -> list[Trial]:
    """Trials of every size of the memory."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = lambda: EditMemory.open(tempfile.mkdtemp(dir=folder), HashedNgrams())  # noqa: E731
        examiner = Examiner(cases, fresh, k=3, asked=asked)
        return [
            trial
            for size in sorted({min(size, len(cases)) for size in sizes})
            for trial in (examiner.single(gated=gated) if size == 1 else examiner.batch(size, gated=gated))
        ]


def under_memory(run: RealRun, cases: list[EditCase], given: Any, names: tuple[str, str], gated: bool) -> Any:
    """Measures of one student by size of the memory.

    Args:
        run: Students and settings.
        cases: The edits.
        given: Sizes, and how many are asked.
        names: The student that is asked, and the one before it.
        gated: Whether the gate decides what goes to the model.
    """
    trials = lay_out(cases, given.sizes, given.asked, gated=gated)
    asked, former = (responding(run, run.student(name)) for name in names)
    before = ask_original(trials, former)
    results = judge_trials(trials, ask_aligned(trials, asked), before, ratios={})
    by_size = defaultdict(list)
    for one in results:
        by_size[one.memory_size].append(one)
    return {str(size): means(some) for size, some in by_size.items()}


def means(results: Sequence[EditResult]) -> dict[str, float]:
    """The measures of the editing pipeline, without their intervals over edits."""
    found = measure_results(results, Resampling(replicates=1))
    return {name: found[key]["mean"]["value"] for key, name in _NAMES.items() if key in found}


def fine_tuned(run: RealRun, cases: list[EditCase], given: Any, rate: float, size: int, name: str) -> dict[str, float]:
    """Measures of training on edits: each alone where size is 1, all at once else."""
    start = run.student(given.before)
    former = without_memory(cases[: given.tuned], responding(run, start))
    sets = [[case] for case in cases[: given.tuned]] if size == 1 else [cases[:size]]
    answered: dict[str, list[float]] = defaultdict(list)
    for number, some in enumerate(sets):
        pairs = [
            InstructionPair(
                instruction=compose(case.prompt, []).messages[-1].content, response=case.target_new, kind="in-scope"
            )
            for case in some
        ]
        settings = {**run.parameters["editing"]["sft"], "steps": FT_STEPS[size], "learning_rate": rate}
        settings |= {"batch_size": len(some), "accumulation_steps": 1, "max_length": 256, "kl_weight": 0.0}
        trained = fine_tune(Path(start.path), pairs, SftParams(**settings), run.work / "scratch")
        tuned = run.keep(trained, f"ft-{name}-{size}-{rate:g}-{number}")
        said = without_memory(some[: given.tuned], responding(run, tuned))
        for case in some[: given.tuned]:
            for aspect, right in judged(case, said, former):
                answered[aspect].append(right)
    portability = [fmean(answered[aspect]) for aspect in PORTABILITY if aspect in answered]
    in_scope = ("rewrite", "rephrase", *PORTABILITY)
    locality = [fmean(values) for aspect, values in answered.items() if aspect not in in_scope]
    found = {"success": fmean(answered["rewrite"])}
    found |= {"rephrase": fmean(answered["rephrase"])} if "rephrase" in answered else {}
    found |= {"portability": fmean(portability)} if portability else {}
    return found | ({"locality": fmean(locality)} if locality else {})


def without_memory(cases: Sequence[EditCase], respond: Callable[[Sequence[Request]], list[str]]) -> dict[str, str]:
    """What a model says to the bare questions of edits."""
    prompts = {probe_at(case, place).prompt for case in cases for place in range(-1, len(case.probes))}
    asked = sorted(prompts)
    return dict(zip(asked, respond([compose(prompt, []) for prompt in asked]), strict=True))


def judged(case: EditCase, said: Mapping[str, str], former: Mapping[str, str]) -> list[tuple[str, float]]:
    """Aspect of every question of an edit, and whether it is right, or unchanged where the edit is not about it."""
    probes = [probe_at(case, place) for place in range(-1, len(case.probes))]
    found: list[tuple[str, float]] = []
    for one in probes:
        response = said[one.prompt]
        right = is_right(response, one.answers) if one.in_scope else is_same(response, former[one.prompt])
        found.append((one.aspect, float(right)))
    return found


def choose_rates(run: RealRun, given: Any) -> dict[int, float]:
    """The rate of fine-tuning for each number of edits, on edits that are not reported."""
    cases = draw_cases(given, CHOOSING_SEED, max(FT_STEPS))
    fewer = replace_tuned(given, 3)
    chosen = {}
    for size in FT_STEPS:
        tried = {
            rate: kept(
                run.work,
                f"choosing-FT-{size}-{rate:g}",
                partial(fine_tuned, run, cases, fewer, rate, size, "choosing"),
            )
            for rate in RATES
        }
        chosen[size] = max(tried, key=lambda rate: tried[rate]["success"] + tried[rate].get("locality", 0.0))
    return chosen


def replace_tuned(given: Any, tuned: int) -> Any:
    """The options with another number of edits to fine-tune on."""
    return type(given)(**{**vars(given), "tuned": tuned})


def main() -> None:
    """Run what is missing, print the table and write it."""
    options = parser(__doc__, "edits", (11, 12, 13))
    options.add_argument("--name", default="packs", help="of the edits, in names of files")
    options.add_argument("--edits", type=absolute, help="a file of KnowEdit; the exact edit pack by default")
    options.add_argument("--after", default="lte", help="the aligned student")
    options.add_argument("--before", default="bmc", help="the student that it was made from")
    options.add_argument("--sizes", type=int, nargs="+", default=[1, 10, 100])
    options.add_argument("--asked", type=int, default=20, help="edits of each memory that are asked")
    options.add_argument("--tuned", type=int, default=6, help="edits that are fine-tuned on; 0 leaves FT out")
    given = options.parse_args()
    to = given.to.with_stem(f"{given.to.stem}_{given.name}") if given.name not in given.to.stem else given.to
    run = open_run(given.project, given.work / given.name)
    arms = {
        "LTE": ((given.after, given.before), True),
        "no gate": ((given.after, given.before), False),
        "not aligned": ((given.before, given.before), True),
        "in context": ((given.before, given.before), False),
    }
    rates = choose_rates(run, given) if given.tuned else {}
    runs: dict[str, list[dict[str, float]]] = defaultdict(list)
    for seed in given.seeds:
        cases = draw_cases(given, seed, max(given.sizes))
        for arm, (names, gated) in arms.items():
            by_size = kept(run.work, f"{seed}-{arm}", partial(under_memory, run, cases, given, names, gated))
            for size, measured in by_size.items():
                runs[f"{arm}, {int(size):,}"].append(measured)
        for size, rate in rates.items():
            tuning = partial(fine_tuned, run, cases, given, rate, size, str(seed))
            runs[f"FT, {size}"].append(kept(run.work, f"{seed}-FT-{size}", tuning))
    others = ["not aligned", "in context", "no gate", *(["FT"] if rates else [])]
    differences = [
        (f"LTE, {size:,}", f"{other}, {size:,}")
        for other in others
        for size in given.sizes
        if f"{other}, {size:,}" in runs and f"LTE, {size:,}" in runs
    ]
    settings = {
        "after": run.student(given.after).digest, "before": run.student(given.before).digest, "asked": given.asked,
        "tuned": given.tuned, "rates": rates, "steps": FT_STEPS, "edits": given.name,
    }  # fmt: skip
    ordered = dict(sorted(runs.items(), key=lambda one: int(one[0].rpartition(", ")[2].replace(",", ""))))
    report(f"edits_{given.name}", given.seeds, settings, table(ordered, MEASURES, differences), to)


if __name__ == "__main__":
    main()
