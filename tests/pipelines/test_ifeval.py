"""IFEval for a student: prompts in, scorecard out, beside the lifecycle and never in it."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from kedro.validation.type_extractor import TypeExtractor

from quintain.benchmarks.ifeval.prompts import read_prompts
from quintain.datasets import ModelRef
from quintain.datasets.model_ref import model_ref
from quintain.errors import RecordError
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles
from quintain.pipeline_registry import register_pipelines
from quintain.pipelines.ifeval import create_pipeline
from quintain.pipelines.ifeval.nodes import ask_prompts, judge_prompts, score_verdicts
from quintain.prompts import request
from quintain.records import Completion
from quintain.statistics.resampling import Resampling
from tests.project_configuration import configuration

_REPOSITORY = Path(__file__).parents[2]
_ROWS = [
    {"key": 1, "prompt": "No commas.", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]},
    {"key": 2, "prompt": "All small.", "instruction_id_list": ["change_case:english_lowercase"], "kwargs": [{}]},
]


@pytest.fixture
def prompts_file(tmp_path):
    path = tmp_path / "prompts.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in _ROWS))
    return path


@pytest.fixture
def prompts(prompts_file):
    return read_prompts(prompts_file)


def completion(row, text, finish_reason="stop"):
    asked = request("student/instruction", {"instruction": _ROWS[row]["prompt"]})
    return Completion(request_id=asked.id, text=text, finish_reason=finish_reason)


def test_students_go_from_prompts_to_a_scorecard_of_their_own(tiny_model, prompts_file, tmp_path, monkeypatch):
    for student in ("base", "webr"):
        shutil.copytree(tiny_model, tmp_path / "data/06_models" / student)
    loader = configuration("ifeval")
    entries = {name: entry for name, entry in loader["catalog"].items() if "ifeval" in name or "model" in name}
    entries["ifeval_prompts"]["filepath"] = str(prompts_file)
    parameters = loader["parameters"]
    settings = parameters["ifeval"]
    monkeypatch.chdir(tmp_path)
    catalog = DataCatalog.from_config(entries)
    catalog["params:ifeval.sampling"] = MemoryDataset(Sampling(**settings["sampling"] | {"max_new_tokens": 8}))
    catalog["params:ifeval.resampling"] = MemoryDataset(Resampling(**settings["resampling"]))
    catalog["params:roles"] = MemoryDataset(Roles(**parameters["roles"]))
    students = create_pipeline(rounds=1).only_nodes_with_namespaces(["base", "webr"])
    SequentialRunner().run(students, catalog)
    for student in ("base", "webr"):
        card = catalog.load(f"{student}.ifeval_scorecard")
        assert (card["model"], card["n_prompts"], card["n_not_judged"]) == (student, 2, 0)
        assert len(catalog.load(f"{student}.ifeval_verdicts")) == 2
        for path in (
            f"07_model_output/{student}/ifeval/responses.jsonl",
            f"08_reporting/{student}/ifeval/scorecard.json",
        ):
            assert Path("data", path).is_file()


def test_verdicts_and_states_reach_the_scorecard(prompts):
    responses = [completion(0, "<think>a, b</think>One"), completion(1, "small", "length")]
    verdicts = judge_prompts(prompts, responses)
    assert [verdict.strict for verdict in verdicts] == [(True,), (True,)]
    ref = ModelRef(path="data/06_models/webr", digest="abc", size_bytes=1)
    card = score_verdicts(prompts, responses, verdicts, ref, Sampling(), Resampling(replicates=10))
    assert (card["model"], card["model_digest"], card["n_truncated"], card["n_empty"]) == ("webr", "abc", 1, 0)
    assert card["prompt_level"]["strict"] == 1.0


def test_what_the_student_could_not_complete_is_in_no_accuracy(prompts):
    responses = [completion(0, "out of memory", "error"), completion(1, "SHOUTED")]
    verdicts = judge_prompts(prompts, responses)
    assert [verdict.strict for verdict in verdicts] == [(None,), (False,)]


def test_responses_to_other_prompts_are_refused(prompts):
    with pytest.raises(RecordError, match=r"prompt 2 has no response.*from ask_prompts"):
        judge_prompts(prompts, [completion(0, "One")])


def test_equal_prompts_are_asked_once(tiny_model, prompts, tmp_path):
    roles = Roles(ledger=str(tmp_path / "ledger.sqlite"), bindings={"student": {"backend": "local"}})
    assert len(ask_prompts([prompts[0], prompts[0]], model_ref(tiny_model), Sampling(max_new_tokens=2), roles)) == 1


def test_it_runs_on_request_only_and_has_no_dvc_stage():
    pipelines = register_pipelines()
    own = {node.name for node in pipelines["ifeval"].nodes}
    assert own
    assert not own & {node.name for node in pipelines["__default__"].nodes}
    stages = yaml.safe_load((_REPOSITORY / "dvc.yaml").read_text())["stages"]
    assert not [name for name in stages if name.startswith("ifeval")]


def test_kedro_builds_every_parameter_from_its_annotation():
    types = TypeExtractor({"ifeval": create_pipeline()}).extract_types_from_pipelines()
    assert types == {"ifeval.sampling": Sampling, "ifeval.resampling": Resampling, "roles": Roles}
