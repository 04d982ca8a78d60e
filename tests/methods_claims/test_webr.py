"""WebR in the almanac: what the mixture, the refinement and the right page are worth, at equal rows and equal steps.

One base student, ten seeds, five trainings each: about eleven minutes of one free core.
`python -m pytest -m slow tests/methods_claims/test_webr.py -rP`
"""

import dataclasses
import random
import statistics

import pytest
import yaml

from quintain.almanac.checks import check
from quintain.almanac.constraints import CATEGORIES, sample_rules
from quintain.almanac.instructions import Task, write_instruction
from quintain.almanac.pack import draw_group
from quintain.almanac.pages import web_pages, write_page
from quintain.almanac.phrasing import PAGE_OPENINGS
from quintain.almanac.world import world_from_json
from quintain.methods import webr
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.models.oracle import OracleModel
from quintain.pipelines.world import nodes as world_nodes
from quintain.prompts import request
from quintain.training.sft import SftParams, fine_tune
from quintain.web import PageLimits, extract_pages
from tests.methods_claims.base_student import train_base

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

SEEDS = tuple(range(10))
ROWS = 900
STEPS = 300
GROUPS_PER_CATEGORY = 10
# 97.5 % quantile of Student's t with nine degrees of freedom: ten seeds, paired
STUDENT_T = 2.262
ARMS = ("mix", "material only", "evidence only", "no refinement", "random pairs")


# --- the world and its student -------------------------------------------------------------------------------------


def open_book_pack(world, groups_per_category, seed):
    """Items with the page in the instruction, about towns whose facts stand nowhere else; and a world to check with."""
    rng = random.Random(seed)
    facts = {town: world.draw_facts(rng, town) for town in world.fresh_towns}
    known = dataclasses.replace(world, facts=world.facts | facts)
    items = []
    for category in CATEGORIES:
        for number in range(groups_per_category):
            town = rng.choice(world.fresh_towns)
            page = write_page(rng, town, facts[town])
            drawn = draw_group(world, rng, category, f"open-{category}-{number}")
            relation = rng.choice(list(facts[town])) if category == "example" else ""
            rules = sample_rules(rng, category, 5)
            for item in drawn:
                task = Task(town, rules[: item.level], relation)
                said = write_instruction(rng, world, task, PAGE_OPENINGS)
                target = f'{{"subject": "{town}", "relation": "{relation}"}}'
                items.append(
                    dataclasses.replace(
                        item, id="", instruction=f"{page.text}\n\n{said}", rules=task.rules, target=target
                    )
                )
    return items, known


# --- the arms ------------------------------------------------------------------------------------------------------


def synthesise(pages, world, seed, settings, **mixture):
    """All pairs that the pages give, by the oracle."""
    params = webr.WebrParams(**(settings | mixture | {"seed": seed}))
    oracle = OracleModel(world, Sampling())
    drafts = webr.plan(pages, params)
    drafts, _ = webr.read_author(drafts, oracle.generate(webr.ask_author(drafts, params)), params)
    drafts, _ = webr.read_request(drafts, oracle.generate(webr.ask_request(drafts)), params)
    drafts, _ = webr.read_response(drafts, oracle.generate(webr.ask_response(drafts, params)), params)
    drafts, _ = webr.read_refinement(drafts, oracle.generate(webr.ask_refinement(drafts)), params)
    return webr.make_pairs(drafts, params, {"author": oracle.name, "teacher": oracle.name})


def draw_arms(pages, world, seed, settings):
    """Five training sets of ROWS rows each from the same pages."""
    mix = synthesise(pages, world, seed, settings)
    rng = random.Random(seed)
    material = [pair for pair in mix if pair.kind == "web-as-instruction"]
    evidence = [pair for pair in mix if pair.kind == "web-as-response"]
    two_to_one = material[: ROWS * 2 // 3] + evidence[: ROWS // 3]
    rng.shuffle(two_to_one)
    responses = [pair.response for pair in two_to_one]
    return {
        "mix": two_to_one,
        "material only": synthesise(pages, world, seed, settings, as_response=0)[:ROWS],
        "evidence only": synthesise(pages, world, seed, settings, as_instruction=0)[:ROWS],
        "no refinement": [
            dataclasses.replace(pair, id="", response=pair.rollout or pair.response) for pair in two_to_one
        ],
        # the rows are shuffled, so the next row's response belongs to another page
        "random pairs": [
            dataclasses.replace(pair, id="", response=response)
            for pair, response in zip(two_to_one, [*responses[1:], responses[0]], strict=True)
        ],
    }


def measure(folder, pack, world):
    """Hard and soft satisfaction, and the share of responses that state only true facts, over all items."""
    asked = [request("student/instruction", {"instruction": item.instruction}) for item in pack]
    said = LocalModel(folder, Sampling(max_new_tokens=64)).generate(asked)
    judged = [check(world, item, one.text) for item, one in zip(pack, said, strict=True)]
    return {
        "hsr": statistics.fmean(bool(judgement.hard) for judgement in judged),
        "ssr": statistics.fmean(statistics.fmean(map(bool, judgement.satisfied)) for judgement in judged),
        "true": statistics.fmean(bool(judgement.base_task) for judgement in judged),
    }


def run_arms(base, world, pages, settings, folder, seeds=SEEDS):
    """Train and measure every arm at every seed: arm → seed → book → measure."""
    almanac = world_from_json(world)
    closed = world_nodes.build_pack(world, world_nodes.AlmanacPackParams(GROUPS_PER_CATEGORY, seed=99))
    opened, known = open_book_pack(almanac, GROUPS_PER_CATEGORY, seed=7)
    results = {"base": {0: {"closed": measure(base, closed, almanac), "open": measure(base, opened, known)}}}
    for seed in seeds:
        for arm, pairs in draw_arms(pages, world, seed, settings).items():
            assert len(pairs) == ROWS
            params = SftParams(steps=STEPS, batch_size=10, learning_rate=1e-3, max_length=256, seed=seed)
            trained = fine_tune(base, pairs, params, folder / "scratch")
            trained.model.save_pretrained(folder / "student")
            trained.tokenizer.save_pretrained(folder / "student")
            results.setdefault(arm, {})[seed] = {
                "closed": measure(folder / "student", closed, almanac),
                "open": measure(folder / "student", opened, known),
            }
    return results


def difference(results, arm, other, book, rate="hsr"):
    """Mean paired difference over the seeds, with its 95 % interval."""
    gaps = [results[arm][seed][book][rate] - results[other][seed][book][rate] for seed in SEEDS]
    half = STUDENT_T * statistics.stdev(gaps) / len(gaps) ** 0.5
    mean = statistics.fmean(gaps)
    return mean, mean - half, mean + half


def as_table(results):
    lines = ["arm             book    HSR    SSR   true facts"]
    for arm, by_seed in results.items():
        for book in ("closed", "open"):
            means = [statistics.fmean(one[book][rate] for one in by_seed.values()) for rate in ("hsr", "ssr", "true")]
            lines.append(f"{arm:15} {book:6} " + "  ".join(f"{mean:.3f}" for mean in means))
    lines.append("mix minus       book    rate  mean [95 % interval]")
    for other in ARMS[1:]:
        for book in ("closed", "open"):
            for rate in ("hsr", "true"):
                mean, low, high = difference(results, "mix", other, book, rate)
                lines.append(f"{other:15} {book:6}  {rate:4}  {mean:+.3f} [{low:+.3f}, {high:+.3f}]")
    return "\n".join(lines)


# --- claims --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def results(tmp_path_factory, request):
    configuration = request.config.rootpath / "conf/base"
    sizes = yaml.safe_load((configuration / "parameters_world.yml").read_text())["world"]
    settings = yaml.safe_load((configuration / "parameters_synthesis.yml").read_text())["synthesis"]
    folder = tmp_path_factory.mktemp("webr")
    world, base, _ = train_base(sizes, folder)
    raw = web_pages(world_from_json(world), **sizes["pages"])
    pages, _ = extract_pages(raw, PageLimits(**settings["extraction"]))
    found = run_arms(base, world, pages, settings["method"], folder)
    print(f"\n{as_table(found)}")  # noqa: T201 - for pytest -rP
    return found


@pytest.mark.parametrize("book", ["closed", "open"])
def test_a_response_that_belongs_to_another_page_teaches_nothing(results, book):
    # measured +.62 [.59, .65] and +.31 [.29, .33]
    assert difference(results, "mix", "random pairs", book)[1] > 0.2


def test_without_material_rows_no_student_reads_a_page(results):
    # measured +.23 [.21, .26]
    assert difference(results, "mix", "evidence only", "open")[1] > 0.1


def test_without_evidence_rows_a_student_forgets_what_it_knew(results):
    # measured +.048 [.015, .081] in HSR, +.046 [.024, .068] in true facts
    assert difference(results, "mix", "material only", "closed", "true")[1] > 0


def test_roll_outs_as_responses_teach_what_is_false(results):
    # measured +.066 [.031, .102] in HSR, +.105 [.059, .151] in true facts
    assert difference(results, "mix", "no refinement", "closed", "true")[1] > 0
