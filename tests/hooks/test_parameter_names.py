"""A misspelt parameter stops the run before it starts."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from kedro.config import OmegaConfigLoader

from quintain.errors import ConfigError
from quintain.hooks.parameter_names import RENAMED, ParameterNamesHook, refuse_renamed
from quintain.lifecycle.overrides import leaves, refuse_unknown

PROJECT = Path(__file__).parents[2]
KNOWN = {"finetuning": {"sft": {"steps": 10, "lora": {}}}, "roles": {"teacher": {"backend": "oracle"}}}


def test_leaves_are_dotted_names_and_an_empty_group_is_a_leaf():
    assert [name for name, _ in leaves(KNOWN)] == [
        "finetuning.sft.steps",
        "finetuning.sft.lora",
        "roles.teacher.backend",
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"finetuning": {"sft": {"steps": 3}}},
        {"finetuning": {"sft": {"lora": {"r": 8}}}},  # fills a group that is empty in the configuration
        {},
    ],
)
def test_a_known_name_passes(given):
    refuse_unknown((name for name, _ in leaves(given)), KNOWN, "--params")


@pytest.mark.parametrize(
    ("given", "close"),
    [
        ({"finetuning": {"sft": {"stepps": 3}}}, "finetuning.sft.steps"),
        ({"finetunning": {"sft": {"steps": 3}}}, "finetuning.sft.steps"),
        ({"rolles": 1}, "finetuning.sft.steps|roles"),
    ],
)
def test_a_misspelt_name_is_refused_with_the_close_ones(given, close):
    with pytest.raises(ConfigError, match=f"there is no such parameter; did you mean .*({close})"):
        refuse_unknown((name for name, _ in leaves(given)), KNOWN, "--params")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("finetuning.sft.warmup_share", "warmup_ratio"),
        ("world.pretraining.clip_norm", "max_grad_norm"),
        ("distillation.method.least_told_apart", "min_control_accuracy"),
    ],
)
def test_a_setting_under_its_old_name_is_refused_with_the_new_one(old, new):
    first, second, last = old.split(".")
    with pytest.raises(ConfigError, match=f"{old} is an old name: the setting is called `{new}` now"):
        refuse_renamed({first: {second: {last: 0.1}}})


def test_no_setting_of_today_has_a_name_that_is_refused():
    configured = OmegaConfigLoader(str(PROJECT / "conf"), base_env="base", default_run_env="base")["parameters"]
    assert not {name.rpartition(".")[2] for name, _ in leaves(configured)} & set(RENAMED)


def test_an_anchor_of_a_file_cannot_be_set_since_nobody_reads_it():
    loader = OmegaConfigLoader(
        str(PROJECT / "conf"), base_env="base", default_run_env="base", runtime_params={"_trainer": {"seed": 3}}
    )
    with pytest.raises(ConfigError, match=r"--params _trainer\.seed: there is no such parameter"):
        ParameterNamesHook().after_context_created(SimpleNamespace(config_loader=loader))
