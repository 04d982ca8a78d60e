"""Any benchmark and any student go through the same nodes, each pair in a namespace of its own."""

import dataclasses
from pathlib import Path

import pytest
import yaml
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from kedro.validation.type_extractor import TypeExtractor

from quintain.benchmarks import Benchmark, Item
from quintain.benchmarks.judging.calibration import Floor
from quintain.datasets.model_ref import model_ref
from quintain.errors import QualityError
from quintain.lifecycle import Lifecycle, Student
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles
from quintain.pipelines.evaluation import create_pipeline
from quintain.pipelines.evaluation.judges import JudgingParams
from quintain.pipelines.evaluation.pipeline import evaluate
from quintain.pipelines.evaluation.settings import own
from quintain.statistics.resampling import Resampling
from tests.pipelines.evaluation.asking import local_student
from tests.project_configuration import REPOSITORY, configuration, expectations


class Echo(Benchmark):
    """Ten lines of somebody else: does the response hold a word?"""

    name = "echo"

    def __init__(self, by="rule:echo"):
        self.by = by

    def load_items(self):
        return [Item(prompt=f"Say {word}.", target=word, category=word[0]) for word in ("ant", "asp", "bee")]

    def judge(self, item, response):
        return dataclasses.replace(self.judged(item, response, score=float(item.target in response)), id="", by=self.by)


@pytest.fixture
def run(monkeypatch, tmp_path, world, tiny_student):
    """Evaluate one student with the real catalog, its files below an empty folder."""
    entries = configuration("base")["catalog"]
    suites = expectations("responses", "judgements")
    monkeypatch.chdir(tmp_path)

    def run_pipeline(benchmark: Benchmark) -> DataCatalog:
        catalog = DataCatalog.from_config({name: entry for name, entry in entries.items() if name.startswith("{")})
        catalog[f"{benchmark.name}.items@benchmark"] = MemoryDataset(benchmark, copy_mode="assign")
        catalog["tiny.model@ref"] = MemoryDataset(model_ref(tiny_student))
        for name, suite in suites.items():
            catalog[f"{name}_suite"] = MemoryDataset(suite)
        catalog["params:evaluation.by_benchmark"] = MemoryDataset({"echo": {"sampling": {"max_new_tokens": 3}}})
        catalog["params:evaluation.sampling"] = MemoryDataset(Sampling(max_new_tokens=8))
        catalog["params:evaluation.judging"] = MemoryDataset(JudgingParams())
        catalog["params:evaluation.calibration"] = MemoryDataset(Floor())
        catalog["params:roles"] = MemoryDataset(local_student("data/ledger.sqlite"))
        catalog["params:evaluation.resampling"] = MemoryDataset(Resampling(replicates=50))
        SequentialRunner().run(evaluate("tiny", benchmark.name), catalog)
        return catalog

    return run_pipeline


def test_a_student_goes_from_items_and_folder_to_scorecard_curve_and_pictures(run, almanac, tiny_student):
    catalog = run(almanac)
    scorecard = catalog.load("tiny.almanac.scorecard")
    assert scorecard.model == "tiny"
    assert scorecard.model_digest == model_ref(tiny_student).digest
    assert scorecard.benchmark == almanac.identity
    assert (scorecard.n_items, scorecard.n_scored, scorecard.n_truncated) == (60, 60, 60)
    assert [scorecard.estimate("hsr", level=level).value for level in scorecard.levels] == [0.0] * 5  # noise, no fact
    assert len(catalog.load("tiny.almanac.judgements")) == 60
    assert catalog.load("tiny.almanac.level_curve")["level"].tolist() == [1, 2, 3, 4, 5]
    assert sorted(str(path) for path in Path("data").rglob("*") if path.is_file() and "ledger" not in path.name) == [
        "data/07_model_output/tiny/almanac/judgements.jsonl",
        "data/07_model_output/tiny/almanac/responses.jsonl",
        "data/08_reporting/expectations/tiny/almanac/judgements.json",
        "data/08_reporting/expectations/tiny/almanac/responses.json",
        "data/08_reporting/tiny/almanac/judge_calibration.json",
        "data/08_reporting/tiny/almanac/judging.json",
        "data/08_reporting/tiny/almanac/level_curve.csv",
        "data/08_reporting/tiny/almanac/levels.png",
        "data/08_reporting/tiny/almanac/radar.png",
        "data/08_reporting/tiny/almanac/scorecard.html",
        "data/08_reporting/tiny/almanac/scorecard.json",
    ]


def test_a_benchmark_of_ten_lines_runs_through_the_same_nodes_with_its_own_sampling(run):
    catalog = run(Echo())
    scorecard = catalog.load("tiny.echo.scorecard")
    assert (scorecard.headline, scorecard.n_items, scorecard.categories) == ("score", 3, ("a", "b"))
    assert scorecard.sampling["max_new_tokens"] == 3
    assert catalog.load("tiny.echo.level_curve")["score"].tolist() == [scorecard.measures["score"].value]
    assert "score" in catalog.load("tiny.echo.scorecard_page")


def test_every_pair_of_student_and_benchmark_has_a_namespace_of_its_own():
    students = (
        Student(name="base", start="world", benchmarks=("almanac", "core")),
        Student(name="webr", parent="base", by="finetuning", benchmarks=("core",)),
    )
    pipeline = create_pipeline(Lifecycle(students=students, benchmarks=("almanac", "core")))
    assert pipeline.inputs() == {
        "almanac.items@benchmark",
        "core.items@benchmark",
        "responses_suite",
        "judgements_suite",
        "base.model@ref",
        "webr.model@ref",
        "params:evaluation.by_benchmark",
        "params:evaluation.sampling",
        "params:evaluation.judging",
        "params:evaluation.calibration",
        "params:evaluation.resampling",
        "params:roles",
    }
    cards = {name for name in pipeline.all_outputs() if name.endswith(".scorecard")}
    assert cards == {"base.almanac.scorecard", "base.core.scorecard", "webr.core.scorecard"}


def test_kedro_builds_every_parameter_from_its_annotation(caplog):
    types = TypeExtractor({"evaluation": evaluate("base", "almanac")}).extract_types_from_pipelines()
    assert types == {
        "evaluation.sampling": Sampling,
        "evaluation.judging": JudgingParams,
        "evaluation.calibration": Floor,
        "evaluation.resampling": Resampling,
        "roles": Roles,
    }
    ours = (
        "generate_responses",
        "judge_responses",
        "ask_judges",
        "calibrate_judges",
        "score_judgements",
        "tabulate_levels",
        "plot_",
    )
    assert not [line for line in caplog.messages if any(name in line for name in ours)]


def test_judgements_that_nobody_signed_stop_at_the_gate(run):
    with pytest.raises(QualityError, match=r"(?s)judgements.*expect_column_values_to_match_regex"):
        run(Echo(by="me"))
    assert Path("data/08_reporting/expectations/tiny/echo/judgements.json").is_file()
    assert not Path("data/08_reporting/tiny/echo/scorecard.json").exists()


@pytest.mark.parametrize("env", ["core", "followbench", "ifbench", "ifeval"])
def test_an_environment_of_a_benchmark_is_its_lifecycle(env):
    read = configuration(env)
    assert yaml.safe_load((REPOSITORY / f"conf/{env}/lifecycle.yml").read_text()) == {"benchmarks": [env]}
    entry = read["catalog"][f"{env}.items@benchmark"]
    assert (entry["type"], entry["name"]) == ("quintain.datasets.BenchmarkDataset", env)
    own(Sampling(**read["parameters"]["evaluation"]["sampling"]), "sampling", env, _by_benchmark(read))
    own(JudgingParams(**read["parameters"]["evaluation"]["judging"]), "judging", env, _by_benchmark(read))


def _by_benchmark(read):
    return read["parameters"]["evaluation"]["by_benchmark"]
