from types import SimpleNamespace

import pytest

from quintain import pipeline_registry
from quintain.errors import ConfigError
from quintain.hooks.lifecycle import LifecycleHook


@pytest.fixture
def asked(monkeypatch):
    monkeypatch.setattr(pipeline_registry, "left_out", ())

    monkeypatch.setattr(pipeline_registry, "rounds", pipeline_registry.rounds)

    def ask(document, rounds=3):
        loader = {"lifecycle": document, "parameters": {"distillation": {"rounds": rounds}}}
        LifecycleHook().after_context_created(SimpleNamespace(env="hub", config_loader=loader))
        return pipeline_registry.register_pipelines()

    return ask


def test_the_whole_lifecycle_is_the_sum_of_its_pipelines(asked):
    pipelines = asked({"without": []})
    parts = set().union(*(set(pipelines[name].nodes) for name in pipeline_registry.LIFECYCLE))
    assert set(pipelines["__default__"].nodes) == parts


def test_what_an_environment_leaves_out_can_still_be_run_by_name(asked):
    pipelines = asked({"without": ["world"]})
    assert pipelines["world"].nodes
    assert not set(pipelines["world"].nodes) & set(pipelines["__default__"].nodes)


def test_a_student_that_nobody_trains_is_not_evaluated_or_registered(asked):
    whole = asked({"without": ["editing"]})["__default__"]
    namespaces = {node.namespace for node in whole.nodes}
    assert "lte" not in namespaces
    assert "bmc" in namespaces
    assert "lte.model@ref" not in whole.inputs()


def test_editing_starts_from_the_last_student_that_there_is(asked):
    assert "bmc.model@ref" in asked({"without": []})["editing"].inputs()
    assert "lion.model@ref" in asked({"without": ["preference"]})["editing"].inputs()


def test_a_pipeline_that_does_not_exist_is_named(asked):
    with pytest.raises(ConfigError, match=r"conf/hub/lifecycle\.yml leaves out wrld, which is no pipeline"):
        asked({"without": ["wrld"]})


def test_the_number_of_rounds_comes_from_the_configuration(asked):
    namespaces = {node.namespace for node in asked({"without": []}, rounds=2)["distillation"].nodes}
    assert namespaces == {"round_0", "round_1", "round_2", "lion"}


@pytest.mark.parametrize("rounds", [0, 1.5, True, None])
def test_a_number_of_rounds_that_is_none_is_named(asked, rounds):
    with pytest.raises(ConfigError, match=f"distillation.rounds .* must be a whole number from 1, got {rounds}"):
        asked({"without": []}, rounds)
