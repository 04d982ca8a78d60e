"""Files that settings name are read by whoever reads the setting."""

import pytest

from quintain.versioning.named_files import file_of_source, files_of_parameters

PARAMETERS = {
    "roles": {
        "bindings": {
            "teacher": {"backend": "oracle", "world": "data/01_raw/world.json"},
            "author": {"backend": "local", "address": "models/author"},
            "judge": {"backend": "replay", "address": "/recorded/ledger.sqlite", "model": "judge-1"},
            # What base said of the oracle is left where another environment binds an endpoint.
            "bridger": {"backend": "openai", "address": "http://localhost:8000/v1", "world": "data/left/world.json"},
            "referee": None,
        }
    },
    "decontamination": {"packs": ["data/held_out"]},
}


@pytest.mark.parametrize(
    ("inputs", "files"),
    [
        (["params:roles"], {"data/01_raw/world.json", "models/author", "/recorded/ledger.sqlite"}),
        (["params:roles.bindings.author", "params:finetuning.sft"], {"models/author"}),
        (["params:decontamination"], {"data/held_out"}),
        (["params:finetuning.sft"], set()),
        ([], set()),
    ],
)
def test_a_stage_that_reads_a_setting_reads_the_files_that_it_names(inputs, files):
    assert files_of_parameters(PARAMETERS, inputs) == files


def test_a_project_without_roles_names_no_file():
    assert files_of_parameters({}, ["params:make"]) == set()


def test_a_source_is_a_path_where_it_lies_on_this_machine_or_looks_like_one(tmp_path):
    (tmp_path / "models/mine").mkdir(parents=True)
    assert file_of_source(tmp_path, "models/mine") == "models/mine"
    assert file_of_source(tmp_path, "./models/other") == "models/other"
    assert file_of_source(tmp_path, "../elsewhere/qwen") == "../elsewhere/qwen"
    assert file_of_source(tmp_path, "/elsewhere/qwen") == "/elsewhere/qwen"
    assert file_of_source(tmp_path, "Qwen/Qwen2.5-0.5B-Instruct") is None
