"""Forecasts of every pipeline that asks: counted from its data and settings, and nothing is asked."""

import json
from types import SimpleNamespace

import pytest

from quintain.almanac.world import WorldParams, make_world, world_as_json
from quintain.benchmarks.benchmark import Benchmark, Item
from quintain.cli.forecast_project import Project
from quintain.cli.forecasts import FORECASTS
from quintain.errors import ConfigError
from quintain.lifecycle.reading import read_lifecycle
from quintain.models.roles import Roles
from quintain.records import Instruction, InstructionPair
from tests.project_configuration import configuration

ORACLE = {"backend": "oracle", "world": "data/01_raw/world.json"}
ROLES = Roles(
    ledger="data/ledger.sqlite",
    bindings=dict.fromkeys(("author", "teacher", "referee", "generator", "bridger", "judge"), ORACLE)
    | {"student": {"backend": "local"}},
)
TREE = {
    "students": {
        "base": {"start": "world"},
        "webr": {"from": "base", "by": "finetuning"},
        "lion": {"from": "webr", "by": "distillation"},
        "bmc": {"from": "lion", "by": "preference"},
        "lte": {"from": "bmc", "by": "editing"},
    },
    "benchmarks": ["sums"],
}


class Sums(Benchmark):
    name = "sums"

    def load_items(self):
        return [Item(prompt=f"What is 2 + {n}?", target=str(2 + n)) for n in range(9)]

    def judge(self, item, response):
        return self.judged(item, response, score=float(item.target in response.split()))


@pytest.fixture(scope="module")
def parameters():
    return configuration("base")["parameters"]


@pytest.fixture
def project(parameters, tmp_path):
    def make(data, **changes):
        settings = json.loads(json.dumps(parameters))
        for name, value in changes.items():
            *path, last = name.split("__")
            at = settings
            for part in path:
                at = at[part]
            at[last] = value
        tree = read_lifecycle(TREE, settings, file="lifecycle.yml", registers=False)
        return Project(tmp_path, "base", settings, ROLES, tree, data.__getitem__, 100)

    return make


def by_role(asked):
    calls = {}
    for one in asked.calls:
        calls[one.role] = calls.get(one.role, 0) + one.calls
    return calls


def test_distillation_counts_all_rounds(project):
    seeds = [Instruction(text=f"Tell me about the number {n} and about {n + 1}.") for n in range(50)]
    opened = project(
        {"seed_instructions": seeds},
        distillation__rounds=2, distillation__method__per_round=20, distillation__method__probe_size=0,
    )  # fmt: skip
    asked = FORECASTS["distillation"](opened)
    # Pools of 50 and 70: the teacher answers 50 and what two rounds generate, the student both pools; the referee sees
    # both in two orders, and 10 controls in two orders a round.
    assert by_role(asked) == {
        "teacher": 50 + 40, "student": 50 + 70, "referee": 2 * 120 + 2 * 2 * 10, "generator": 40,
    }  # fmt: skip
    referee = next(one for one in asked.calls if one.role == "referee")
    assert referee.prompt_tokens > referee.calls * 200  # two responses of 100 tokens stand in each question
    assert "the generator is asked 5 times as often at most" in asked.notes[1]


def test_preference_counts_losers_bridges_and_comparisons(project):
    pairs = [InstructionPair(instruction=f"Ask {n}", response="At noon.", kind="distilled") for n in range(30)]
    data = {"instruction_pairs": pairs}
    asked = FORECASTS["preference"](project(data, preference__losers__prompts=20, preference__losers__samples=2))
    assert by_role(asked) == {"student": 40, "bridger": 40, "judge": 40}
    assert by_role(FORECASTS["preference"](project(data, preference__pairs__pairs="unbridged"))) == {"student": 30}
    given = project(data, preference__losers__source="given", preference__pairs__compared=False)
    assert by_role(FORECASTS["preference"](given)) == {"bridger": 30}


def test_editing_counts_the_questions_without_a_label(project):
    world = world_as_json(make_world(WorldParams(towns=8, fresh_towns=4, persons=8)))
    settings = {"editing__rows__free_text": 12, "editing__edits__train": 10, "editing__edits__test": 5}
    asked = FORECASTS["editing"](project({"world": world}, **settings))
    (one,) = asked.calls
    assert one.role == "teacher"
    assert one.calls >= 12


def test_benchmarks_count_each_prompt_once_a_student(project):
    asked = FORECASTS["benchmarks"](project({"sums.items@benchmark": Sums()}))
    students = len(project({}).lifecycle.students)
    assert by_role(asked) == {"student": 9 * students}


def test_no_judge_is_asked_where_rules_tell_everything(project):
    asked = FORECASTS["judging"](project({"sums.items@benchmark": Sums()}))
    assert asked.calls == []
    assert asked.notes == ("sums: rules tell everything, no judge is asked",)


def test_a_pipeline_that_makes_no_student_is_named(project):
    opened = project({})
    lonely = SimpleNamespace(by=lambda _: ())
    with pytest.raises(ConfigError, match="no student of conf/base/lifecycle.yml is made by editing"):
        FORECASTS["editing"](Project(opened.root, "base", {}, ROLES, lonely, opened.load, 100))


def test_every_pipeline_of_the_command_has_a_forecast():
    from quintain.cli.forecast import PIPELINES

    assert set(PIPELINES) == set(FORECASTS)
