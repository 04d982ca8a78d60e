"""A misspelt parameter stops the run before it starts."""

import pytest

from quintain.errors import ConfigError
from quintain.hooks.parameter_names import leaves, refuse_unknown

KNOWN = {"finetuning": {"sft": {"steps": 10, "lora": {}}}, "roles": {"teacher": {"backend": "oracle"}}}


def test_leaves_are_dotted_names_and_an_empty_group_is_a_leaf():
    assert list(leaves(KNOWN)) == ["finetuning.sft.steps", "finetuning.sft.lora", "roles.teacher.backend"]


@pytest.mark.parametrize(
    "given",
    [
        {"finetuning": {"sft": {"steps": 3}}},
        {"finetuning": {"sft": {"lora": {"r": 8}}}},  # fills a group that is empty in the configuration
        {},
    ],
)
def test_a_known_name_passes(given):
    refuse_unknown(given, KNOWN)


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
        refuse_unknown(given, KNOWN)
