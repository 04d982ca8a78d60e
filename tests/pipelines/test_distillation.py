"""Rounds of distillation with the real catalog, a real student, the oracle or a real server, and the real ledger."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from kedro.validation.type_extractor import TypeExtractor

from quintain.almanac.instructions import read_instruction
from quintain.almanac.pack import build_pack
from quintain.almanac.referee import RefereeFlaws, review
from quintain.almanac.responses import respond
from quintain.almanac.users import more_of_a_kind, rarer, user_instructions
from quintain.almanac.world import WorldParams, make_world, world_as_json
from quintain.benchmarks.decontamination import Decontamination
from quintain.datasets.model_ref import model_ref
from quintain.errors import ModelError, RecordError
from quintain.lifecycle.student import round_names
from quintain.methods.lion import LionParams
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles
from quintain.pipelines.distillation import create_pipeline, discrimination, generation, imitation
from quintain.records import Completion, Instruction
from quintain.training.sft import SftParams
from tests.endpoint_server import EndpointServer, refused, said
from tests.lifecycles import Asked, tree
from tests.project_configuration import configuration

REPOSITORY = Path(__file__).parents[2]
WORLD = "data/01_raw/world.json"
TEACHERS = ("teacher", "referee", "generator")
STUDENT = {"student": {"backend": "local"}}
ORACLE = {role: {"backend": "oracle", "world": WORLD} for role in TEACHERS} | STUDENT
SUITES = ("cache_pool", "distilled_pairs", "reviews", "gaps")
# A random student gains nothing in a few steps, so most tests switch the rules off that would stop the loop.
ENDLESS = {"per_round": 6, "probe_size": 0, "hard_floor": 0.0, "controls": 4, "train_on": "replay"}


@pytest.fixture(scope="module")
def world():
    return make_world(WorldParams(towns=12, fresh_towns=4, persons=8))


@pytest.fixture
def catalog(monkeypatch, tmp_path, world, tiny_student):
    """The real catalog, its files below an empty folder, with 16 instructions to start from and a random student."""
    entries = configuration("base")["catalog"]
    monkeypatch.chdir(tmp_path)
    catalog = DataCatalog.from_config(entries)
    catalog.save("seed_instructions", user_instructions(world, 16, tail=1.0, skew=1.0, seed=0))
    catalog.save("world", world_as_json(world))
    catalog["almanac.items@benchmark"] = MemoryDataset(Asked(build_pack(world, 1, seed=0)))
    catalog["params:decontamination"] = MemoryDataset(Decontamination(ngram_words=8, item_share=0.8))
    catalog["webr.model@ref"] = MemoryDataset(model_ref(tiny_student))
    for name in SUITES:
        suite = yaml.safe_load((REPOSITORY / f"conf/base/expectations/{name}.yml").read_text())
        catalog[f"{name}_suite"] = MemoryDataset(suite)
    catalog["params:distillation.student"] = MemoryDataset(Sampling(max_new_tokens=12))
    sft = SftParams(steps=2, batch_size=4, learning_rate=1e-3, max_length=256)
    catalog["params:distillation.imitation"] = MemoryDataset(sft)
    configure(catalog)
    return catalog


def configure(catalog, bindings=ORACLE, **method):
    catalog["params:distillation.method"] = MemoryDataset(LionParams(**{**ENDLESS, **method}))
    catalog["params:roles"] = MemoryDataset(Roles(ledger="data/ledger.sqlite", bindings=bindings))


def run(catalog, rounds=2):
    SequentialRunner().run(create_pipeline(tree(rounds=rounds)), catalog)


def weights(student):
    return Path(f"data/06_models/{student}/model.safetensors").read_bytes()


class Scripted:
    """A model that says what a function of the request says."""

    name = "scripted:test"
    sampling = Sampling()

    def __init__(self, text):
        self._text = text

    def generate(self, requests):
        return [Completion(request_id=one.id, text=self._text(one), finish_reason="stop") for one in requests]


@pytest.fixture
def played(monkeypatch):
    """Let a scripted model play one role, the oracle the others: `played(referee=…)`."""

    def play(**texts):
        real = imitation.bind

        def bind(role, *given, **named):
            return Scripted(texts[role]) if role in texts else real(role, *given, **named)

        for step in (imitation, discrimination, generation):
            monkeypatch.setattr(step, "bind", bind)

    return play


# --- the whole loop ------------------------------------------------------------------------------------------------


def test_every_round_leaves_a_student_and_a_larger_pool(catalog):
    run(catalog)
    sizes = [len(catalog.load(f"lion_round_{number}.cache_pool")) for number in range(3)]
    assert sizes == [16, 22, 28]
    assert len({weights(student) for student in ("lion_round_1", "lion_round_2", "lion")}) == 3
    for number in (1, 2):
        new = [one for one in catalog.load(f"lion_round_{number}.cache_pool") if one.round == number]
        assert len(new) == 6
        assert {one.difficulty for one in new} <= {"hard", "easy"}
        report = catalog.load(f"lion_round_{number}.round_report")
        assert report["outcome"]["status"] == "went-on"
        assert report["gaps"]["judged"] == sizes[number - 1]
    assert catalog.load("lion.training")["status"] == "went-on"
    assert list(catalog.load("lion.rounds")) == ["round_1", "round_2"]


def test_every_new_instruction_leads_back_to_its_seed_and_every_pair_to_its_instruction(catalog):
    run(catalog)
    pool = {one.id: one for one in catalog.load("lion_round_2.cache_pool")}
    for one in pool.values():
        if one.round:
            assert pool[one.origin.parents[1]].round < one.round
    answered = {response.id: response for response in catalog.load("lion.teacher_responses")}
    for pair in catalog.load("lion.distilled_pairs"):
        response, instruction = pair.origin.parents
        assert answered[response].text == pair.response
        assert pool[instruction].prompt == pair.instruction


def test_the_teacher_is_asked_about_each_instruction_once_in_all_rounds(catalog):
    run(catalog)
    reports = catalog.load("lion.rounds").values()
    assert [report["spent"]["teacher"]["calls"] for report in reports] == [16, 6]
    assert len(catalog.load("lion.teacher_responses")) == 28


def test_half_of_what_is_taught_is_replayed(catalog):
    run(catalog)
    rounds = [int(pair.origin.knobs["round"]) for pair in catalog.load("lion_round_2.distilled_pairs")]
    assert (rounds.count(1), rounds.count(0)) == (6, 6)


def test_what_is_hard_becomes_preference_data(catalog):
    run(catalog)
    pairs = catalog.load("lion_round_1.preference_pairs")
    gaps = {gap.id: gap for gap in catalog.load("lion_round_1.gaps")}
    assert pairs
    assert all(gaps[pair.origin.parents[0]].label == "hard" and pair.chosen != pair.rejected for pair in pairs)


def test_a_second_run_gives_the_same_pools_and_asks_nobody(catalog, monkeypatch):
    def pools():
        return {path: path.read_bytes() for path in Path("data/03_primary").rglob("*.jsonl")}

    run(catalog)
    first = pools()
    monkeypatch.setattr("quintain.models.oracle.complete", None)  # a call would break
    run(catalog)
    assert pools() == first


def test_the_page_shows_every_round_and_needs_no_network(catalog):
    run(catalog)
    page = catalog.load("lion.rounds_page")
    assert "round_2" in page
    assert "orders disagree" in page
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)


# --- when the loop ends --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"hard_floor": 1.0, "threshold": 9.5}, "nothing-hard"),
        ({"most_calls": 10}, "budget"),
        ({"hard_share": 0.0, "threshold": 0.0}, "no-seeds"),
    ],
)
def test_a_loop_that_ends_passes_its_student_on_and_asks_nothing_more(catalog, settings, reason):
    configure(catalog, **settings)
    run(catalog)
    first, second = catalog.load("lion.rounds").values()
    assert (first["outcome"]["status"], first["outcome"]["reason"]) == ("stopped", reason)
    assert (second["outcome"]["status"], second["outcome"]["reason"]) == ("passed", "ended-before")
    assert sum(spent["calls"] for spent in second["spent"].values()) == 0
    digests = {model_ref(Path(f"data/06_models/{student}")).digest for student in (*round_names("lion", 2), "lion")}
    assert len(digests) == 1  # so the registry knows it already
    assert catalog.load("lion.training")["steps"] == 0


def test_no_gain_on_the_probe_set_ends_the_loop_with_the_numbers(catalog):
    configure(catalog, probe_size=8)
    run(catalog)
    outcome = catalog.load("lion_round_2.round_report")["outcome"]
    assert (outcome["status"], outcome["reason"]) == ("stopped", "no-gain")
    assert outcome["improvement"]["n"] == 8
    assert re.search(r"fell by -?\d\.\d+ \[.*\] since the last round, which is not beyond chance", outcome["detail"])


# --- bad input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("I like both.", "none of its 8 reviews can be read"),
        ("Assistant 1: 9\nAssistant 2: 2", "it favours the same place"),
        ("Assistant 1: 7\nAssistant 2: 7", "it gave the score 7 to every response"),
    ],
)
def test_a_referee_that_cannot_tell_fails_the_round_and_its_student_goes_nowhere(catalog, played, text, why):
    played(referee=lambda _: text)
    with pytest.raises(ModelError, match=rf"round 1 has failed, its student goes nowhere: .*{why}"):
        run(catalog)
    report = catalog.load("lion_round_1.round_report")
    assert (report["outcome"]["status"], report["outcome"]["reason"]) == ("failed", "referee-unfit")
    assert report["spent"]["referee"]["calls"] == 8  # the controls, and nothing after them
    # registration asks for it
    assert not Path("data/08_reporting/lion_round_1/training.json").exists()


def test_a_referee_that_turns_unreadable_fails_the_round(catalog, played):
    def write(request):
        # readable on the controls, whose two responses are both the teacher's
        known = {response.text for response in catalog.load("lion_round_1.teacher_responses")}
        fields = request.fields
        return (
            "\n".join(
                f"Assistant {i}: {9 if fields[name].split()[0] in fields['instruction'] else 2}"
                for i, name in enumerate(("first", "second"), start=1)
            )
            if {fields["first"], fields["second"]} <= known
            else "No idea."
        )

    played(referee=write)
    configure(catalog, min_control_accuracy=0.0)
    with pytest.raises(ModelError, match=r"16 of 16 instructions have no readable review, the limit is 5%"):
        run(catalog)


def test_a_generator_that_echoes_its_seed_ends_the_loop(catalog, played):
    played(generator=lambda request: request.fields["seed"])
    run(catalog)
    first = catalog.load("lion_round_1.round_report")
    assert (first["outcome"]["status"], first["outcome"]["reason"]) == ("stopped", "nothing-accepted")
    assert first["generation"]["dropped"] == {"echo": 30}  # five attempts for each of six
    assert {drop.reason for drop in catalog.load("lion_round_1.dropped_candidates")} == {"echo"}


def test_a_teacher_that_answers_nothing_stops_the_run(catalog):
    catalog.save("seed_instructions", [Instruction(text="Sing."), Instruction(text="Dance.")])
    with pytest.raises(ModelError, match="the teacher oracle:almanac@.* answered none of 2 instructions; .*almanac"):
        run(catalog)


def test_an_empty_pool_says_what_to_do(catalog):
    catalog.save("seed_instructions", [Instruction(text=" ")])
    with pytest.raises(RecordError, match="holds 1 instructions and none that says something .*`seeds` in"):
        run(catalog)


def test_what_is_evaluated_is_neither_taken_up_nor_generated(catalog, world):
    asked = [Instruction(text=item.instruction) for item in catalog.load("almanac.items@benchmark").items]
    others = user_instructions(world, 20, tail=1.0, skew=1.0, seed=3)
    catalog.save("seed_instructions", [*asked[:5], *others])
    run(catalog)
    pool = [one.prompt for one in catalog.load("lion_round_0.cache_pool")]
    assert not {item.text for item in asked} & set(pool)
    dropped = catalog.load("lion_round_0.dropped_candidates")
    assert [drop.reason for drop in dropped].count("contaminated") >= 5
    generated = {one.prompt for one in catalog.load("lion_round_1.cache_pool")} - set(pool)
    assert generated

    # The same seeds again, and a pack of what the generator wrote.
    items = [
        replace(item, id="", instruction=text)
        for item, text in zip(catalog.load("almanac.items@benchmark").items, generated, strict=False)
    ]
    catalog["almanac.items@benchmark"] = MemoryDataset(Asked(items))
    run(catalog)
    assert not {item.instruction for item in items} & {one.prompt for one in catalog.load("lion_round_1.cache_pool")}


def test_a_pool_of_one_goes_through_all_rounds(catalog, world):
    catalog.save("seed_instructions", user_instructions(world, 1, tail=1.0, skew=1.0, seed=3))
    configure(catalog, per_round=2, attempts=20)
    run(catalog)
    assert len(catalog.load("lion_round_2.cache_pool")) > 1


# --- a server, by messages alone -----------------------------------------------------------------------------------


def marked(text, mark):
    return re.search(rf"<{mark}>\n(.*)\n</{mark}>", text, re.DOTALL)[1]


@pytest.fixture
def server(world):
    """Teacher, referee and generator behind one address; they see rendered prompts and nothing else."""
    import random

    def reply(call):
        asked, rng = call.prompt, random.Random(json.dumps(call.body, sort_keys=True))
        if "<assistant-1>" in asked:
            shown = (marked(asked, "assistant-1"), marked(asked, "assistant-2"))
            first, second = review(world, marked(asked, "instruction"), shown, RefereeFlaws(), rng)
            return said(f"I looked at the facts.\n\n**Assistant 1**: {first}/10\n**Assistant 2**: {second}/10\n")
        if "<given>" in asked:
            write = more_of_a_kind if "same type of task" in asked else rarer
            return said(write(world, marked(asked, "given"), rng))
        task = read_instruction(world, asked)
        return said(respond(task, world.facts[task.subject], rng))

    with EndpointServer(reply) as running:
        yield running


def behind(server):
    return {
        role: {"backend": "openai", "address": server.address, "model": role, "sampling": {"max_new_tokens": 64}}
        for role in TEACHERS
    } | STUDENT


def test_the_same_loop_runs_against_a_server_and_a_local_student(catalog, server):
    configure(catalog, bindings=behind(server))
    run(catalog)
    assert [len(catalog.load(f"lion_round_{number}.cache_pool")) for number in range(3)] == [16, 22, 28]
    reports = catalog.load("lion.rounds").values()
    for report in reports:
        assert report["referee"]["parse_failure_rate"] == 0
        assert all(report["spent"][role]["completion_tokens"] > 0 for role in TEACHERS)
    assert {one.origin.model.partition(":")[0] for one in catalog.load("lion_round_2.reviews")} == {"openai"}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_run_that_breaks_off_at_any_call_resumes_with_the_same_pools_and_no_repeated_call(catalog, server, share):
    def pools():
        return {path: path.read_bytes() for path in Path("data/03_primary").rglob("*.jsonl")}

    configure(catalog, bindings=behind(server))
    run(catalog)
    whole, reply = pools(), server.reply
    asked = len(server.calls)
    for path in [*Path("data").glob("ledger.sqlite*"), *whole]:
        path.unlink()
    server.forget()
    answered = []

    def breaking(call):
        if len(answered) >= share * asked:
            return refused(401)  # ends the batch at once
        answered.append(json.dumps(call.body, sort_keys=True))
        return reply(call)

    server.reply = breaking
    with pytest.raises(ModelError, match="HTTP 401"):
        run(catalog)
    server.reply = lambda call: answered.append(json.dumps(call.body, sort_keys=True)) or reply(call)
    run(catalog)
    assert pools() == whole
    assert len(set(answered)) == len(answered) == asked


# --- configuration -------------------------------------------------------------------------------------------------


def test_one_namespace_per_round_and_a_last_student():
    pipeline = create_pipeline(tree(rounds=3))
    assert {node.namespace for node in pipeline.nodes} == {"lion", *(f"lion_round_{number}" for number in range(4))}
    suites = {f"{name}_suite" for name in SUITES}
    assert {name for name in pipeline.inputs() if not name.startswith("params:")} == {
        "seed_instructions", "almanac.items@benchmark", "webr.model@ref", *suites,
    }  # fmt: skip


def test_kedro_builds_the_parameters_from_their_annotations():
    types = TypeExtractor({"distillation": create_pipeline(tree())}).extract_types_from_pipelines()
    assert types == {
        "distillation.method": LionParams,
        "distillation.student": Sampling,
        "distillation.imitation": SftParams,
        "roles": Roles,
        "decontamination": Decontamination,
    }


@pytest.mark.parametrize("environment", ["base", "smoke"])
def test_the_configuration_holds_valid_parameters(environment):
    given = configuration(environment)["parameters"]["distillation"]
    assert given["rounds"] == {"base": 3, "smoke": 1}[environment]
    assert LionParams(**given["method"]).mode == "robust"
    assert Sampling(**given["student"]).temperature == 0
    assert SftParams(**given["imitation"]).steps <= {"base": 300, "smoke": 10}[environment]
