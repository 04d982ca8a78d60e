"""Pairs and a start model become a student that runs anywhere."""

from pathlib import Path

import pandas as pd
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner

from quintain.datasets.model_ref import model_ref
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.pipelines.finetuning.pipeline import finetune
from quintain.prompts import request
from quintain.records import InstructionPair
from quintain.training.sft import SftParams
from tests.project_configuration import configuration

PAIRS = [
    InstructionPair(instruction=f"Tell me about town {i}.", response="The mayor is kind.", kind="web-as-response")
    for i in range(12)
]
TOO_LONG = InstructionPair(instruction="word " * 300, response="Yes.", kind="web-as-instruction")


@pytest.fixture
def run(monkeypatch, tmp_path, tiny_student):
    """Fine-tune one student with the real catalog, its files below an empty folder."""
    entries = configuration("base")["catalog"]
    monkeypatch.chdir(tmp_path)

    def run_pipeline(params, pairs):
        catalog = DataCatalog.from_config({name: entry for name, entry in entries.items() if name.startswith("{")})
        catalog["some_pairs"] = MemoryDataset(pairs)
        catalog["tiny.model@ref"] = MemoryDataset(model_ref(tiny_student))
        catalog["params:finetuning.sft"] = MemoryDataset(params)
        SequentialRunner().run(finetune("mine", start="tiny", pairs="some_pairs"), catalog)
        return catalog

    return run_pipeline


def test_a_student_learns_its_pairs_by_heart_and_leaves_curve_and_summary(run, tiny_student):
    params = SftParams(steps=60, batch_size=6, learning_rate=1e-2, max_length=128)
    catalog = run(params, [*PAIRS, TOO_LONG])
    student = LocalModel("data/06_models/mine", Sampling(max_new_tokens=12))
    completion = student.generate([request("student/instruction", {"instruction": PAIRS[3].instruction})])[0]
    assert (completion.text, completion.finish_reason) == ("The mayor is kind.", "stop")
    summary = catalog.load("mine.training")
    assert summary["start"] == tiny_student.name
    assert summary["start_digest"] == model_ref(tiny_student).digest
    assert (summary["steps"], summary["rows"], summary["dropped_too_long"]) == (60, 12, 1)
    assert summary["last_loss"] < 0.5 < summary["first_loss"]
    curve = pd.read_csv("data/08_reporting/mine/loss_curve.csv")
    assert list(curve) == ["step", "loss", "learning_rate", "tokens"]
    assert curve["step"].tolist() == [10, 20, 30, 40, 50, 60]
    assert curve["tokens"].iloc[-1] == summary["tokens"]
    assert list(Path("scratch/finetuning").iterdir()) == []


def test_a_lora_student_is_an_adapter_on_its_start_model(run, tiny_student):
    lora = {"r": 4, "lora_alpha": 8, "target_modules": "all-linear"}
    run(SftParams(steps=5, batch_size=4, learning_rate=1e-2, max_length=128, lora=lora), PAIRS)
    assert Path("data/06_models/mine/adapter_config.json").is_file()
    asked = [request("student/instruction", {"instruction": pair.instruction}) for pair in PAIRS]
    before = LocalModel(tiny_student, Sampling(max_new_tokens=8)).generate(asked)
    after = LocalModel("data/06_models/mine", Sampling(max_new_tokens=8)).generate(asked)
    assert [one.text for one in before] != [one.text for one in after]
