"""From a world to edits, rows, an aligned student and a memory."""

import pytest
from kedro.validation.type_extractor import TypeExtractor

from quintain.almanac.edits import EditParams
from quintain.benchmarks.decontamination import Decontamination
from quintain.edit_memory import EditMemory
from quintain.methods.lte import HashedNgrams
from quintain.methods.lte.alignment_rows import AlignmentRowParams
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles
from quintain.pipelines.editing import create_pipeline
from quintain.pipelines.editing.evaluation import FluencyParams, TrialParams
from quintain.pipelines.editing.nodes import LabelParams
from quintain.statistics.resampling import Resampling
from quintain.training.sft import SftParams
from tests.lifecycles import tree
from tests.project_configuration import configuration


def test_edits_are_drawn_learned_and_remembered(ran):
    assert {row.kind for row in ran["edit_rows"]} == {"in-scope", "out-of-scope", "free-text"}
    training, cases = ran["training"], ran["edit_cases"]
    assert training["steps"] == 4
    assert training["rows"] == len(ran["edit_rows"]) - training["dropped_too_long"] > 0
    with EditMemory.open(ran["memory"], HashedNgrams()) as memory:
        assert len(memory) == len(cases) == 20
        hits = memory.search(cases[0].prompt)
    assert [hit.edit.target_new for hit in hits if hit.passed] == [cases[0].target_new]


def test_rows_are_drafted_and_the_teacher_responds_before_the_start_student_is_there():
    pipeline = create_pipeline(tree())
    waiting = {node.name for node in pipeline.from_inputs("bmc.model@ref").nodes}
    before = {node.name for node in pipeline.to_nodes("lte.alignment.label_rows").nodes} - waiting
    assert {"lte.alignment.draft_alignment_rows", "lte.alignment.ask_teacher"} <= before
    assert "lte.alignment.label_rows" in waiting


def test_kedro_builds_every_parameter_from_its_annotation():
    types = TypeExtractor({"editing": create_pipeline(tree())}).extract_types_from_pipelines()
    assert types == {
        "editing.edits": EditParams,
        "editing.rows": AlignmentRowParams,
        "editing.evaluation.trials": TrialParams,
        "editing.evaluation.sampling": Sampling,
        "editing.evaluation.fluency": FluencyParams,
        "editing.evaluation.resampling": Resampling,
        "editing.labels": LabelParams,
        "editing.sft": SftParams,
        "roles": Roles,
        "decontamination": Decontamination,
    }


@pytest.mark.parametrize("environment", ["base", "smoke", "hub"])
def test_the_settings_of_every_environment_are_valid(environment):
    settings = configuration(environment)["parameters"]["editing"]
    for name, kind in {
        "edits": EditParams,
        "rows": AlignmentRowParams,
        "labels": LabelParams,
        "sft": SftParams,
    }.items():
        kind(**settings[name])
