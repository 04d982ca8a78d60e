"""Everything in conf/ is compared with its types; every fault is told with file, line and the nearest right name."""

import logging
import os
import shutil
from pathlib import Path

import pytest
from kedro.config import OmegaConfigLoader

from quintain.cli.new import lay_out
from quintain.cli.recipes import RECIPES
from quintain.configuration import check_configuration
from quintain.environment import layers
from quintain.errors import ConfigError
from quintain.hooks.lifecycle import prefer_given
from quintain.settings import CONFIG_LOADER_ARGS, ProjectConfigLoader

ROOT = Path(__file__).parents[2]


@pytest.fixture
def conf(tmp_path):
    """Check the shipped configuration with files of an environment `mine` over it, and values of the command line."""
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    (tmp_path / "conf/mine").mkdir()

    def checked(files=None, params=None, env="mine"):
        for name, text in (files or {}).items():
            path = tmp_path / "conf" / (name if "/" in name else f"mine/{name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        loader = OmegaConfigLoader(str(tmp_path / "conf"), env=env, runtime_params=params, **CONFIG_LOADER_ARGS)
        return check_configuration(loader)

    return checked


def test_a_fault_names_the_file_of_the_layer_that_wins(tmp_path):
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    (tmp_path / "conf/hub/parameters_own.yml").write_text("preference: {pairs: {held_out: 0.1}}\n")
    (tmp_path / "conf/local").mkdir(exist_ok=True)
    (tmp_path / "conf/local/parameters.yml").write_text("preference:\n  pairs: {held_out: much}\n")
    (tmp_path / "conf/local/tracking.yml").write_text("enabled: 'no'\n")
    with pytest.raises(ConfigError) as caught:
        check_configuration(ProjectConfigLoader(str(tmp_path / "conf"), env="hub", **CONFIG_LOADER_ARGS))
    told = str(caught.value)
    assert "conf/local/parameters.yml:2: preference.pairs.held_out: must be" in told
    assert "conf/local/tracking.yml:1: enabled: must be true or false, got 'no'" in told


@pytest.fixture
def refused(conf):
    """Lines of the refusal."""

    def lines(files=None, params=None):
        with pytest.raises(ConfigError) as caught:
            conf(files, params)
        return str(caught.value)

    return lines


@pytest.mark.parametrize("env", ["base", "local", "smoke", "hub", "core", "followbench", "ifbench", "ifeval"])
def test_the_shipped_configuration_passes(conf, env):
    assert conf(env=env).students


@pytest.mark.parametrize("student", ["model", ""])
@pytest.mark.parametrize("recipe", RECIPES)
def test_a_new_project_of_another_purpose_passes(tmp_path, tiny_student, recipe, student):
    lay_out(tmp_path / "project", recipe=recipe, student=str(tiny_student) if student else "")
    loader = OmegaConfigLoader(str(tmp_path / "project/conf"), **CONFIG_LOADER_ARGS)
    assert check_configuration(loader).benchmarks


PARAMETERS = """\
preferense: {pares: 1}
preference:
  pares: {held_out: 0.2}
  training:
    warmup_ratio: 7
    max_grad_norm: -1
    beta: .nan
    steps: 1.5
    variant: dp0
    warmup_share: 0.1
finetuning:
  sft:
    learning_rate: .inf
    batch_size: true
    seed: abc
    lora: {rr: 3, r: 0}
world:
  architecture: {heads: 0}
  tokenizer: null
evaluation:
  sampling: {top_p: 2, temperature: .nan}
  by_benchmark:
    cor: {sampling: {}}
    core: {samplings: {}}
    extended: {sampling: {max_new_tokens: 0}}
roles:
  bindings:
    teachers: {backend: local}
    teacher: {backend: opnai}
    judge: {backend: openai, address: "http://x", model: m, budget: {calls: 0}}
    referee: {flaws: {noise: -1}}
    student: {batch_size: 0, dtyp: x}
synthesis:
  method: {word_budgets: [50, 0, x]}
"""
FOUND = [
    (1, "preferense: there is no 'preferense'; did you mean preference"),
    (3, "preference.pares: there is no 'pares'; did you mean pairs"),
    (5, "preference.training.warmup_ratio: must be in [0, 1], got 7"),
    (6, "preference.training.max_grad_norm: must be positive, got -1"),
    (7, "preference.training.beta: must be a finite number, got nan"),
    (8, "preference.training.steps: must be a whole number, got 1.5"),
    (9, "preference.training.variant: must be one of dpo, ipo, r_dpo, dpop, simpo, orpo, got 'dp0'; did you mean dpo?"),
    (10, "preference.training.warmup_share: is an old name: the setting is called `warmup_ratio` now"),
    (13, "finetuning.sft.learning_rate: must be a finite number, got inf"),
    (14, "finetuning.sft.batch_size: must be a whole number, got True"),
    (15, "finetuning.sft.seed: must be a whole number, got 'abc'"),
    (16, "finetuning.sft.lora.rr: there is no 'rr'; did you mean r?"),
    (16, "finetuning.sft.lora.r: must be at least 1, got 0"),
    (18, "world.architecture.heads: must be at least 1, got 0"),
    (19, "world.tokenizer: must map names to values (vocab_size, passages), got null"),
    (21, "evaluation.sampling.top_p: must be in (0, 1], got 2"),
    (21, "evaluation.sampling.temperature: must be a finite number, got nan"),
    (23, "evaluation.by_benchmark.cor: there is no 'cor'; did you mean core?"),
    (24, "evaluation.by_benchmark.core.samplings: there is no 'samplings'; did you mean sampling?"),
    (25, "evaluation.by_benchmark.extended.sampling.max_new_tokens: must be at least 1, got 0"),
    (28, "roles.bindings.teachers: there is no 'teachers'; did you mean teacher?"),
    (29, "roles.bindings.teacher.backend: there is no 'opnai'; did you mean openai?"),
    (30, "roles.bindings.judge.budget.calls: must be at least 1, got 0"),
    (31, "roles.bindings.referee.flaws.noise: must be at least 0, got -1"),
    (32, "roles.bindings.student.batch_size: must be at least 1, got 0"),
    (32, "roles.bindings.student.dtyp: there is no 'dtyp'; did you mean dtype?"),
    (34, "synthesis.method.word_budgets.2: must be at least 1, got 0"),
    (34, "synthesis.method.word_budgets.3: must be a whole number, got 'x'"),
]


def test_all_faults_of_parameters_are_told_in_one_message_each_with_its_line(refused):
    said = refused({"parameters.yml": PARAMETERS})
    missing = [what for line, what in FOUND if f"conf/mine/parameters.yml:{line}: {what}" not in said]
    assert not missing
    assert said.startswith(f"{len(FOUND)} settings are wrong:")


DOCUMENTS = {
    "tracking.yml": 'enabled: "no"\nur: x\n',
    "promotion.yml": (
        "most_unread: null\nmust_improve: [bcm]\nbenchmarks:\n  almanak: {margin: .1}\n  core: {margin: 3, teir: x}\n"
    ),
    "lifecycle.yml": "benchmarks: [cor]\n",
    "globals.yml": "\nadaptr: {r: 1}\n",
    "catalog.yml": (
        "a: {type: quintain.datasets.JSNDataset}\n"
        "b: {type: quintain.datasets.JSONDataset, filepth: x, metadata: {mlfow: metrics, dvc: metrik}}\n"
        "c: {type: quintain.datasets.RecordsDataset, filepath: x.jsonl, record: Pear}\n"
        "core.items@benchmark: {type: quintain.datasets.BenchmarkDataset, name: core, benchmark: exact, sizes: 3}\n"
        "d: {type: pandas.CSVDataset, filepath: x, save_args: {x: .nan}}\n"
        '"{studnt}.e": {type: pandas.CSVDataset, filepath: "x/{student}.csv"}\n'
    ),
    "base/expectations/page.yml": "expectations: []\n",
    "base/expectations/pages.yml": "expectations:\n  - {type: expect_x, mostly: 2}\n  - {kwags: {}}\n",
}
FOUND_IN_DOCUMENTS = [
    "conf/mine/tracking.yml:1: enabled: must be true or false, got 'no'",
    "conf/mine/tracking.yml:2: ur: there is no 'ur'; did you mean uri",
    "conf/mine/promotion.yml:1: most_unread: must be a number, got null",
    "conf/mine/promotion.yml:2: must_improve.1: there is no 'bcm'; did you mean bmc?",
    "conf/mine/promotion.yml:4: benchmarks.almanak: there is no 'almanak'; did you mean almanac?",
    "conf/mine/promotion.yml:5: benchmarks.core.margin: must be in [0, 1), got 3",
    "conf/mine/promotion.yml:5: benchmarks.core.teir: there is no 'teir'; did you mean tier?",
    "conf/mine/lifecycle.yml:1: benchmarks: there is no 'cor'; did you mean core?",
    "conf/mine/globals.yml:2: adaptr.r: nothing refers to it; there is no 'adaptr.r'; did you mean adapter",
    "conf/mine/catalog.yml:1: a.type: there is no 'JSNDataset'; did you mean JSONDataset",
    "conf/mine/catalog.yml:2: b.filepth: there is no 'filepth'; did you mean filepath?",
    "conf/mine/catalog.yml:2: b: lacks `filepath`",
    "conf/mine/catalog.yml:2: b.metadata.mlfow: there is no 'mlfow'; did you mean mlflow?",
    "conf/mine/catalog.yml:2: b.metadata.dvc: must be metric, uncached or a mapping, got 'metrik'",
    "conf/mine/catalog.yml:3: c: there is no record type 'Pear'; there are",
    "conf/mine/catalog.yml:4: core.items@benchmark.sizes: there is no 'sizes'; did you mean size?",
    "conf/mine/catalog.yml:5: d.save_args.x: must be a finite number, got nan",
    "conf/mine/catalog.yml:6: {studnt}.e.filepath: the name of the entry has no {student}; it has {studnt}",
    "conf/base/expectations/page.yml: there is no 'page'; did you mean pages",
    "conf/base/expectations/pages.yml:2: expectations.1.type: there is no 'expect_x'; there are expect_",
    "conf/base/expectations/pages.yml:2: expectations.1.mostly: must be in (0, 1], got 2",
    "conf/base/expectations/pages.yml:3: expectations.2.kwags: there is no 'kwags'; did you mean kwargs?",
    "conf/base/expectations/pages.yml:3: expectations.2: lacks `type`",
]


def test_every_document_is_checked(refused):
    said = refused(DOCUMENTS)
    assert [line for line in FOUND_IN_DOCUMENTS if f"  {line}" not in said] == []
    assert [line for line in said.splitlines()[1:] if not line.strip().startswith(tuple(FOUND_IN_DOCUMENTS))] == []
    assert len(said.splitlines()) == 1 + len(FOUND_IN_DOCUMENTS)


@pytest.mark.parametrize(
    ("file", "former", "now", "said"),
    [
        ("evaluation", '"{student}.{benchmark}.responses":', '"{student}.{benchmark}.response":', "responses?"),
        ("world", "raw_pages:", "rawpages:", "raw_pages?"),
        ("distillation", '"{student}.reviews":', '"{student}.review":', "reviews?"),
        ("models", '"{student}.model@ref":', '"{student}.model@reff":', "model@ref?"),
    ],
)
def test_a_renamed_entry_is_told_with_its_line(refused, tmp_path, file, former, now, said):
    path = tmp_path / f"conf/base/catalog_{file}.yml"
    text = path.read_text()
    assert former in text
    path.write_text(text.replace(former, now))
    line = text[: text.index(former)].count("\n") + 1
    told = refused()
    assert f"conf/base/catalog_{file}.yml:{line}: {now.strip(chr(34) + ':')}" in told
    assert f"did you mean {former.strip(chr(34) + ':').rpartition('.')[0]}" in told
    assert said in told


def test_an_entry_of_another_name_leaves_what_pipelines_hand_on_in_memory(refused, tmp_path):
    path = tmp_path / "conf/base/catalog_world.yml"
    path.write_text(path.read_text().replace("world:", "facts_and_entities:", 1))
    told = refused()
    assert ": world, which " in told
    assert "takes in or gives out, has no entry and would be lost in memory" in told


def test_an_override_that_nothing_goes_by_is_a_warning(conf, caplog):
    conf({"catalog.yml": "worlds: {type: quintain.datasets.JSONDataset, filepath: x.json}\n"})
    assert [r.getMessage() for r in caplog.records] == [
        "conf/mine/catalog.yml:1: worlds: no dataset goes by it, so it changes nothing; did you mean world?"
    ]


def test_students_are_checked_at_any_depth(refused):
    students = "students:\n  a: {starts: world}\n  b: {from: a, by: x}\n  c: {start: 3}\nbenchmark: [core]\n"
    said = refused({"lifecycle.yml": students})
    for line in (
        "lifecycle.yml:2: students.a.starts: there is no 'starts'; did you mean start?",
        "lifecycle.yml:3: students.b.by: must be one of finetuning, distillation, preference, editing, got 'x'",
        "lifecycle.yml:4: students.c.start: must be text, got 3",
        "lifecycle.yml:5: benchmark: there is no 'benchmark'; did you mean benchmarks?",
    ):
        assert line in said


def test_a_tree_that_cannot_be_is_told_with_the_line_of_its_student(refused):
    said = refused({"lifecycle.yml": "students:\n  base: {start: world}\n  a: {from: bases, by: editing}\n"})
    assert said == "conf/mine/lifecycle.yml:3: student a is made from bases, which is no student; did you mean base?"


def test_files_that_cannot_be_read_are_all_named(refused):
    said = refused(
        {
            "tracing.yml": "a: 1\n",
            "parameters_a.yml": b"roles: {ledger: \xff}\n",
            "parameters_b.yml": "roles: {\n",
            "parameters_c.yml": "- 1\n",
            "parameters_d.yml": "roles: {}\nworld: {}\nroles: {}\n",
        }
    )
    for line in (
        "conf/mine/tracing.yml: nobody reads a file of this name; did you mean tracking?",
        "conf/mine/parameters_a.yml: it is not UTF-8 from byte 16 on",
        "conf/mine/parameters_b.yml:2: it is no YAML",
        "conf/mine/parameters_c.yml:1: it must map names to values",
        "conf/mine/parameters_d.yml:3: it has roles twice, first on line 1",
    ):
        assert line in said


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("promotion.yml", "benchmarks: null\n", "promotion.yml:1: benchmarks: must map names to values, got null"),
        (
            "parameters.yml",
            "roles: {ledger: '${globals:pagse}'}\n",
            ":1: ${globals:pagse} refers to nothing in globals.yml; ",
        ),
        (
            "parameters.yml",
            "roles: {ledger: '${none.x}'}\n",
            "cannot be merged: Interpolation key 'none.x' not found",
        ),
    ],
)
def test_what_refers_to_nothing_or_says_nothing_is_refused(refused, file, text, message):
    assert message in refused({file: text})


def test_the_layer_that_set_the_value_is_named(refused, tmp_path):
    base = tmp_path / "conf/base/parameters_world.yml"
    base.write_text(base.read_text().replace("    heads: 4\n", "    heads: 0\n"))
    line = base.read_text().splitlines().index("    heads: 0") + 1
    assert refused() == f"conf/base/parameters_world.yml:{line}: world.architecture.heads: must be at least 1, got 0"


def test_a_value_from_globals_is_named_where_it_stands(refused):
    said = refused(
        {"globals.yml": "far:\n  steps: 0\n", "parameters.yml": "finetuning: {sft: {steps: '${globals:far.steps}'}}\n"}
    )
    assert said == "conf/mine/globals.yml:2: finetuning.sft.steps: must be at least 1, got 0"


def test_a_value_behind_an_anchor_is_named_where_it_stands(refused):
    text = "_all: &all\n  steps: 0\nfinetuning:\n  sft:\n    <<: *all\n    batch_size: 3\n"
    assert refused({"parameters.yml": text}) == (
        "conf/mine/parameters.yml:2: finetuning.sft.steps: must be at least 1, got 0"
    )


def test_the_command_line_is_checked_alike(refused):
    said = refused(
        params={
            "finetuning": {"sft": {"stepps": 3, "learning_rate": float("inf")}},
            "finetunning": {"sft": {"steps": 3}},
            "_trainer": {"seed": 3},
            "roles": {"bindings": {"student": {"bach_size": 8}}},
            "students": {"bmc": {"preference": {"training": {"beta": 1}}}, "bcm": {"preference": {}}},
        }
    )
    for line in (
        "--params finetuning.sft.stepps: there is no 'stepps'; did you mean steps",
        "--params finetuning.sft.learning_rate: must be a finite number, got inf",
        "--params finetunning: there is no 'finetunning'; did you mean finetuning",
        "--params _trainer: there is no '_trainer'",
        "--params roles.bindings.student.bach_size: there is no 'bach_size'; did you mean batch_size",
        "--params students.bmc.preference: bmc reads the parameters of all students there",
        "--params students.bcm: there is no 'bcm'; did you mean bmc?",
    ):
        assert line in said


def test_a_setting_that_no_file_spells_out_can_be_given(conf):
    conf(
        params={
            "roles": {"bindings": {"student": {"batch_size": 8, "dtype": "bfloat16"}}},
            "evaluation": {"by_benchmark": {"almanac": {"sampling": {"top_p": 0.9}}}, "benchmarks": "core"},
            "finetuning": {"sft": {"lora": {"r": 8}}},
            "synthesis": {"extraction": {"languages": ["en"], "max_braces": 0.0}},
        }
    )


LIFECYCLE = """\
students:
  base: {start: world}
  a:
    from: base
    by: preference
    with:
      preference.training.betta: 0.3
      preference: {training: {steps: -3}}
      roles.bindings.student.batch_size: 8
benchmarks: [almanac]
"""


def test_overrides_of_a_student_are_checked_like_parameters(refused, conf):
    said = refused({"lifecycle.yml": LIFECYCLE})
    assert "lifecycle.yml:7: student a: with preference.training.betta: there is no 'betta'; did you mean beta" in said
    assert "lifecycle.yml:8: student a: with preference.training.steps: must be at least 1, got -3" in said
    right = LIFECYCLE.replace("betta", "beta").replace("-3", "3")
    assert conf({"lifecycle.yml": right}).student("a").overrides["roles.bindings.student.batch_size"] == 8
    given = {"students": {"a": {"preference": {"training": {"steps": 0}}}}}
    assert refused(params=given) == "--params students.a.preference.training.steps: must be at least 1, got 0"


def test_other_students_than_those_of_the_policy_beside_them_are_no_fault(conf):
    assert conf({"lifecycle.yml": "students:\n  mine: {start: student}\nbenchmarks: [core]\n"}).students


def test_what_the_command_line_sets_for_all_benchmarks_holds_for_those_with_their_own(caplog):
    parameters = {
        "evaluation": {
            "sampling": {"max_new_tokens": 32},
            "by_benchmark": {
                "core": {"sampling": {"max_new_tokens": 256, "seed": 1}},
                "x": {"judging": {"unit": "item"}},
            },
        }
    }
    with caplog.at_level(logging.WARNING):
        found = prefer_given(parameters, {"evaluation": {"sampling": {"max_new_tokens": 32}}})
    assert found["evaluation"]["by_benchmark"]["core"] == {"sampling": {"seed": 1}}
    assert caplog.messages == [
        "--params evaluation.sampling.max_new_tokens holds for core too, in place of its own 256"
    ]
    both = {
        "evaluation": {"sampling": {"max_new_tokens": 32}, "by_benchmark": parameters["evaluation"]["by_benchmark"]}
    }
    assert prefer_given(parameters, both) == parameters


def test_kedros_variable_names_the_environment_of_every_command(tmp_path, monkeypatch):
    for name in ("base", "mine", "local"):
        (tmp_path / "conf" / name).mkdir(parents=True)
    monkeypatch.delitem(os.environ, "KEDRO_ENV", raising=False)
    assert layers(tmp_path) == ["base", "local"]
    monkeypatch.setenv("KEDRO_ENV", "mine")
    assert layers(tmp_path) == ["base", "mine", "local"]
    monkeypatch.setenv("KEDRO_ENV", "mien")
    with pytest.raises(
        ConfigError, match="KEDRO_ENV is 'mien', which is no folder of conf/; there are base, mine, local"
    ):
        layers(tmp_path)


@pytest.mark.parametrize("value", ["5", "/srv/data", "../data", '""'])
def test_the_folder_that_an_environment_writes_below_lies_in_the_project(refused, value):
    told = refused({"globals.yml": f"data: {value}\n"})
    assert "conf/mine/globals.yml:1: data: must be a folder of the project such as data or data/mine" in told


def test_every_file_that_pipelines_write_lies_below_the_folder_of_the_environment():
    names = [path for path in (ROOT / "conf/base").glob("*.yml") if path.name != "globals.yml"]
    fixed = [f"{path.name}: {line}" for path in names for line in path.read_text().splitlines()
             if "data/0" in line and not line.lstrip().startswith("#")]  # fmt: skip
    assert fixed == [], "write ${globals:data}/… so that `--env smoke` writes over nobody's data"


def test_an_environment_that_is_none_is_told_the_nearest_one(tmp_path):
    shutil.copytree(ROOT / "conf/smoke", tmp_path / "conf/smoke")
    with pytest.raises(ConfigError, match=r"--env smok: there is no 'smok'; did you mean smoke\?"):
        ProjectConfigLoader(str(tmp_path / "conf"), env="smok", **CONFIG_LOADER_ARGS)
