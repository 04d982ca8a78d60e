"""A model computes in the fastest format that its device has."""

import json

import pytest
import torch

from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.models.number_format import number_format, stored_format
from quintain.processors import computes_bfloat16


def processor(monkeypatch, **units):
    monkeypatch.delenv("ATEN_CPU_CAPABILITY", raising=False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True, "architecture": "x86_64"} | units)


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ({}, "float32"),
        ({"avx512_f": True, "avx512_bf16": False}, "float32"),
        ({"avx512_bf16": True}, "bfloat16"),
        ({"amx_tile": True, "amx_bf16": True}, "bfloat16"),
        ({"architecture": "aarch64", "bf16": True}, "bfloat16"),
    ],
)
def test_a_processor_computes_in_what_it_has_units_for(monkeypatch, units, expected):
    processor(monkeypatch, **units)
    assert number_format("auto", "cpu") == expected
    assert number_format("float32", "cpu") == "float32"
    assert number_format("bfloat16", "cpu") == "bfloat16"


def test_a_processor_whose_wider_units_torch_leaves_alone_has_none(monkeypatch):
    processor(monkeypatch, amx_bf16=True)
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "avx2")
    assert number_format("auto", "cpu") == "float32"


@pytest.mark.parametrize("has_it", [True, False])
def test_a_gpu_is_asked_itself(monkeypatch, has_it):
    processor(monkeypatch, amx_bf16=not has_it)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: has_it and not including_emulation)
    assert computes_bfloat16("cuda:0") == computes_bfloat16() == has_it
    assert computes_bfloat16("cpu") != has_it


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"dtype": "bfloat16"}, "bfloat16"),
        ({"torch_dtype": "float16"}, "float16"),
        ({"text_config": {"dtype": "bfloat16"}}, "bfloat16"),
        ({}, "float32"),
    ],
)
def test_a_folder_says_how_it_is_stored(tmp_path, config, expected):
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert stored_format(tmp_path) == expected


def test_the_name_tells_when_a_model_computes_otherwise_than_it_is_stored(tiny_student, monkeypatch):
    processor(monkeypatch)
    stored = LocalModel(tiny_student, Sampling())
    assert (stored.computed["number_format"], "+" in stored.name) == ("float32", False)
    processor(monkeypatch, amx_bf16=True)
    other = LocalModel(tiny_student, Sampling())
    assert (other.computed["number_format"], other.name) == ("bfloat16", f"{stored.name}+bfloat16")
    assert next(other._model.parameters()).dtype == torch.bfloat16
