"""The pipeline `packs`: from parameters alone to guarded data, in every environment."""

import pytest
from kedro.validation.type_extractor import TypeExtractor

from quintain.pipelines.packs import create_pipeline
from quintain.pipelines.packs.nodes import ExerciseParams, PackEditParams
from tests.lifecycles import tree
from tests.project_configuration import configuration


def test_nothing_goes_in_but_parameters_and_suites_and_every_set_of_rows_passes_its_gate():
    pipeline = create_pipeline(tree())
    assert pipeline.inputs() == {
        "params:packs.exercises",
        "params:packs.edits",
        "pack_pairs_suite",
        "pack_prompts_suite",
    }
    names = {node.name for node in pipeline.nodes}
    assert {"gate_pack_pairs", "gate_pack_prompts"} <= names
    assert {"pack_pairs", "pack_seeds", "pack_prompts", "pack_edits"} <= pipeline.all_outputs()


def test_kedro_builds_every_parameter_from_its_annotation():
    types = TypeExtractor({"packs": create_pipeline(tree())}).extract_types_from_pipelines()
    assert types == {"packs.exercises": ExerciseParams, "packs.edits": PackEditParams}


@pytest.mark.parametrize("environment", ["base", "smollm2"])
def test_the_settings_of_every_environment_are_valid(environment):
    settings = configuration(environment)["parameters"]["packs"]
    ExerciseParams(**settings["exercises"])
    PackEditParams(**settings["edits"])
