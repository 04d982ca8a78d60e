"""Every student that is fine-tuned, from its start and its pairs."""

import pytest
from kedro.validation.type_extractor import TypeExtractor

from quintain.pipelines.finetuning import create_pipeline
from quintain.training.sft import SftParams
from tests.lifecycles import tree
from tests.project_configuration import configuration


def test_the_default_student_is_webr_and_starts_from_base():
    pipeline = create_pipeline(tree())
    assert pipeline.inputs() == {"instruction_pairs", "base.model@ref", "params:finetuning.sft"}
    assert pipeline.outputs() == {"webr.model@hf", "webr.loss_curve", "webr.validation_curve", "webr.training"}


def test_kedro_builds_the_parameters_from_their_annotation():
    types = TypeExtractor({"finetuning": create_pipeline(tree())}).extract_types_from_pipelines()
    assert types == {"finetuning.sft": SftParams}


@pytest.mark.parametrize("environment", ["base", "smoke"])
def test_the_configuration_holds_valid_parameters(environment):
    params = SftParams(**configuration(environment)["parameters"]["finetuning"]["sft"])
    assert params.steps <= {"base": 750, "smoke": 20}[environment]
