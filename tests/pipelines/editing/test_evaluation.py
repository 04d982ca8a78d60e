"""A student and its edits are tested end to end with a real model; the numbers of a tiny random one are noise."""

import shutil
from pathlib import Path

import pytest
import yaml
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner

from quintain.datasets.model_ref import model_ref
from quintain.edit_memory import EditMemory
from quintain.methods.lte import HashedNgrams
from quintain.methods.lte.edits import edit_of
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles
from quintain.pipelines.editing import create_pipeline
from quintain.pipelines.editing.evaluation import FluencyParams, TrialParams
from quintain.pipelines.editing.provenance import all_drawn_with
from quintain.statistics.resampling import Resampling
from tests.lifecycles import tree
from tests.methods.lte.cases import case


@pytest.fixture(scope="module")
def tested(tmp_path_factory, tiny_student):
    folder = tmp_path_factory.mktemp("editing")
    cases = [case(number) for number in range(4)]
    # The aligned model is the original after a step of training, which is another digest.
    aligned = shutil.copytree(tiny_student, folder / "lte")
    config = aligned / "config.json"
    config.write_text(config.read_text().replace("\n}", ',\n  "note": 1\n}'))
    with EditMemory.open(folder / "memory", HashedNgrams()) as memory:
        memory.add([edit_of(one) for one in cases])
    inputs = {
        "lte.edit_cases": cases,
        "lte.edit_memory": folder / "memory",
        "lte.model@ref": model_ref(aligned),
        "bmc.model@ref": model_ref(tiny_student),
        "params:editing.evaluation.trials": TrialParams(sizes=[1, 2, 1000]),
        "params:editing.evaluation.sampling": Sampling(max_new_tokens=8),
        "params:editing.evaluation.fluency": FluencyParams(cases=2, max_new_tokens=16),
        "params:editing.evaluation.resampling": Resampling(replicates=50),
        "params:editing.embedder": "hashed-ngrams",
        "params:roles": Roles(ledger=str(folder / "ledger.sqlite"), bindings={"student": {"backend": "local"}}),
    }
    text = Path("conf/base/catalog_editing_evaluation.yml").read_text().replace("${globals:data}", "data")
    entries = yaml.safe_load(text)
    for entry in entries.values():
        if "filepath" in entry:
            entry["filepath"] = str(folder / entry["filepath"])
    catalog = DataCatalog.from_config(entries)
    for name, value in inputs.items():
        catalog[name] = MemoryDataset(value, copy_mode="assign")
    SequentialRunner().run(create_pipeline(tree()).filter(node_namespaces=["lte.trials"]), catalog)
    kept = (f"lte.edit_{name}" for name in ("results", "metrics", "curves", "retention", "table"))
    return {name: catalog.load(name) for name in kept} | {"data": folder / "data", "inputs": inputs}


def test_every_setting_is_asked_and_measured(tested):
    results = tested["lte.edit_results"]
    states = {(one.setting, one.gated, one.memory_size) for one in results}
    assert states == {
        ("single", True, 1), ("single", False, 1),
        ("batch", True, 2), ("batch", False, 2), ("batch", True, 4), ("batch", False, 4),
        ("sequential", True, 1), ("sequential", True, 2), ("sequential", True, 3), ("sequential", True, 4),
    }  # fmt: skip
    metrics = tested["lte.edit_metrics"]
    assert metrics["headline"]["locality"] == 1.0
    assert metrics["headline"]["gate_recall"] == 1.0
    assert metrics["upstream_parity"]["success"]["rewrite"]["n"] == 4
    assert metrics["cost"]["add_ms"] > 0
    assert metrics["fluency"]["without"] > 0
    ungated = [one for one in results if one.setting == "single" and not one.gated]
    assert {one.token_ratio is None for one in ungated} == {False}
    assert {one.token_ratio for one in results if one not in ungated} == {None}


def test_metrics_say_which_weights_and_which_memory_they_are_of(tested):
    given = tested["inputs"]
    with EditMemory.open(given["lte.edit_memory"], HashedNgrams()) as memory:
        head = memory.head
    expected = {"student": given["lte.model@ref"].digest, "original": given["bmc.model@ref"].digest, "memory": head}
    assert tested["lte.edit_metrics"]["measured_with"] == expected
    assert all_drawn_with(tested["lte.edit_results"]) == expected


def test_locality_behind_the_gate_is_exact_against_the_original_model(tested):
    outside = [one for one in tested["lte.edit_results"] if one.gated and one.aspect in ("relation-specificity", "far")]
    assert len(outside) > 20
    assert all(one.response == one.former and one.passed == 0 for one in outside)


def test_curves_have_one_row_per_size_and_age(tested):
    assert list(tested["lte.edit_curves"]["memory_size"]) == [1, 2, 4]
    assert list(tested["lte.edit_retention"]["edits_after"]) == [0, 1]
    assert "4, no gate" in tested["lte.edit_table"]
    assert (tested["data"] / "08_reporting/lte/edits.png").stat().st_size > 10_000


def test_the_aligned_student_alone_waits_for_the_alignment():
    pipeline = create_pipeline(tree())
    asked = {node.name.rpartition(".")[2] for node in pipeline.from_inputs("lte.model@ref").nodes}
    trials = {node.name.rpartition(".")[2] for node in pipeline.only_nodes_with_namespaces(["lte.trials"]).nodes}
    assert trials - asked == {"lay_out_trials", "measure_edit_costs", "ask_original_student"}


def test_a_number_out_of_range_is_refused():
    with pytest.raises(ValueError, match=r"sizes\.1 must be at least 1, got 0"):
        TrialParams(sizes=[0])
