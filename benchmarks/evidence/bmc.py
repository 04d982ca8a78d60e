"""BMC against its parts on SmolLM2, at equal pairs and steps.

    python benchmarks/evidence/bmc.py --project FOLDER_OF_MAKE_REAL [--start lion] [--seeds 11 12 13]

A seed draws prompts that no stage of `make real` has seen, lets the start respond, has the packs' oracle bridge what
fails, and trains four arms on the same 48 pairs: DPO and MC on the original winners, BC and BMC on the bridged ones;
MC and BMC weigh edited tokens. Everything else is as conf/smollm2 says. The learning rate, the same for all, is chosen
first: the one whose mean HSR of DPO and BMC is highest on validation items, with pairs of a seed that no arm reports.
Scored on the first six groups of each category of the starter pack (180 of its 1,200 items).
"""

from collections import defaultdict
from dataclasses import replace
from functools import partial
from typing import Any

from arms import kept, report, table
from real_run import BY_GROUP, VALIDATION_SEED, RealRun, open_run, parser, score_starter, starter, with_group_intervals

from quintain.benchmarks.benchmark import Benchmark
from quintain.datasets import ModelRef
from quintain.methods.bmc.bridge import BridgeParams
from quintain.models.language_model import Sampling
from quintain.pipelines.packs.nodes import ExerciseParams, draw_exercises
from quintain.pipelines.preference.losers import LoserParams, find_losers
from quintain.pipelines.preference.pairs import PairParams, bridge_losers, tokenize_pairs
from quintain.records import TokenizedPair
from quintain.training.preference.arms import PARTS, Arm
from quintain.training.preference.params import PreferenceParams
from quintain.training.preference.tokenized_pairs import TokenizationParams
from quintain.training.preference.train import train_on_preferences

RATES = (5e-5, 2e-4)
CHOOSING_SEED = 900
DIFFERENCES = [("BMC", "DPO"), ("BC", "DPO"), ("MC", "DPO"), ("BMC", "BC"), ("DPO", "start"), ("BMC", "start")]
MEASURES = ["HSR", "SSR, base task no veto", "base task"]
Rows = dict[bool, list[TokenizedPair]]
"""True: bridged; False: the same pairs before bridging, in the same order."""


def draw_pairs(run: RealRun, start: ModelRef, seed: int, prompts: int, pairs: int) -> Rows:
    """Equal numbers of bridged and original rows of one seed's prompts."""
    settings = run.parameters["preference"]
    exercises = ExerciseParams(pack="starter", pairs=1, seeds=1, prompts=prompts, seed=seed)
    _, _, instructions = draw_exercises(exercises)
    sampling = Sampling(**{**settings["sampling"], "seed": seed})
    losers = LoserParams(prompts=prompts, seed=seed)
    params = PairParams(**settings["pairs"])
    originals, _ = find_losers(instructions, [], start, losers, sampling, run.roles)
    bridged, dropped = bridge_losers(originals, BridgeParams(**settings["bridging"]), params, run.roles)
    mended, plain, _ = tokenize_pairs(bridged, originals, start, TokenizationParams(**settings["rows"]), params)
    before = {row.pair_id: row for row in plain}
    parent = {pair.id: pair.origin.parents[0] for pair in bridged}
    both = [(row, before[parent[row.pair_id]]) for row in mended if parent[row.pair_id] in before]
    print(f"seed {seed}: {len(originals)} losers, {len(dropped)} dropped, {len(both)} pairs on both sides", flush=True)
    if len(both) < pairs:
        raise SystemExit(f"seed {seed} gives {len(both)} pairs of {pairs}; raise --prompts, or lower --pairs")
    return {True: [one for one, _ in both[:pairs]], False: [other for _, other in both[:pairs]]}


def train_arm(run: RealRun, start: ModelRef, rows: Rows, arm: Arm, rate: float, seed: int, steps: int) -> ModelRef:
    """Train one arm."""
    settings = PreferenceParams(**run.parameters["preference"]["training"])
    params = replace(settings, learning_rate=rate, seed=seed, steps=steps)
    if not arm.weighted:
        params = replace(params, delta=None, weight_source="policy")
    trained = train_on_preferences(run.project / start.path, rows[arm.bridged], params, run.work / "scratch")
    return run.keep(trained, f"{seed}-{arm.name}-{rate:g}")


def measured(
    run: RealRun, start: ModelRef, seed: int, arm: Arm, rate: float, items: Benchmark, given: Any
) -> dict[str, Any]:
    """Train and score one arm of one seed."""
    rows = draw_pairs(run, start, seed, given.prompts, given.pairs)
    return score_starter(run, train_arm(run, start, rows, arm, rate, seed, given.steps), items)


def choose_rate(run: RealRun, start: ModelRef, given: Any) -> tuple[float, dict[str, float]]:
    """The rate with the highest mean HSR of DPO and BMC on validation items."""
    items = starter(VALIDATION_SEED, min(given.groups, 4))
    found = {}
    for rate in RATES:
        runs = [
            kept(
                run.work,
                f"validation-{arm.name}-{rate:g}",
                partial(measured, run, start, CHOOSING_SEED, arm, rate, items, given),
            )
            for arm in PARTS
            if arm.name in ("DPO", "BMC")
        ]
        found[f"{rate:g}"] = sum(one["HSR"] for one in runs) / len(runs)
    return float(max(found, key=lambda rate: found[rate])), found


def main() -> None:
    """Run what is missing, print the table and write it."""
    options = parser(__doc__, "bmc", (11, 12, 13))
    options.add_argument("--start", default="lion", help="student that all arms start from")
    options.add_argument("--prompts", type=int, default=120)
    options.add_argument("--pairs", type=int, default=48)
    options.add_argument("--steps", type=int, default=12, help="of four pairs")
    options.add_argument("--groups", type=int, default=6, help="of each category, of the test items")
    given = options.parse_args()
    run = open_run(given.project, given.work)
    start, items = run.student(given.start), starter(0, given.groups)
    rate, tried = choose_rate(run, start, given)
    print(f"learning rate {rate:g}: mean HSR on validation items {tried}", flush=True)
    runs = defaultdict(list)
    before = kept(run.work, "start", lambda: score_starter(run, start, items))
    for seed in given.seeds:
        runs["start"].append(before)
        for arm in PARTS:
            measuring = partial(measured, run, start, seed, arm, rate, items, given)
            runs[arm.name].append(kept(run.work, f"{seed}-{arm.name}", measuring))
    settings = {
        "start": given.start, "start_digest": start.digest, "pairs": given.pairs, "steps": given.steps,
        "learning_rate": rate, "validation": tried, "items": len(items.items),
    }  # fmt: skip
    content = with_group_intervals(table(runs, MEASURES, DIFFERENCES), runs, DIFFERENCES)
    assert content["header"][-1] == BY_GROUP
    report("bmc", given.seeds, settings, content, given.to)


if __name__ == "__main__":
    main()
