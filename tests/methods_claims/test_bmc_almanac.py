"""BMC in the almanac: bridging makes pairs closer and easier to tell apart; what it is worth in HSR is measured.

The setting is that of reference/pocket.md, section 6, chosen before looking: a student whose fine-tuning was half
corrupted, so that it is able but does not prefer; its own failing samples as losers, the oracle as teacher and bridger.
β and the learning rate of every arm are chosen on a validation pack and reported on a test pack.
`python -m pytest -m slow tests/methods_claims/test_bmc_almanac.py -rP`
"""

import itertools
import math
import random
import statistics
from pathlib import Path

import pytest
import yaml

from quintain.almanac.checks import check
from quintain.almanac.constraints import CATEGORIES, sample_rules
from quintain.almanac.instructions import Task, write_instruction
from quintain.almanac.pack import build_pack
from quintain.almanac.phrasing import TOWN_RELATIONS
from quintain.almanac.responses import respond
from quintain.almanac.world import world_from_json
from quintain.datasets.model_ref import model_ref
from quintain.methods.bmc.bridge import BridgeParams
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.models.roles import Roles
from quintain.pipelines.preference.losers import LoserParams, find_losers
from quintain.pipelines.preference.nodes import hold_out
from quintain.pipelines.preference.pairs import PairParams, bridge_losers, tokenize_pairs
from quintain.prompts import request
from quintain.records import InstructionPair
from quintain.training.preference.measures import credit_pairs, summarise
from quintain.training.preference.params import PreferenceParams
from quintain.training.preference.tokenized_pairs import TokenizationParams
from quintain.training.preference.train import open_start, train_on_preferences
from quintain.training.sft import SftParams, fine_tune
from tests.methods_claims.base_student import train_base
from tests.oracle_binding import oracle_binding

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

REPOSITORY = Path(__file__).parents[2]
SEEDS = range(5)
BETAS, RATES = (0.1, 0.5), (1e-4, 3e-4)
STEPS = 40
ARMS = {"DPO": (False, None), "MC": (False, 2.0), "BC": (True, None), "BMC": (True, 2.0)}
"""Name → bridged, delta."""
STUDENT_T = 2.776  # 97.5 % quantile, four degrees of freedom: five seeds, paired


def tasks(world, rng, count):
    """Closed-book instructions of all categories and levels, with their tasks."""
    for _ in range(count):
        category = rng.choice(CATEGORIES)
        relation = rng.choice(TOWN_RELATIONS) if category == "example" else ""
        town = rng.choice([town for town in world.pools["town"] if town in world.facts])
        task = Task(town, sample_rules(rng, category, rng.randint(1, 5)), relation)
        yield write_instruction(rng, world, task), task


def careless(world, task, rng):
    """A response that forgets one rule, and at times states a wrong fact."""
    facts = dict(world.facts[task.subject])
    if rng.random() < 0.3:
        relation = task.relation or rng.choice(TOWN_RELATIONS)
        facts[relation] = world.draw_facts(rng, task.subject)[relation]
    forgotten = rng.randrange(len(task.rules))
    rules = task.rules[:forgotten] + task.rules[forgotten + 1 :]
    return respond(Task(task.subject, rules, task.relation), facts, rng)


def pair_of(instruction, response):
    return InstructionPair(instruction=instruction, response=response, kind="web-as-response")


def hsr(world, pack, folder):
    said = LocalModel(folder, Sampling(max_new_tokens=64)).generate(
        [request("student/instruction", {"instruction": item.instruction}) for item in pack]
    )
    return statistics.fmean(bool(check(world, item, one.text).hard) for item, one in zip(pack, said, strict=True))


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bmc")
    sizes = yaml.safe_load((REPOSITORY / "conf/base/parameters_world.yml").read_text())["world"]
    as_json, base, _ = train_base(sizes, folder)
    world, rng = world_from_json(as_json), random.Random(11)
    taught = [
        pair_of(
            said, careless(world, task, rng) if rng.random() < 0.5 else respond(task, world.facts[task.subject], rng)
        )
        for said, task in tasks(world, rng, 4000)
    ]
    sft = SftParams(steps=400, batch_size=10, learning_rate=1e-3, max_length=256)
    start = fine_tune(base, taught, sft, folder / "sft")
    start.model.save_pretrained(folder / "start")
    start.tokenizer.save_pretrained(folder / "start")
    packs = {"validation": build_pack(world, 6, seed=7), "test": build_pack(world, 12, seed=99)}
    print(f"start: HSR {hsr(world, packs['test'], folder / 'start'):.3f}", flush=True)  # noqa: T201 - for pytest -rP
    grid: dict[str, dict[tuple[float, float], list[list[float]]]] = {arm: {} for arm in ARMS}
    pairs = []
    for seed in SEEDS:
        originals, bridged, rows, plain = make_rows(as_json, world, folder, seed)
        split = {"bridged": hold_out(rows, PairParams().held_out), "plain": hold_out(plain, PairParams().held_out)}
        seen = {"pairs": len(rows), "bridged": statistics.fmean(row.edit_distance for row in rows)}
        seen |= {
            "plain": statistics.fmean(row.original_distance for row in rows),
            "valid": len(bridged) / len(originals),
        }
        for (arm, (is_bridged, delta)), beta, rate in itertools.product(ARMS.items(), BETAS, RATES):
            learned, unseen = split["bridged" if is_bridged else "plain"]
            params = PreferenceParams(
                steps=STEPS, batch_size=8, learning_rate=rate, beta=beta, delta=delta, checkpoint_steps=1000, seed=seed
            )
            trained = train_on_preferences(folder / "start", learned, params, folder / f"preference-{seed}")
            trained.model.save_pretrained(folder / "arm")
            trained.tokenizer.save_pretrained(folder / "arm")
            scores = [hsr(world, pack, folder / "arm") for pack in packs.values()]
            grid[arm].setdefault((beta, rate), []).append(scores)
            if arm in ("DPO", "BC") and (beta, rate) == (BETAS[0], RATES[0]):
                credit = credit_pairs(trained.model, open_start(folder / "start")[0], unseen)
                seen[arm] = summarise(credit, beta, delta)["accuracy"]
        pairs.append(seen)
        print(f"seed {seed}: { ({name: round(value, 3) for name, value in seen.items()}) }", flush=True)  # noqa: T201
    return grid, pairs


def make_rows(as_json, world, folder, seed):
    rng = random.Random(500 + seed)
    gold = [pair_of(said, respond(task, world.facts[task.subject], rng)) for said, task in tasks(world, rng, 700)]
    oracle = oracle_binding(folder, as_json)
    roles = Roles(
        ledger=str(folder / "ledger.sqlite"),
        bindings={"bridger": oracle, "judge": oracle, "student": {"backend": "local"}},
    )
    start, params = model_ref(folder / "start"), PairParams()
    sampling = Sampling(temperature=0.8, max_new_tokens=64, seed=seed)
    originals, _ = find_losers(gold, [], start, LoserParams(prompts=700), sampling, roles)
    bridged, _ = bridge_losers(originals, BridgeParams(), params, roles)
    rows, plain, _ = tokenize_pairs(bridged, originals, start, TokenizationParams(max_length=256), params)
    return originals, bridged, rows, plain


def best(grid, arm):
    chosen = max(grid[arm], key=lambda setting: statistics.fmean(one[0] for one in grid[arm][setting]))
    return chosen, [one[1] for one in grid[arm][chosen]]


def interval(first, second):
    differences = [a - b for a, b in zip(first, second, strict=True)]
    return statistics.fmean(differences), STUDENT_T * statistics.stdev(differences) / math.sqrt(len(differences))


def test_bridging_brings_the_two_responses_of_a_pair_together(found):
    _, pairs = found
    mean, half = interval([one["bridged"] for one in pairs], [one["plain"] for one in pairs])
    print(f"\nedit distance, bridged - original: {mean:+.3f} ± {half:.3f}")  # noqa: T201 - for pytest -rP
    assert mean + half < -0.1


def test_what_bridging_and_weights_are_worth_is_measured(found):
    grid, pairs = found
    chosen = {arm: best(grid, arm) for arm in ARMS}
    lines = ["HSR on the test pack at the settings chosen on the validation pack, mean over seeds and each seed"]
    for arm, (setting, scores) in chosen.items():
        each = [round(score, 3) for score in scores]
        lines.append(f"  {arm:4} β {setting[0]}, rate {setting[1]}: {statistics.fmean(scores):.3f} {each}")
    lines.append("paired differences, 95 % interval over seeds")
    for first, second in (("BMC", "DPO"), ("BC", "DPO"), ("MC", "DPO"), ("BMC", "BC")):
        mean, half = interval(chosen[first][1], chosen[second][1])
        lines.append(f"  {first} - {second}: {mean:+.3f} ± {half:.3f}")
    mean, half = interval([one["BC"] for one in pairs], [one["DPO"] for one in pairs])
    lines.append(f"accuracy on unseen pairs, bridged - original: {mean:+.3f} ± {half:.3f}")
    print("\n".join(["", *lines]))  # noqa: T201 - for pytest -rP
    # No claim on the order of the arms: the prototype found none that holds (reference/pocket.md, section 6).
    assert all(0 < score < 1 for _, scores in chosen.values() for score in scores)
