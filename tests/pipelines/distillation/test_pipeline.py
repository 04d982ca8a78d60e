"""Rounds of distillation with the real catalog, a real student, the oracle or a real server, and the real ledger."""

import json
import re
from pathlib import Path

import pytest
from kedro.validation.type_extractor import TypeExtractor

from quintain.almanac.instructions import read_instruction
from quintain.almanac.referee import RefereeFlaws, review
from quintain.almanac.responses import respond
from quintain.almanac.users import more_of_a_kind, rarer
from quintain.benchmarks.decontamination import Decontamination
from quintain.errors import ModelError
from quintain.methods.lion import LionParams
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles
from quintain.pipelines.distillation import create_pipeline
from quintain.training.sft import SftParams
from tests.endpoint_server import EndpointServer, refused, said
from tests.lifecycles import tree
from tests.pipelines.distillation.loop import STUDENT, SUITES, TEACHERS, configure, run
from tests.project_configuration import configuration


def weights(student):
    return Path(f"data/06_models/{student}/model.safetensors").read_bytes()


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


def test_a_second_run_gives_the_same_pools_and_asks_nobody(catalog, monkeypatch):
    def pools():
        return {path: path.read_bytes() for path in Path("data/03_primary").rglob("*.jsonl")}

    run(catalog)
    first = pools()
    monkeypatch.setattr("quintain.models.oracle.complete", None)  # a call would break
    run(catalog)
    assert pools() == first


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
