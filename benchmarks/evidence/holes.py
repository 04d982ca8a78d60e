"""Lion on a student that is good nearly everywhere and has holes, in the almanac: does the referee's choice help there?

    python benchmarks/evidence/holes.py [--work FOLDER] [--seeds 0 1 2 3 4]

The start learns every family of constraints but four, one of content, situation, style and format each, drawn by the
seed. Users ask for those in 8 of 100 instructions of the pool of 1,200. Then three rounds of each arm, each with labels
of the teacher for 100 new instructions: a quarter of the pool in all. Half of every round's rows is replayed from what
the student was taught before; the pool is judged and never learned, so no arm sees a hole that it did not pay for.
Reported are the families of the holes, the others, and all, each family alike. How long the start is trained is chosen
first, on seeds that are not reported: the shortest training after which the referee calls at most .15 of the pool hard.
docs/evidence.md has the setting.
"""

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

import yaml
from arms import RESULTS, ROOT, WORK, kept, report, table

from quintain import offline
from quintain.almanac.checks import check
from quintain.almanac.constraints import AXES, sample_rules
from quintain.almanac.corpus import CATEGORY_WEIGHTS
from quintain.almanac.instructions import Task, read_instruction, write_instruction
from quintain.almanac.phrasing import TOWN_RELATIONS
from quintain.almanac.world import World, WorldParams, make_world, world_as_json
from quintain.benchmarks.decontamination import Decontamination
from quintain.datasets.model_ref import ModelRef, model_ref
from quintain.methods import lion
from quintain.methods.lion import LionParams
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.models.roles import Roles
from quintain.pipelines.distillation import discrimination, generation, imitation
from quintain.pipelines.world import nodes as world_nodes
from quintain.prompts import request
from quintain.records import ConstraintItem, Gap, Instruction, InstructionPair, Origin
from quintain.training.row_rendering import encoder_of
from quintain.training.sft import SftParams, fine_tune
from quintain.training.token_rows import as_rows
from quintain.usage import RoleUsage

POOL, HOLE_SHARE = 1200, 0.08
ROUNDS, LABELS = 3, 100
LEVELS, LEVEL_WEIGHTS = (1, 2), (0.6, 0.4)
START_ROWS = 12_000
START_TOKENS = (1_500_000, 3_000_000, 6_000_000)
MOST_HARD = 0.15
CHOOSING_SEEDS = (100, 101)
ROUND_TOKENS = 30_000
ITEMS_PER_FAMILY = 24
GREEDY = Sampling(max_new_tokens=64)
# Short instructions of one family differ in a word: at a similarity of .7 hardly one would be new.
LION = LionParams(per_round=LABELS, train_on="replay", probe_size=0, hard_floor=0.0, attempts=10, similarity=0.95)
ARMS = {
    "plain": None,
    "lion": LION,
    "labels shuffled": LION,
    "hard only": replace(LION, hard_share=1.0),
    "easy only": replace(LION, hard_share=0.0),
}
DIFFERENCES = [
    ("lion", "labels shuffled"), ("lion", "plain"), ("labels shuffled", "plain"), ("hard only", "plain"),
    ("lion", "hard only"), ("lion", "easy only"), ("easy only", "plain"),
]  # fmt: skip
OPENED: dict[str, Any] = {"round": 0, "outcome": {"calls": 0}}
MEASURES = ["holes", "other families", "all families", "hard rate, round 1", "hard rate, round 3", "rows about holes"]


@dataclass(frozen=True)
class Setting:
    """What every arm of every seed shares."""

    world: World
    items: list[ConstraintItem]
    """As many of every family."""
    oracle: dict[str, Any]
    folder: Path
    tokenizer: Any


def families_of(world: World, text: str) -> set[str]:
    """Families of constraints that an instruction asks for."""
    return {rule.kind for rule in read_instruction(world, text).rules}


def draw_holes(seed: int) -> list[str]:
    """Four families, one of each category that no pretraining page teaches."""
    rng = random.Random(f"{seed}/holes")
    return [
        rng.choice([name for name, axis in AXES.items() if axis.category == category])
        for category in ("content", "situation", "style", "format")
    ]


def users_ask(world: World, count: int, holes: Sequence[str], hole_share: float, seed: str) -> list[Instruction]:
    """Distinct instructions of one or two constraints; so large a share of them asks for a hole."""
    rng = random.Random(seed)
    left = {True: round(count * hole_share)}
    left[False] = count - left[True]
    found: dict[str, Instruction] = {}
    while any(left.values()):
        category = rng.choices(list(CATEGORY_WEIGHTS), list(CATEGORY_WEIGHTS.values()))[0]
        rules = sample_rules(rng, category, rng.choices(LEVELS, LEVEL_WEIGHTS)[0])
        about_a_hole = any(rule.kind in holes for rule in rules)
        relation = rng.choice(TOWN_RELATIONS) if category == "example" else ""
        text = write_instruction(rng, world, Task(rng.choice(world.pools["town"]), rules, relation))
        if not left[about_a_hole] or text in found:
            continue
        left[about_a_hole] -= 1
        found[text] = Instruction(text=text, category=category, origin=Origin(knobs={"level": str(len(rules))}))
    made = list(found.values())
    rng.shuffle(made)
    return made


def family_items(world: World, seed: int) -> list[ConstraintItem]:
    """Items to score on: as many of every family, of one or two constraints."""
    rng, items = random.Random(f"{seed}/items"), []
    for family, axis in AXES.items():
        for number in range(ITEMS_PER_FAMILY):
            category = axis.category if rng.random() < 0.7 or axis.category == "example" else "mixed"
            # A pattern has its separator first: every other family of patterns comes second.
            level = 2 if category == "example" and family != "separator" else 1 + number % 2
            rules = sample_rules(rng, category, level)
            while family not in [rule.kind for rule in rules]:
                rules = sample_rules(rng, category, level)
            subject = rng.choice(world.pools["town"])
            relation = rng.choice(TOWN_RELATIONS) if category == "example" else ""
            target = json.dumps({"subject": subject, **({"relation": relation} if relation else {})})
            text = write_instruction(rng, world, Task(subject, rules, relation))
            items.append(
                ConstraintItem(
                    example_id=f"{family}-{number}",
                    category=family,
                    level=len(rules),
                    instruction=text,
                    rules=rules,
                    target=target,
                    source="almanac",
                )
            )
    return items


def prepare(work: Path) -> Setting:
    """The default world, its items, and a student that has read documents and seen no chat."""
    sizes = yaml.safe_load((ROOT / "conf/base/parameters_world.yml").read_text())["world"]
    world = make_world(WorldParams(**sizes["world"]))
    document = world_as_json(world)
    work.mkdir(parents=True, exist_ok=True)
    (work / "world.json").write_text(json.dumps(document))
    architecture = world_nodes.ArchitectureParams(**sizes["architecture"])
    pretraining = world_nodes.PretrainingParams(**{**sizes["pretraining"], "chat_share": 0.0, "tokens": 1_600_000})
    chatty = replace(pretraining, chat_share=sizes["pretraining"]["chat_share"])
    tokenizer = world_nodes.train_tokenizer(
        document, world_nodes.TokenizerParams(**sizes["tokenizer"]), architecture, chatty
    )

    def pretrain() -> dict[str, Any]:
        world_nodes.SCRATCH = work / "scratch"
        (model, _), _, summary = world_nodes.pretrain_base(document, tokenizer, architecture, pretraining)
        model.save_pretrained(work / "base")
        tokenizer.save_pretrained(work / "base")
        return dict(summary)

    kept(work, "base", pretrain)
    oracle = {"backend": "oracle", "world": str(work / "world.json")}
    return Setting(world, family_items(world, 4321), oracle, work, tokenizer)


@dataclass(frozen=True)
class Lesson:
    """How long and how fast a student learns."""

    tokens: int
    """Tokens seen, whatever the length of the pairs."""
    batch: int
    """Pairs a step."""
    rate: float
    """Highest learning rate."""


def learn(
    setting: Setting, start: Path, pairs: list[InstructionPair], lesson: Lesson, name: str, seed: int
) -> ModelRef:
    """Fine-tune a student and keep it under a name."""
    rows = as_rows(encoder_of(setting.tokenizer), pairs, 256).rows
    params = SftParams(
        steps=round(lesson.tokens / (lesson.batch * fmean(len(row["input_ids"]) for row in rows))),
        batch_size=lesson.batch,
        learning_rate=lesson.rate,
        max_length=256,
        seed=seed,
        checkpoint_steps=100_000,
    )
    trained = fine_tune(start, pairs, params, setting.folder / "scratch")
    trained.model.save_pretrained(setting.folder / name)
    trained.tokenizer.save_pretrained(setting.folder / name)
    return model_ref(setting.folder / name)


ROUND = Lesson(ROUND_TOKENS, batch=10, rate=1e-3)


def score(setting: Setting, ref: ModelRef, holes: Sequence[str]) -> dict[str, Any]:
    """Share of items with every constraint and the facts right: holes, other families, all; each family alike."""
    asked = [request("student/instruction", {"instruction": item.instruction}) for item in setting.items]
    said = LocalModel(ref.path, GREEDY).generate(asked)
    by_family = defaultdict(list)
    for item, one in zip(setting.items, said, strict=True):
        by_family[item.category].append(bool(check(setting.world, item, one.text).hard))
    hsr = {family: fmean(held) for family, held in by_family.items()}
    return {
        "holes": fmean(hsr[family] for family in holes),
        "other families": fmean(value for family, value in hsr.items() if family not in holes),
        "all families": fmean(hsr.values()),
        "families": hsr,
    }


def shuffled(gaps: list[Gap], seed: int) -> list[Gap]:
    """The same labels on other instructions: what is left of the loop without the referee's choice."""
    labels = [gap.label for gap in gaps]
    random.Random(seed).shuffle(labels)
    return [replace(gap, id="", label=label) for gap, label in zip(gaps, labels, strict=True)]


def start_instructions(world: World, seed: int) -> list[Instruction]:
    """What the start learns: nothing about the holes."""
    return users_ask(world, START_ROWS, draw_holes(seed), 0.0, f"{seed}/start")


def make_start(setting: Setting, seed: int, tokens: int) -> dict[str, Any]:
    """Train the start on everything but the holes, and look at it."""
    holes = draw_holes(seed)
    roles = roles_of(setting, f"{seed}-start")
    asked = start_instructions(setting.world, seed)
    responses, _ = imitation.answer_train_pool(asked, [], roles)
    pairs = lion.pair(asked, {one.instruction_id: one for one in responses})
    lesson = Lesson(tokens, batch=20, rate=3e-3)
    ref = learn(setting, setting.folder / "base", pairs, lesson, f"{seed}-start-model", seed)
    return {**score(setting, ref, holes), "hard rate, round 1": hard_rate(setting, seed, holes, ref)}


def hard_rate(setting: Setting, seed: int, holes: Sequence[str], ref: ModelRef) -> float:
    """Share of the pool that the referee calls hard."""
    roles = roles_of(setting, f"{seed}-start")
    pool = users_ask(setting.world, POOL, holes, HOLE_SHARE, f"{seed}/pool")
    yardstick, _ = imitation.answer_train_pool(pool, [], roles)
    student = discrimination.answer_cache_pool(pool, ref, OPENED, GREEDY, roles)
    params = replace(LION, seed=seed)
    reviews, trial = discrimination.review_responses(pool, yardstick, student, [], OPENED, params, roles)
    return fmean(gap.label == "hard" for gap in discrimination.label_gaps(reviews, student, trial, params))


def choose_tokens(setting: Setting) -> tuple[int, dict[str, float]]:
    """The shortest training of the start that leaves few enough hard; the longest where none does."""
    tried: dict[str, float] = {}
    for tokens in START_TOKENS:
        starts = [
            kept(setting.folder, f"choosing-{seed}-{tokens}", partial(make_start, setting, seed, tokens))
            for seed in CHOOSING_SEEDS
        ]
        rate = fmean(start["hard rate, round 1"] for start in starts)
        tried[f"{tokens:,}"] = rate
        if rate <= MOST_HARD:
            break
    return tokens, tried


def roles_of(setting: Setting, name: str) -> Roles:
    """The oracle for everybody but the student."""
    oracle = setting.oracle
    return Roles(
        ledger=str(setting.folder / f"{name}.sqlite"),
        bindings={"teacher": oracle, "referee": oracle, "generator": oracle, "student": {"backend": "local"}},
    )


def run_arm(setting: Setting, seed: int, arm: str) -> dict[str, Any]:
    """Three rounds of one arm: its scores, hard rates, and how many of its labels went to holes."""
    world, of_arm, holes = setting.world, ARMS[arm], draw_holes(seed)
    params = of_arm and replace(of_arm, seed=seed)
    roles = roles_of(setting, f"{seed}-{arm.replace(' ', '-')}")
    # The pool is judged, and nothing of it is learned: what is replayed is what the start was taught.
    pool = users_ask(world, POOL, holes, HOLE_SHARE, f"{seed}/pool")
    yardstick, _ = imitation.answer_train_pool(pool, [], roles)
    taught = start_instructions(world, seed)[:POOL]
    known_by_start, _ = imitation.answer_train_pool(taught, [], roles)
    ref, about_holes, labels = model_ref(setting.folder / f"{seed}-start-model"), 0, 0
    gaps: list[Gap] = []
    hard_rates: list[float] = []
    before = OPENED
    for number in range(1, ROUNDS + 1):
        if params is None:
            known = {one.text for one in pool}
            drawn = users_ask(world, POOL, holes, HOLE_SHARE, f"{seed}/users/{number}")
            fresh = [replace(one, id="", round=number) for one in drawn if one.text not in known]
            pool = [*pool, *fresh[:LABELS]]
        else:
            student = discrimination.answer_cache_pool(pool, ref, before, GREEDY, roles)
            reviews, trial = discrimination.review_responses(pool, yardstick, student, gaps, before, params, roles)
            former, gaps = gaps, discrimination.label_gaps(reviews, student, trial, params)
            hard_rates.append(fmean(gap.label == "hard" for gap in gaps))
            seeded = shuffled(gaps, seed + number) if arm == "labels shuffled" else gaps
            pool, _, outcome, _ = generation.generate_instructions(
                pool, seeded, former, trial, RoleUsage(role="teacher"), before, params, roles, Decontamination()
            )
            assert outcome.status == "went-on", outcome
        before = {"round": number, "outcome": {"calls": 0}}
        answered = len(yardstick)
        yardstick, _ = imitation.answer_train_pool(pool, yardstick, roles)
        labels += len(yardstick) - answered
        new = [one for one in pool if one.round]
        learned = imitation.pair_train_pool(
            [*taught, *new], [*known_by_start, *yardstick], before, params or replace(LION, seed=seed)
        )
        about_holes += sum(bool(families_of(world, one.text) & set(holes)) for one in pool if one.round == number)
        name = f"{seed}-{arm.replace(' ', '-')}-model-{number}"
        ref = learn(setting, Path(ref.path), learned, ROUND, name, seed + 1000 * number)
    assert labels == ROUNDS * LABELS == POOL // 4, labels
    rates = {f"hard rate, round {number}": rate for number, rate in enumerate(hard_rates, start=1)}
    return {**score(setting, ref, holes), **rates, "rows about holes": about_holes}


def main() -> None:
    """Run what is missing, print the table and write it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--work", type=Path, default=WORK / "holes")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--to", type=Path, default=RESULTS / "evidence_holes.json")
    chosen = parser.parse_args()
    offline.silence()
    setting = prepare(chosen.work)
    tokens, tried = choose_tokens(setting)
    print(f"the start learns {tokens:,} tokens; hard rate on seeds {CHOOSING_SEEDS}: {tried}", flush=True)
    runs: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for seed in chosen.seeds:
        runs["start"].append(kept(chosen.work, f"{seed}-start", partial(make_start, setting, seed, tokens)))
        for arm in ARMS:
            runs[arm].append(kept(chosen.work, f"{seed}-{arm}", partial(run_arm, setting, seed, arm)))
    settings = {
        "pool": POOL, "hole_share": HOLE_SHARE, "labels": ROUNDS * LABELS, "rounds": ROUNDS,
        "tokens_per_round": ROUND_TOKENS, "start_tokens": tokens, "hard_rate_when_choosing": tried,
        "holes": {seed: draw_holes(seed) for seed in chosen.seeds}, "items": len(setting.items),
    }  # fmt: skip
    report("holes", chosen.seeds, settings, table(runs, MEASURES, DIFFERENCES), chosen.to)


if __name__ == "__main__":
    main()
