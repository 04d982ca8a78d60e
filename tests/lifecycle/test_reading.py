"""lifecycle.yml becomes a family tree, or one clear error."""

import pytest
import yaml

from quintain.errors import ConfigError
from quintain.lifecycle import PACKS
from quintain.lifecycle.reading import read_lifecycle

PARAMETERS = {
    "distillation": {"rounds": 2, "method": {"seed": 0}},
    "preference": {"training": {"beta": 0.1, "steps": 9}},
    "finetuning": {"sft": {"steps": 3}},
}
CHAIN = {
    "base": {"start": "world"},
    "webr": {"from": "base", "by": "finetuning"},
    "lion": {"from": "webr", "by": "distillation"},
    "bmc": {"from": "lion", "by": "preference"},
    "lte": {"from": "bmc", "by": "editing"},
}


def read(students, benchmarks=("almanac",), **more):
    document = {"students": students, "benchmarks": list(benchmarks), **more}
    return read_lifecycle(document, PARAMETERS, file="conf/x/lifecycle.yml", starts=["student"])


def names(lifecycle):
    return [student.name for student in lifecycle.students]


def test_students_stand_in_the_order_of_descent_with_the_rounds_before_their_last_student():
    assert names(read(CHAIN)) == ["base", "webr", "lion_round_1", "lion_round_2", "lion", "bmc", "lte"]


def test_a_round_starts_from_the_one_before_and_the_last_student_from_the_last_round():
    tree = read(CHAIN)
    parents = {student.name: student.parent for student in tree.students}
    assert parents["lion_round_1"] == "webr"
    assert parents["lion_round_2"] == "lion_round_1"
    assert parents["lion"] == "lion_round_2"
    assert parents["bmc"] == "lion"
    assert [one.name for one in tree.ancestors("bmc")] == ["lion", "lion_round_2", "lion_round_1", "webr", "base"]


def test_a_child_may_be_written_before_its_parent():
    assert names(read({"b": {"from": "a", "by": "finetuning"}, "a": {"start": "world"}})) == ["a", "b"]


def test_the_whole_chain_needs_every_pipeline_but_start():
    assert read(CHAIN).pipelines == (
        "world", "synthesis", "finetuning", "distillation", "preference", "editing", "evaluation", "registration",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("students", "benchmarks", "pipelines"),
    [
        ({"mine": {"start": "student"}}, ["core"], ("start", "evaluation", "registration")),
        (
            {"mine": {"start": "student"}, "tuned": {"from": "mine", "by": "finetuning", "on": "given"}},
            ["core"],
            ("start", "finetuning", "evaluation", "registration"),
        ),
        (
            {"mine": {"start": "student"}, "new": {"from": "mine", "by": "preference", "on": "given"}},
            [],
            ("start", "preference"),
        ),
        (
            {"base": {"start": "world"}, "lte": {"from": "base", "by": "editing"}},
            ["almanac"],
            ("world", "editing", "evaluation", "registration"),
        ),
        ({"mine": {"start": "student"}}, ["almanac"], ("world", "start", "evaluation", "registration")),
    ],
)
def test_only_what_the_students_need_is_run(students, benchmarks, pipelines):
    assert read(students, benchmarks).pipelines == pipelines


def test_every_training_can_learn_exact_items_and_edits_of_the_packs():
    chain = {name: {**one, "on": "packs"} if "by" in one else {"start": "student"} for name, one in CHAIN.items()}
    tree = read(chain, ["starter"])
    assert {one.name: one.on for one in tree.students if one.declared and one.by} == {
        "webr": "pack_pairs", "lion": "pack_seeds", "bmc": "pack_prompts", "lte": "pack_edits",
    }  # fmt: skip
    assert tree.pipelines == (
        "start", "packs", "finetuning", "distillation", "preference", "editing", "evaluation", "registration",
    )  # fmt: skip
    assert read({}, ["core"], data=["packs"]).pipelines == ("packs",)


def test_a_training_that_no_pack_has_data_for_is_refused_by_name(monkeypatch):
    monkeypatch.delitem(PACKS, "finetuning")
    students = {"base": {"start": "student"}, "tuned": {"from": "base", "by": "finetuning", "on": "packs"}}
    with pytest.raises(ConfigError, match="student tuned: no pack has data for finetuning; on can be given"):
        read(students)


def test_data_without_students_can_be_asked_for():
    assert read({}, ["core"], data=["synthesis"]).pipelines == ("synthesis",)


def test_distillation_may_come_before_fine_tuning():
    tree = read(
        {
            "base": {"start": "world"},
            "lion": {"from": "base", "by": "distillation"},
            "webr": {"from": "lion", "by": "finetuning"},
        }
    )
    assert names(tree) == ["base", "lion_round_1", "lion_round_2", "lion", "webr"]
    assert tree.student("lion").on == "seed_instructions"


def test_what_a_student_learns_from_follows_from_the_lifecycle_where_it_is_not_said():
    tree = read(CHAIN)
    assert {one.name: one.on for one in tree.students if one.declared and one.by} == {
        "webr": "instruction_pairs", "lion": "seed_instructions", "bmc": "instruction_pairs", "lte": "world",
    }  # fmt: skip
    foreign = read({**CHAIN, "base": {"start": "student"}}, ["core"])
    assert foreign.student("lion").on == "given_seeds"
    assert foreign.student("lte").on == "given_edits"


def test_overrides_may_be_dotted_or_nested():
    two = {
        "base": {"start": "world"},
        "a": {"from": "base", "by": "preference", "with": {"preference.training.beta": 0.3}},
        "b": {"from": "base", "by": "preference", "with": {"preference": {"training": {"beta": 0.5}}}},
    }
    tree = read(two)
    assert tree.student("a").overrides == {"preference.training.beta": 0.3}
    assert tree.student("b").overrides == {"preference.training.beta": 0.5}


def test_the_rounds_of_one_student_may_differ():
    chain = {**CHAIN, "lion": {"from": "webr", "by": "distillation", "with": {"distillation.rounds": 1}}}
    assert read(chain).student("lion").rounds == ("lion_round_1",)


def test_a_student_may_be_scored_on_fewer_benchmarks():
    tree = read({**CHAIN, "lion": {**CHAIN["lion"], "benchmarks": ["almanac"]}}, ["almanac", "core"])
    assert tree.student("lion").benchmarks == tree.student("lion_round_1").benchmarks == ("almanac",)
    assert tree.student("webr").benchmarks == ("almanac", "core")
    assert tree.held_out == ("almanac", "core")


@pytest.mark.parametrize(
    ("students", "message"),
    [
        ({"a": {"from": "b", "by": "finetuning"}, "b": {"from": "a", "by": "finetuning"}}, "a from b from a goes in a"),
        ({"a": {"from": "a", "by": "finetuning"}}, "a from a goes in a circle"),
        ({"a": {"start": "wrld"}}, "student a: start is 'wrld'; it can be 'world', 'student'"),
        ({"base": {"start": "world"}, "a": {"from": "bas", "by": "editing"}}, "from bas, which is no .* mean base"),
        ({"base": {"start": "world"}, "a": {"from": "base", "by": "synthesis"}}, "'synthesis' is no pipeline that tr"),
        ({"a": {}}, "student a must have either `start`, or both `from` and `by`; it has neither"),
        ({"a": {"start": "world", "by": "finetuning"}}, "it has start, by"),
        ({"base": {"start": "world"}, "a": {"from": "base"}}, "it has from"),
        ({"a": {"start": "world", "on": "given"}}, "student a has a start and learns nothing"),
        ({"a": {"start": "world", "form": "b"}}, "student a: there is no setting 'form'; did you mean from"),
        ({"a-b": {"start": "world"}}, "'a-b' cannot name a student"),
        ({"a": "world"}, "student a must say where it starts"),
        ({"a": {"start": "world", "with": {"finetuning.sft": {"steps": 1}, "finetuning.sft.steps": 2}}}, "steps twice"),
        ({"a": {"start": "world", "with": 3}}, "student a: with must map names of parameters to values, got 3"),
        ({"a": {"start": "world", "benchmarks": ["core"]}}, "must begin with almanac, the headline"),
        (
            {"base": {"start": "world"}, "lte": {"from": "base", "by": "editing", "on": "pairs"}},
            "student lte: on is 'pairs'; for editing it can be given",
        ),
        (
            {
                "base": {"start": "world"},
                "lion": {"from": "base", "by": "distillation"},
                "lion_round_1": {"from": "lion", "by": "finetuning"},
            },
            "lion_round_1 is a student of its own and a round of the distillation lion",
        ),
        (["base"], "`students` must map names to students"),
    ],
)
def test_what_cannot_be_a_tree_names_file_student_and_remedy(students, message):
    with pytest.raises(ConfigError, match=rf"^conf/x/lifecycle\.yml.*{message}"):
        read(students)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"data": ["pages"]}, "data names pages, which makes no data; world, synthesis and packs do"),
        ({"benchmark": ["core"]}, "there is no setting 'benchmark'; did you mean benchmarks"),
        ({"benchmarks": ["core", "core"]}, "benchmarks names something twice"),
        ({"benchmarks": [3]}, "benchmarks must be a list of names"),
        ({"benchmarks": ["a/b"]}, "benchmarks: 'a/b' cannot name a benchmark"),
    ],
)
def test_what_stands_beside_the_students_is_checked(more, message):
    document = {"students": {}, "benchmarks": ["core"], **more}
    with pytest.raises(ConfigError, match=rf"^conf/x/lifecycle\.yml: {message}"):
        read_lifecycle(document, PARAMETERS, file="conf/x/lifecycle.yml")


@pytest.mark.parametrize("rounds", [0, 1.5, True, None, "2"])
def test_a_number_of_rounds_that_is_none_is_named(rounds):
    with pytest.raises(ConfigError, match=r"distillation\.rounds .* must be a whole number from 1, got"):
        read_lifecycle(
            {"students": CHAIN}, {"distillation": {"rounds": rounds}}, file="conf/x/lifecycle.yml", starts=[]
        )


def test_on_is_read_though_yaml_takes_the_bare_word_for_true():
    document = yaml.safe_load("students: {mine: {start: student}, tuned: {from: mine, by: finetuning, on: my_pairs}}")
    assert True in document["students"]["tuned"]
    assert read_lifecycle(document, {}, file="lifecycle.yml").student("tuned").on == "my_pairs"
